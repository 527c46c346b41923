"""Rehearsal: the questions an index is asked before it opens, and how it does on them."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from shopbell.knowledge.calibration import Sample, signals_of
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.fusion import Evidence, Gauge, Heard, Vectors, clarity, fuse
from shopbell.knowledge.lexical import Lexical, wordings_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.words import words

MOST_WORDINGS = 120
"""Wordings asked with themselves left out, spread evenly over the shop's; and as many with a slip."""

CLEAR = 0.6
"""Clarity of a title from which it can pass for a question; a heading over many passages cannot."""

NEAR = 5
"""Matches a customer or the model may be shown."""

ON_TOPIC, FOREIGN = 0.15, 0.15
"""Weight of a question whose passage is taken away, and of an everyday question: few customers ask them."""


def foreign_questions() -> tuple[str, ...]:
    """Return the bundled everyday questions that no shop answers."""
    lines = files("shopbell.knowledge").joinpath("foreign.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


class Rehearsal:
    """Puts questions with a known outcome to an index."""

    def __init__(
        self, passages: Sequence[Passage], lexical: Lexical, vectors: Vectors, embedder: Embedder
    ) -> None:
        """Take the parts of the index that is to be published."""
        self._passages, self._lexical, self._vectors = passages, lexical, vectors
        self._wordings = [text for passage in passages for text in wordings_of(passage)]
        self._gauge = Gauge(passages, lexical, vectors)
        self._embedder = embedder

    def samples(self, foreign: Sequence[str]) -> list[Sample]:
        """Ask everything, the foreign questions too.

        Customers ask now in other words, now nearly in the shop's own: wordings left out stand
        for the one, wordings with a slip or a word missing for the other.
        """
        found: list[Sample] = []
        for number, row in enumerate(self._rows()):
            wording = self._wordings[row]
            same = [n for n, text in enumerate(self._wordings) if text == wording]
            found += self._own(row, wording, same)
            found += self._own(row, slip(wording, number), [])
        return found + [self._foreign(question) for question in foreign]

    def _rows(self) -> list[int]:
        """Choose wordings that can be missed: clear ones whose passage has other words to be found by."""
        clear = clarity(self._passages)
        useful = [
            row
            for row, owner in enumerate(self._lexical.owners)
            if clear[owner] >= CLEAR
            and (self._passages[owner].text.strip() or self._passages[owner].also_asked)
        ]
        steps = np.linspace(0, len(useful) - 1, min(len(useful), MOST_WORDINGS)).round()
        return [useful[int(step)] for step in steps] if useful else []

    def _own(self, row: int, question: str, without: Sequence[int]) -> Iterator[Sample]:
        evidence = self._measure(question, without)
        order = np.argsort(-fuse(evidence), kind="stable")
        twins = self._twins(int(self._lexical.owners[row]))
        first, about = bool(twins[order[0]]), bool(twins[order[:NEAR]].any())
        yield Sample(signals_of(evidence), first=first, about=about, answerable=True)
        if not twins.all():
            yield Sample(
                signals_of(evidence.keep(~twins)), first=False, about=False, answerable=False, weight=ON_TOPIC
            )

    def _twins(self, owner: int) -> NDArray[np.bool_]:
        """Mark the passages that answer the same question: the same title."""
        title = self._passages[owner].title
        return np.array([passage.title == title for passage in self._passages])

    def _foreign(self, question: str) -> Sample:
        evidence = self._measure(question, [])
        return Sample(signals_of(evidence), first=False, about=False, answerable=False, weight=FOREIGN)

    def _measure(self, question: str, without: Sequence[int]) -> Evidence:
        asked = self._lexical.read(question)
        heard = Heard.of(self._embedder.read([question, *asked.rewrites]))
        return self._gauge.measure(asked, heard, without)


def slip(wording: str, number: int) -> str:
    """Return a wording as a hasty customer types it: odd ones lose a word, even ones a letter."""
    found = words(wording)
    longest = max(found, key=len, default="")
    if number % 2 and len(found) > 2:  # noqa: PLR2004 - of two words both are needed
        spare = [place for place, word in enumerate(found) if word != longest]
        found.pop(spare[number % len(spare)] if spare else 0)
    elif len(longest) > 3:  # noqa: PLR2004 - a short word with a slip is another word
        middle = len(longest) // 2
        found[found.index(longest)] = longest[:middle] + longest[middle + 1 :]
    return " ".join(found)
