"""Synonyms: words the shop and its customers use for the same thing."""

from collections.abc import Iterable, Sequence

from shopbell.knowledge.words import stem, words

Phrase = tuple[str, ...]
"""Stems in order."""


class Synonyms:
    """Groups of phrases of one meaning, such as `expresso = espresso` or `opening times = hours`."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        """Take groups of phrases; a phrase may stand in several groups."""
        self._others: dict[Phrase, dict[Phrase, str]] = {}
        for group in groups:
            phrases = {phrase: text for text in group if (phrase := _phrase(text))}
            for phrase in phrases:
                known = self._others.setdefault(phrase, {})
                known.update({other: text for other, text in phrases.items() if other != phrase})
        self._longest = max(map(len, self._others), default=0)

    def found(self, question: Sequence[str]) -> list[tuple[int, int, dict[Phrase, str]]]:
        """Find known phrases in the stems of a question: (start, end, other phrases -> their text).

        The longest phrase wins where two overlap.
        """
        hits: list[tuple[int, int, dict[Phrase, str]]] = []
        start = 0
        while start < len(question):
            end = self._end(question, start)
            if end:
                hits.append((start, end, self._others[tuple(question[start:end])]))
            start = end or start + 1
        return hits

    def _end(self, question: Sequence[str], start: int) -> int:
        for end in range(min(len(question), start + self._longest), start, -1):
            if tuple(question[start:end]) in self._others:
                return end
        return 0


def parse_synonyms(text: str) -> tuple[tuple[str, ...], ...]:
    """Read `expresso=espresso; opening times=hours` as groups; groups of fewer than two are dropped."""
    groups = (tuple(part.strip() for part in group.split("=") if part.strip()) for group in text.split(";"))
    return tuple(group for group in groups if len(group) > 1)


def _phrase(text: str) -> Phrase:
    return tuple(stem(word) for word in words(text))
