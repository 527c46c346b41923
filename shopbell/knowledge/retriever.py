"""Retriever: what the shop's knowledge holds for a question, and how sure that is."""

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from msgspec import Struct

from shopbell.knowledge.blending import blend
from shopbell.knowledge.calibration import signals_of
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.fusion import Evidence, Gauge, Heard, ceiling, fuse
from shopbell.knowledge.lexical import LIGHT_STEMS, Asked, Rows, Scores
from shopbell.knowledge.parts import parts
from shopbell.knowledge.passage import Kind, Match, Outcome, Passage, Retrieval
from shopbell.knowledge.publishing import Indexed, Publisher
from shopbell.knowledge.slots import unsupported
from shopbell.knowledge.synonyms import Synonyms
from shopbell.knowledge.unspoken import unspoken
from shopbell.knowledge.words import stems


class Look(Struct, frozen=True):
    """One question against the passages that are valid today."""

    question: str
    asked: Asked
    heard: Heard
    evidence: Evidence
    scores: Scores
    """float32[valid passages], any range."""
    order: Rows
    """Valid passages, best first."""
    signals: tuple[float, ...]


class Retriever:
    """Searches one state of the shop's knowledge; immutable, so any thread may read it.

    An edit makes another Retriever, which takes this one's place.
    """

    def __init__(self, indexed: Indexed, embedder: Embedder) -> None:
        """Take an index as published, and the model its vectors were made with."""
        self.passages = indexed.passages
        self.calibration = indexed.calibration
        self._lexical, self._embedder = indexed.lexical, embedder
        self._gauge = Gauge(indexed.passages, indexed.lexical, indexed.vectors)
        self._names = _names(indexed.passages)

    def search(self, question: str, *, limit: int = 5, today: date) -> Retrieval:
        """Find the passages that answer `question` and are valid on `today`, best first."""
        start = time.perf_counter()
        valid = np.array([n for n, p in enumerate(self.passages) if p.is_valid(today)], dtype=np.int64)
        if not len(valid) or not question.strip():
            return Retrieval(question=question, outcome=Outcome.NONE, confidence=0.0)
        pieces = parts(question)
        looks = self._look((question, *pieces), valid)
        order = blend([look.scores for look in looks])[: max(1, limit)]
        matches = tuple(
            self._match(looks[0], valid, int(n), score)
            for n, score in zip(order, _falling(looks, order), strict=True)
        )
        outcome, confidence = self._judge(looks, int(valid[order[0]]))
        return Retrieval(
            question=question,
            outcome=outcome,
            confidence=confidence,
            matches=matches,
            seconds=time.perf_counter() - start,
        )

    def _look(self, questions: Sequence[str], valid: Rows) -> list[Look]:
        read = [self._lexical.read(question) for question in questions]
        texts = [(question, *asked.rewrites) for question, asked in zip(questions, read, strict=True)]
        reads = iter(self._embedder.read([text for group in texts for text in group]))
        looks = []
        for question, asked, group in zip(questions, read, texts, strict=True):
            heard = Heard.of([next(reads) for _ in group])
            evidence = self._gauge.measure(asked, heard).keep(valid)
            scores = fuse(evidence)
            order = np.argsort(-scores, kind="stable")
            looks.append(Look(question, asked, heard, evidence, scores, order, signals_of(evidence)))
        return looks

    def _judge(self, looks: Sequence[Look], first: int) -> tuple[Outcome, float]:
        """Judge the whole; of several questions with different answers none is given verbatim."""
        whole = looks[0]
        confidence = self.calibration.confidence(whole.signals)
        outcomes = [self.calibration.judge(look.signals) for look in looks]
        if all(outcome is Outcome.NONE for outcome in outcomes):
            return Outcome.NONE, confidence
        split = len({int(look.order[0]) for look in looks}) > 1
        if outcomes[0] is not Outcome.SURE or split:
            return Outcome.UNSURE, confidence
        return (Outcome.SURE if self._speaks_of(whole, first) else Outcome.UNSURE), confidence

    def _speaks_of(self, look: Look, first: int) -> bool:
        """Say whether a passage speaks of all that the question does."""
        passage = self.passages[first]
        if unsupported(look.question, look.asked, passage, self._names):
            return False
        return not unspoken(look.question, passage, self._gauge.nearest(look.heard, first))

    def _match(self, look: Look, valid: Rows, number: int, score: float) -> Match:
        return Match(
            passage=self.passages[valid[number]],
            score=score,
            dense=float(np.clip(look.evidence.dense[number], -1.0, 1.0)),
            lexical=float(look.evidence.lexical[number]),
        )


def build_retriever(
    passages: Sequence[Passage], embedder: Embedder, folder: Path, synonyms: Synonyms | None = None
) -> Retriever:
    """Bring the index in `folder` to exactly these passages and return what searches them.

    Repeatable: only words not embedded before are embedded, and what is gone is deleted.
    """
    publisher = Publisher(folder, embedder, synonyms)
    try:
        return Retriever(publisher.publish(passages), embedder)
    finally:
        publisher.close()


def _falling(looks: Sequence[Look], order: Rows) -> list[float]:
    """Return the best score of each passage over all looks, in [0, 1], never rising down the list."""
    best = np.max([look.scores[order] for look in looks], axis=0) / ceiling(looks[0].evidence.worded)
    falling = np.maximum.accumulate(best[::-1])[::-1]
    return [float(score) for score in np.clip(falling, 0.0, 1.0)]


def _names(passages: Sequence[Passage]) -> frozenset[str]:
    """Collect the stems that name one product and stand in few other titles."""
    held: dict[str, int] = {}
    for passage in passages:
        for word in set(stems(passage.title)) if passage.kind is Kind.PRODUCT else ():
            held[word] = held.get(word, 0) + 1
    return frozenset(word for word in held if word not in LIGHT_STEMS)
