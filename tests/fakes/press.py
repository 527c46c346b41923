"""A press without an index: the searcher compares words only."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from shopbell.knowledge.lexical import Scores, wordings_of
from shopbell.knowledge.library import Prepared
from shopbell.knowledge.passage import Match, Outcome, Passage, Retrieval
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding import vectors_of


class FakePress:
    """Keeps every state that was published."""

    def __init__(self) -> None:
        self.embedder = FakeEmbedder()
        self.published: list[tuple[Passage, ...]] = []
        self.closed = False
        self.version = "1"

    def publish(self, passages: Sequence[Passage]) -> Prepared:
        self.published.append(tuple(passages))
        return Prepared(FakeSearcher(tuple(passages), self.embedder), vectors_of(passages, self.embedder))

    def close(self) -> None:
        self.closed = True


class FakeSearcher:
    """Ranks by the nearest wording: sure from a cosine of 0.6, none below 0.3."""

    def __init__(self, passages: tuple[Passage, ...], embedder: FakeEmbedder) -> None:
        self._passages = passages
        self._embedder = embedder

    def search(self, question: str, *, limit: int = 5, today: date) -> Retrieval:
        asked = self._embedder.embed([question])[0]
        matches = sorted(
            (self._match(passage, asked) for passage in self._passages if passage.is_valid(today)),
            key=lambda match: -match.dense,
        )[:limit]
        best = matches[0].dense if matches else 0.0
        outcome = Outcome.SURE if best >= 0.6 else Outcome.UNSURE if best >= 0.3 else Outcome.NONE
        return Retrieval(
            question=question, outcome=outcome, confidence=max(0.0, min(1.0, best)), matches=tuple(matches)
        )

    def _match(self, passage: Passage, asked: Scores) -> Match:
        best = float(np.max(self._embedder.embed(wordings_of(passage)) @ asked))
        return Match(passage=passage, score=max(0.0, min(1.0, best)), dense=best, lexical=0.0)
