"""Rehearsal: the questions an index is asked before it opens, and how it does on them."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from shopbell.knowledge.calibration import Sample, signals_of
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.fusion import Evidence, Gauge, Vectors, clarity, fuse
from shopbell.knowledge.lexical import Lexical, Scores, wordings_of
from shopbell.knowledge.passage import Passage

MOST_WORDINGS = 150
"""Wordings asked with themselves left out, spread evenly over the shop's."""

CLEAR = 0.6
"""Clarity of a title from which it can pass for a question; a heading over many passages cannot."""

NEAR = 5
"""Matches a customer or the model may be shown."""

ON_TOPIC, FOREIGN = 0.5, 0.5
"""Weight of a question whose passage is taken away, and of an everyday question."""


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

    def samples(self, foreign: Sequence[str], vectors: Scores) -> list[Sample]:
        """Ask everything; `vectors` are those of the foreign questions, float32[n, 384]."""
        found = [sample for row in self._rows() for sample in self._wording(row)]
        pairs = zip(foreign, vectors, strict=True)
        return found + [self._foreign(question, vector) for question, vector in pairs]

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

    def _wording(self, row: int) -> Iterator[Sample]:
        owner = int(self._lexical.owners[row])
        same = [n for n, text in enumerate(self._wordings) if text == self._wordings[row]]
        evidence = self._measure(self._wordings[row], self._vectors.asked[row], same)
        order = np.argsort(-fuse(evidence), kind="stable")
        twins = self._twins(owner)
        yield Sample(signals_of(evidence), first=bool(twins[order[0]]), about=bool(twins[order[:NEAR]].any()))
        if not twins.all():
            yield Sample(signals_of(evidence.keep(~twins)), first=False, about=False, weight=ON_TOPIC)

    def _twins(self, owner: int) -> NDArray[np.bool_]:
        """Mark the passages that answer the same question: the same title."""
        title = self._passages[owner].title
        return np.array([passage.title == title for passage in self._passages])

    def _foreign(self, question: str, vector: Scores) -> Sample:
        evidence = self._measure(question, vector, [])
        return Sample(signals_of(evidence), first=False, about=False, weight=FOREIGN)

    def _measure(self, question: str, vector: Scores, without: Sequence[int]) -> Evidence:
        asked = self._lexical.read(question)
        vectors = vector[None, :]
        if asked.rewrites:
            vectors = np.vstack([vectors, self._embedder.embed(asked.rewrites)])
        return self._gauge.measure(asked, vectors, without)
