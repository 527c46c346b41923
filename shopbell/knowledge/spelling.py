"""Spelling: the shop's word a customer meant, when the one typed is nobody's word.

Candidates are found by deleting one letter from either side (SymSpell, Wolf Garbe), then held
to an edit distance in which swapped neighbours count once (Damerau, optimal string alignment).
"""

from collections import Counter
from collections.abc import Callable, Iterable

SHORTEST = 4
"""Letters below which a word is never mended: too many neighbours."""

LONG = 8
"""Letters from which two slips are forgiven instead of one."""


class Speller:
    """Knows the words of one index."""

    def __init__(self, vocabulary: Iterable[str], is_word: Callable[[str], bool]) -> None:
        """Take every word of the shop's texts, repeated as often as used; `is_word` knows everyday words."""
        self._counts = Counter(word for word in vocabulary if word.isalpha())
        self._is_word = is_word
        self._near: dict[str, set[str]] = {}
        for word in self._counts:
            if len(word) >= SHORTEST:
                for form in _forms(word):
                    self._near.setdefault(form, set()).add(word)

    def mend(self, word: str) -> tuple[str, ...]:
        """Return the shop's word or two words meant by `word`; nothing if it needs no mending."""
        if word in self._counts or not word.isalpha() or len(word) < SHORTEST:
            return ()
        if self._is_word(word):
            return self._apart(word)
        near = self._nearest(word) or self._longer(word)
        return (near,) if near else self._apart(word)

    def _longer(self, word: str) -> str | None:
        """Return the commonest word that begins with `word`: "choc" for "chocolate"."""
        longer = [known for known in self._counts if known.startswith(word)]
        return max(longer, key=lambda known: (self._counts[known], known), default=None)

    def _nearest(self, word: str) -> str | None:
        candidates = {near for form in _forms(word) for near in self._near.get(form, ())}
        allowed = 2 if len(word) >= LONG else 1
        ranked = sorted(
            (distance(word, near), near[0] != word[0], -self._counts[near], near) for near in candidates
        )
        return ranked[0][3] if ranked and ranked[0][0] <= allowed else None

    def _apart(self, word: str) -> tuple[str, ...]:
        for cut in range(3, len(word) - 2):
            if word[:cut] in self._counts and word[cut:] in self._counts:
                return (word[:cut], word[cut:])
        return ()


def distance(one: str, other: str) -> int:
    """Return how many letters must be added, dropped, changed or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        two_before, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _forms(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
