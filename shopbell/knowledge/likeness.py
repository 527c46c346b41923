"""Likeness: which texts of a shop are alike, where only those that are new are compared with the others."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct

from shopbell.knowledge.lexical import Rows, Scores

MAX_PAIRS = 100_000
"""Pairs of like texts looked at: a copied file must not take minutes."""

_DIGEST = 12
"""Bytes of a text's digest: no two texts of a shop share them by chance."""
_ROWS = 512
"""Rows compared with others at a time."""

Key = tuple[bytes, int]
"""Digest of a text, and how many of the same came before it."""
Alike = tuple[int, int, float]
"""Two rows, the lower first, and their cosine."""


class Memory(Struct, frozen=True):
    """What was compared, and what was found alike; can be kept over a restart."""

    seen: frozenset[Key] = frozenset()
    pairs: tuple[tuple[Key, Key, float], ...] = ()


class Likeness:
    """The pairs of texts with a cosine of at least `least`; remembers those of the last time."""

    def __init__(self, least: float) -> None:
        self._least = least
        self.memory = Memory()
        """Of the last look; may be put back after a restart, while the texts have the same vectors."""

    def pairs(self, texts: Sequence[str], rows: Scores) -> list[Alike]:
        """Return the pairs in the order of their rows; `rows` are the unit vectors of the texts.

        A text that was there the last time, anywhere, is not compared again with those that were, too.
        """
        keys = list(_numbered(texts))
        place = {key: row for row, key in enumerate(keys)}
        fresh = np.array([row for row, key in enumerate(keys) if key not in self.memory.seen], dtype=np.int64)
        known = [
            (min(place[one], place[other]), max(place[one], place[other]), cosine)
            for one, other, cosine in self.memory.pairs
            if one in place and other in place
        ]
        compared = list(islice(self._compared(fresh, rows), MAX_PAIRS + 1))
        found = sorted([*known, *compared])
        whole = len(found) <= MAX_PAIRS  # what was cut off must be found the next time
        pairs = tuple((keys[one], keys[other], cosine) for one, other, cosine in found)
        self.memory = Memory(frozenset(keys), pairs) if whole else Memory()
        return found[:MAX_PAIRS]

    def _compared(self, fresh: Rows, rows: Scores) -> Iterator[Alike]:
        """Compare fresh rows with all, without holding all cosines at once; each pair comes once."""
        is_fresh = np.zeros(len(rows), dtype=np.bool_)
        is_fresh[fresh] = True
        for start in range(0, len(fresh), _ROWS):
            block = fresh[start : start + _ROWS]
            first = int(block[0]) if len(fresh) == len(rows) else 0  # all are: those above were compared
            cosines = rows[block] @ rows[first:].T
            for at, other in zip(*np.nonzero(cosines >= self._least), strict=True):
                one, two = int(block[at]), int(other) + first
                if one < two or (one > two and not is_fresh[two]):
                    yield min(one, two), max(one, two), float(cosines[at, other])


def _numbered(texts: Sequence[str]) -> Iterator[Key]:
    before: Counter[str] = Counter()
    for text in texts:
        yield hashlib.sha256(text.encode()).digest()[:_DIGEST], before[text]
        before[text] += 1
