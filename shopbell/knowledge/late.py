"""Late interaction: how well each word of a question finds its like among the words of a passage.

The mean vector of a sentence blurs its words; "loo for someone in a chair" is near many things. So the
vectors of the words themselves are kept, and a passage scores the mean, over the question's words, of the
nearest of its own (MaxSim: Khattab and Zaharia, ColBERT, 2020), rare words counting more than common ones.
A word is common also where its like is: in a FAQ on a virus "virus" tells nothing apart though few say it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.words import LIGHT, plain, stem

Scores = NDArray[np.float32]

LIGHT_SHARE = 0.2
"""Share of its rarity that a light word such as "how" keeps."""

FEW = 10
"""Passages beside which likeness to all of them says little of a word."""


class Words(Struct, frozen=True):
    """The words of one text, each with its vector in that text."""

    texts: tuple[str, ...] = ()
    """In plain form."""
    rows: Scores = np.empty((0, 384), dtype=np.float32)
    """float32[len(texts), 384], each of length 1."""

    def telling(self) -> "Words":
        """Return those that carry a meaning of their own, all if there are none."""
        places = [place for place, text in enumerate(self.texts) if _tells(text)]
        return Words(tuple(self.texts[place] for place in places), self.rows[places]) if places else self


class Kept(Struct, frozen=True):
    """Words of a passage: which of its wordings they stand in, and their vectors."""

    wording: int
    """Row of the wording among all of the shop's; -1 for the passage's text."""
    rows: NDArray[np.floating[Any]]
    """float[words, 384], of any precision."""


class WordIndex:
    """The words of all passages of one shop; immutable."""

    def __init__(self, passages: Sequence[Sequence[Kept]]) -> None:
        """Take the kept words of each passage, in the order of the passages."""
        kept = [one for passage in passages for one in passage]
        self._starts = np.cumsum([0, *(sum(len(one.rows) for one in passage) for passage in passages)])
        self._rows = np.concatenate([np.empty((0, 384)), *(one.rows for one in kept)], dtype=np.float32)
        self._wording = np.repeat([one.wording for one in kept], [len(one.rows) for one in kept])

    def late(self, heard: Words, rarity: Callable[[str], float], without: Sequence[int] = ()) -> Scores:
        """Return float32[passages] in [0, 1]: the weighted mean over the words heard of the best likeness.

        `without` leaves wordings out, as if the shop had never written them.
        """
        count = len(self._starts) - 1
        if not heard.texts or not len(self._rows):
            return np.zeros(count, dtype=np.float32)
        likeness = heard.rows @ self._rows.T
        if without:
            likeness[:, np.isin(self._wording, without)] = 0.0
        held = np.flatnonzero(np.diff(self._starts))
        best = np.zeros((len(heard.texts), count), dtype=np.float32)
        best[:, held] = np.maximum.reduceat(likeness, self._starts[held], axis=1)
        best = np.clip(best, 0.0, 1.0)
        weights = np.array([_weight(text, rarity) for text in heard.texts], dtype=np.float32)
        weights *= 1.0 - best.sum(axis=1) / (count + FEW)
        return np.asarray(np.clip(weights @ best / weights.sum(), 0.0, 1.0), dtype=np.float32)

    def nearest(self, heard: Words, passage: int) -> Scores:
        """Return float32[words heard] in [-1, 1]: the likeness of each to the nearest word of one passage."""
        rows = self._rows[self._starts[passage] : self._starts[passage + 1]]
        if not len(rows):
            return np.zeros(len(heard.texts), dtype=np.float32)
        return np.asarray((heard.rows @ rows.T).max(axis=1), dtype=np.float32)


def _weight(text: str, rarity: Callable[[str], float]) -> float:
    return max(rarity(stem(text)), 0.1) * (1.0 if _tells(text) else LIGHT_SHARE)


def _tells(text: str) -> bool:
    return text not in LIGHT and (len(text) > 1 or text.isdigit())


def grouped(
    pieces: Sequence[int | None], spans: Sequence[tuple[int, int]], text: str
) -> Iterator[tuple[str, list[int]]]:
    """Yield each word of `text` in plain form with the places of its pieces; marks and signs are left out."""
    places: dict[int, list[int]] = {}
    for place, word in enumerate(pieces):
        if word is not None:
            places.setdefault(word, []).append(place)
    for members in places.values():
        written = plain(text[spans[members[0]][0] : spans[members[-1]][1]])
        if any(letter.isalnum() for letter in written):
            yield written, members
