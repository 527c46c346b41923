"""The sets the fusion is fitted on: FAQ and paragraph search, intents turned into a FAQ, the demo shop.

Of the public sets the development halves only; nothing of them is kept but the coefficients. The
demo shop is asked our own questions (lantern_questions.csv), never those of its golden.csv.
"""

import csv
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from shopbell.knowledge.embedding import MiniLM, Read, Vectors
from shopbell.knowledge.ingest import Ingest
from shopbell.knowledge.late import Words
from shopbell.knowledge.passage import Passage
from shopbell.storage.database import open_database


class Ask(Struct, frozen=True):
    """A question with the passages that answer it; none if nothing does."""

    text: str
    relevant: tuple[str, ...]
    group: str
    """Questions of one group are never on both sides of a cross-validation."""
    about: bool = True
    """Whether the shop has anything on the matter, answer or not."""


class Set(Struct, frozen=True):
    """One set of passages and questions."""

    name: str
    family: str
    """Sets of one source; left out together."""
    weight: float
    passages: tuple[Passage, ...]
    asks: tuple[Ask, ...]


WEIGHTS = {"covidfaq": 3.0, "stackfaq": 4.0, "squad2": 3.0}
"""Sets with questions people really asked, or passages of real length, count more than made-up FAQs.

These and the weights below were chosen among some twenty settings, by these sets and four invented shops that
were left out.
"""

INTENTS = (
    ("banking77", 0, False, 0.3),
    ("banking77", 3, True, 0.6),
    ("clinc150", 0, False, 0.3),
    ("clinc150", 2, True, 0.3),
)
"""Source, other wordings per entry, whether the title is the bare label, weight."""

QUESTIONS = 6
"""Questions asked of each entry made of an intent."""


QUESTIONS_OF_SHOP = Path(__file__).parent / "lantern_questions.csv"
SHOP = Path(__file__).resolve().parents[1] / "examples" / "lantern-street"
OTHER_SHOPS = Path(__file__).parent / "fit_shops"
"""Invented shops with questions in customers' words, written for fitting."""


def sets(data: Path, count: Callable[[str], int]) -> list[Set]:
    """Read the sets under `data`, retrieval/*/{docs,queries}.jsonl and intents/*/*.jsonl, and the demo shop.

    `count` counts word pieces, by which the shop's texts are cut.
    """
    found = [_retrieval(data / "retrieval" / name, weight) for name, weight in WEIGHTS.items()]
    shops = [_other_shop(folder, count) for folder in sorted(OTHER_SHOPS.iterdir())]
    return [*found, _shop(count), *shops] + [
        _intents(data / "intents" / name, number, others, bare, weight)
        for number, (name, others, bare, weight) in enumerate(INTENTS)
    ]


def _retrieval(folder: Path, weight: float) -> Set:
    docs = [
        Passage(id=row["id"], title=row["title"], text=row["text"], also_asked=tuple(row["also_asked"]))
        for row in _rows(folder / "docs.jsonl")
    ]
    asks = [
        Ask(row["query"], tuple(row["relevant"]) if row["answerable"] else (), _group(row["relevant"]))
        for row in _rows(folder / "queries.jsonl")
    ]
    return Set(folder.name, folder.name, weight, tuple(docs), tuple(asks))


def _shop(count: Callable[[str], int]) -> Set:
    passages = _ingested(SHOP, count)
    with QUESTIONS_OF_SHOP.open(encoding="utf-8") as file:
        asks = [
            Ask(row["question"], tuple(row["expect"].split()), row["expect"]) for row in csv.DictReader(file)
        ]
    return Set("demo shop", "demo shop", 2.0, passages, tuple(asks))


def _other_shop(folder: Path, count: Callable[[str], int]) -> Set:
    with tempfile.TemporaryDirectory() as shop:
        (Path(shop) / "faq").mkdir()
        shutil.copy(folder / "faq.md", Path(shop) / "faq")
        passages = _ingested(Path(shop), count)
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        asks = [
            Ask(
                row["question"],
                tuple(f"faq#{name}" for name in row["expect"].split("|") if name),
                row["question"],
            )
            for row in csv.DictReader(file)
        ]
    return Set(folder.name, "other shops", 0.2, passages, tuple(asks))


def _ingested(shop: Path, count: Callable[[str], int]) -> tuple[Passage, ...]:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(Path(folder) / "shop.db")
        passages = Ingest(engine, count, ZoneInfo("Europe/London")).run(shop).passages
        engine.dispose()
    return passages


def _group(relevant: Sequence[str]) -> str:
    """Name the document or, where a thread has several answers (t000a0), the thread."""
    first = min(relevant, default="")
    return first.partition("a")[0] if first.startswith("t") else first


def _intents(folder: Path, number: int, others: int, bare: bool, weight: float) -> Set:
    rng = random.Random(number)
    by_label: dict[str, list[str]] = {}
    for row in _rows(folder / "train.jsonl"):
        by_label.setdefault(row["label"], []).append(row["text"])
    strange = by_label.pop("oos", [])
    passages, asks = [], [Ask(text, (), text, about=False) for text in strange]
    for label, texts in sorted(by_label.items()):
        drawn = rng.sample(sorted(set(texts)), min(len(set(texts)), 1 + others + QUESTIONS))
        title = label.replace("_", " ") if bare else drawn[0]
        passages.append(Passage(id=label, title=title, text="", also_asked=tuple(drawn[1 : 1 + others])))
        asks += [Ask(text, (label,), label) for text in drawn[1 + others :]]
    return Set(f"{folder.name}-{others}", folder.name, weight, tuple(passages), tuple(asks))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


class Kept:
    """MiniLM with what it read kept in a file, so that a second fit embeds nothing."""

    def __init__(self, folder: Path, cache: Path) -> None:
        """Load the model, and what a former run read if it was by the same model."""
        self._model = MiniLM(folder)
        self._path = cache / f"reads-{self.fingerprint}.npz"
        self._known: dict[str, Read] = {}
        if self._path.is_file():
            held = np.load(self._path)
            words = np.split(held["words"], np.cumsum(held["lengths"])[:-1])
            found = zip(held["keys"].tolist(), held["rows"], held["texts"].tolist(), words, strict=True)
            self._known = {
                key: Read(row, Words(tuple(texts.split()), near)) for key, row, texts, near in found
            }

    @property
    def fingerprint(self) -> str:
        """Return the model's own."""
        return self._model.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32[len(texts), 384]."""
        return np.stack([read.vector for read in self.read(texts)])

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Return vectors and words."""
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        for key, read in zip(fresh, self._model.read(list(fresh.values())), strict=True):
            self._known[key] = Read(read.vector, Words(read.words.texts, read.words.rows.astype(np.float16)))
        return [self._known[key] for key in keys]

    def token_count(self, text: str) -> int:
        """Count word pieces."""
        return self._model.token_count(text)

    def is_word(self, word: str) -> bool:
        """Say whether `word` is an everyday word."""
        return self._model.is_word(word)

    def save(self) -> None:
        """Keep what was read for another run."""
        reads = list(self._known.values())
        np.savez(
            self._path,
            keys=np.array(list(self._known)),
            rows=np.array([read.vector for read in reads]),
            texts=np.array([" ".join(read.words.texts) for read in reads]),
            lengths=np.array([len(read.words.texts) for read in reads]),
            words=np.concatenate([read.words.rows for read in reads]),
        )
