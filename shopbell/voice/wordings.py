"""Questions that the shop knows word for word: who has said one of them has finished. Pure."""

from collections.abc import Iterable
from itertools import pairwise

from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.words import words

FEWEST = 4
"""Words of such a question; fewer are too often the beginning of another one."""


def wordings(passages: Iterable[Passage]) -> frozenset[str]:
    """Return what `is_one` looks among: every way to ask, but none that another one goes on from."""
    questions = (passage for passage in passages if passage.kind is Kind.FAQ)
    asked = (text for passage in questions for text in (passage.title, *passage.also_asked))
    known = sorted({_plain(text) for text in asked})
    # In this order what goes on from a wording stands right behind it.
    alone = {first for first, second in pairwise([*known, ""]) if not second.startswith(f"{first} ")}
    return frozenset(wording for wording in alone if wording.count(" ") >= FEWEST - 1)


def is_one(text: str, known: frozenset[str]) -> bool:
    """Say whether the words are one of the known wordings, whatever their punctuation."""
    return _plain(text) in known


def _plain(text: str) -> str:
    return " ".join(words(text))
