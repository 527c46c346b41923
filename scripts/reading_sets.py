"""Outside question sets for measuring the reader: how they are read, parted and scored."""

import json
import random
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.passage import Kind, Passage

T = TypeVar("T")
TUNED_ON = {"fit": ("Yuan dynasty", "French and Indian War"), "validate": ("Huguenot", "1973 oil crisis")}
"""Articles of SQuAD 2.0's development set that weights were fitted and thresholds chosen on."""


class Question(Struct, frozen=True, kw_only=True):
    """A question with the passage that is on its topic."""

    id: str
    query: str
    answerable: bool
    answers: tuple[str, ...]
    passage: Passage
    part: str


class _Query(Struct):
    id: str
    query: str
    relevant: list[str]
    answerable: bool
    answers: list[str] = []


class _Document(Struct):
    id: str
    title: str
    text: str


class Pair(Struct, frozen=True):
    """A question with knowledge, its right answer and one that was made up."""

    knowledge: str
    question: str
    right_answer: str
    hallucinated_answer: str


def squad(folder: Path) -> list[Question]:
    """Read docs.jsonl and queries.jsonl; whole articles belong to one part."""
    documents = {it.id: it for it in _lines(folder / "docs.jsonl", _Document)}
    return [
        Question(
            id=query.id,
            query=query.query,
            answerable=query.answerable,
            answers=tuple(query.answers),
            passage=Passage(id=it.id, title=it.title, text=it.text, kind=Kind.DOCUMENT),
            part=part_of(it.title),
        )
        for query in _lines(folder / "queries.jsonl", _Query)
        for it in (documents[query.relevant[0]],)
    ]


def part_of(title: str) -> str:
    """Say which part an article belongs to; whatever the product was not tuned on is `test`."""
    return next((part for part, titles in TUNED_ON.items() if title in titles), "test")


def chosen(questions: Sequence[Question], part: str, most: int, seed: int) -> list[Question]:
    """Return at least `most` questions of a part (`all` for every part), whole passages at random."""
    by_passage: dict[str, list[Question]] = {}
    for question in questions:
        if part in (question.part, "all"):
            by_passage.setdefault(question.passage.id, []).append(question)
    order = list(by_passage)
    random.Random(seed).shuffle(order)
    found: list[Question] = []
    for passage in order:
        if len(found) < most:
            found += by_passage[passage]
    return found


def pairs(file: Path, part: str, seed: int = 11) -> list[Pair]:
    """Read the grounding set and return one third of it at random, or all."""
    every = list(_lines(file, Pair))
    order = list(range(len(every)))
    random.Random(seed).shuffle(order)
    third = len(order) // 3
    cut = {
        "fit": order[:third],
        "validate": order[third : 2 * third],
        "test": order[2 * third :],
        "all": order,
    }
    return [every[place] for place in cut[part]]


def f1(answer: str, references: Sequence[str]) -> float:
    """Return the best token F1 against the references, as SQuAD scores it, in [0, 1]."""
    return max((_f1(_tokens(answer), _tokens(reference)) for reference in references), default=0.0)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Return the probability that a positive scores above a negative, ties counting half."""
    value, truth = np.asarray(scores, float), np.asarray(positive, bool)
    above: NDArray[np.float64] = value[truth][:, None] - value[~truth][None, :]
    return float(np.mean(above > 0) + 0.5 * np.mean(above == 0))


def _f1(answer: list[str], reference: list[str]) -> float:
    if not answer or not reference:
        return float(answer == reference)
    shared = sum((Counter(answer) & Counter(reference)).values())
    return 2 * shared / (len(answer) + len(reference))


def _tokens(text: str) -> list[str]:
    plain = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", plain).split()


def _lines(file: Path, kind: type[T]) -> Iterable[T]:
    with file.open("rb") as lines:
        for line in lines:
            yield msgspec.convert(json.loads(line), kind)
