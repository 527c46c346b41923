"""Fusion: what is measured of a question and a passage, and the one score that orders passages.

Reciprocal rank (Cormack, Clarke and Buettcher 2009) with equal weights throws away by how much
one passage beats the next, and loses wherever one of the two lists is much the better. So the
scores themselves are features beside the reciprocal ranks, and a linear model weighs them: the
conditional logit of listwise ranking (Cao et al. 2007), fitted by `scripts/fit_retrieval`. A likeness
to one of six wordings of customers says something else than a likeness to a title alone, so the
weights move from one end to the other with the number of wordings that the shop has written down.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.embedding import Read
from shopbell.knowledge.late import WordIndex, Words
from shopbell.knowledge.lexical import Asked, Lexical, Rows, Scores
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.weights import WEIGHTS, WORDED

RANK_OFFSET = 10.0
"""Ranks this far down still differ little: offset / (offset + rank)."""

MANY_WORDINGS = 4.0
"""Wordings of a passage, its title among them, in the mean, from which `WORDED` counts in full."""

FIELDS = (
    "dense_asked",
    "dense_text",
    "dense_body",
    "lexical_asked",
    "lexical_text",
    "lexical_body",
    "covered_asked",
    "covered_body",
    "overlap_asked",
    "pairs_asked",
    "brevity_asked",
    "late",
)
"""What is measured of a passage: cosines, BM25 shares, shares of the question's words found or alike."""

NAMES = (*FIELDS, "dense_best", "rank_dense", "rank_asked", "rank_lexical", "rank_late")
"""The features of a passage, in the order of `WEIGHTS`."""

_ASKED = tuple(FIELDS.index(name) for name in FIELDS if name.endswith("_asked"))


class Vectors(Struct, frozen=True):
    """Unit vectors of one shop's passages."""

    asked: Scores
    """float32[wordings, 384], in the order of `Lexical.owners`."""
    text: Scores
    """float32[passages, 384] of the text alone; of the title where there is no text."""
    body: Scores
    """float32[passages, 384] of title and text together."""
    words: WordIndex
    """The words of wordings and texts."""


class Heard(Struct, frozen=True):
    """A question and its rewrites as the embedder read them."""

    vectors: Scores
    """float32[readings, 384]."""
    words: tuple[Words, ...]
    """Of each reading."""

    @classmethod
    def of(cls, reads: Sequence[Read]) -> "Heard":
        """Put together what was read of one question, at least the question itself."""
        return cls(np.stack([read.vector for read in reads]), tuple(read.words for read in reads))


class Evidence(Struct, frozen=True):
    """All that was measured of one question against every passage."""

    table: Scores
    """float32[passages, len(FIELDS)]; the questions' columns are scaled by the title's clarity."""
    dense: Scores
    """Best cosine of each passage, float32[passages]."""
    worded: float
    """How far the shop has written down wordings beside its titles, in [0, 1]."""

    def column(self, name: str) -> Scores:
        """Return one of `FIELDS`, float32[passages]."""
        return np.asarray(self.table[:, FIELDS.index(name)])

    @property
    def lexical(self) -> Scores:
        """Best BM25 share of each passage, float32[passages] in [0, 1]."""
        return np.asarray(np.max([self.column(f"lexical_{of}") for of in ("asked", "text", "body")], axis=0))

    def keep(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Evidence":
        """Return the same for some of the passages only."""
        return Evidence(self.table[rows], self.dense[rows], self.worded)


class Gauge:
    """Measures questions against the passages of one index; immutable."""

    def __init__(self, passages: Sequence[Passage], lexical: Lexical, vectors: Vectors) -> None:
        """Take the passages in the order of `lexical` and `vectors`."""
        self._lexical, self._vectors = lexical, vectors
        self._count = len(passages)
        self._titles = np.searchsorted(lexical.owners, np.arange(self._count))
        self._clarity = clarity(passages)
        self._texts = np.array([bool(passage.text.strip()) for passage in passages])
        self._worded = worded(len(lexical.owners), self._count)

    def measure(self, asked: Asked, heard: Heard, without: Sequence[int] = ()) -> Evidence:
        """Measure one question.

        `without` leaves rows of wordings out of the index, as if the shop had never written them.
        """
        near = [(heard.vectors @ rows.T).max(axis=0) for rows in self._rows()]
        table = np.zeros((self._count, len(FIELDS)), dtype=np.float32)
        questions_of = self._lexical.asked.share(asked.terms)
        text, body = self._lexical.text.share(asked.terms), self._lexical.body.share(asked.terms)
        by_wording = (
            near[0],
            questions_of.score,
            questions_of.covered,
            questions_of.overlap,
            self._lexical.pairs.overlap(asked.stems),
            self._lexical.pairs.brevity,
        )
        for column, values in zip(_ASKED, by_wording, strict=True):
            table[:, column] = self._best(values, without) * self._clarity
        for name, values in (
            ("dense_text", near[1] * self._texts),
            ("dense_body", near[2]),
            ("lexical_text", text.score),
            ("lexical_body", body.score),
            ("covered_body", body.covered),
            ("late", self._late(heard, without)),
        ):
            table[:, FIELDS.index(name)] = values
        untitled = self._lexical.owners[np.intersect1d(self._titles, np.array(without, dtype=np.int64))]
        self._untitle(table, untitled, text.covered)
        return Evidence(table, table[:, :3].max(axis=1), self._worded)

    def nearest(self, heard: Heard, passage: int) -> list[tuple[Words, Scores]]:
        """Return each reading's words, and how like each is to the nearest word of one passage."""
        return [(words, self._vectors.words.nearest(words, passage)) for words in heard.words]

    def _late(self, heard: Heard, without: Sequence[int]) -> Scores:
        readings = (self._vectors.words.late(words, self._lexical.rarity, without) for words in heard.words)
        return np.asarray(np.max(list(readings), axis=0), dtype=np.float32)

    def _rows(self) -> tuple[Scores, Scores, Scores]:
        return self._vectors.asked, self._vectors.text, self._vectors.body

    def _best(self, values: Scores, without: Sequence[int]) -> Scores:
        """Best wording of each passage; one left out counts nothing."""
        if without:
            values = values.copy()
            values[list(without)] = 0.0
        return np.maximum.reduceat(values, self._titles)

    @staticmethod
    def _untitle(table: Scores, passages: Rows, covered_text: Scores) -> None:
        """Let passages without their title be known by their text alone."""
        for name in ("dense", "lexical"):
            table[passages, FIELDS.index(f"{name}_body")] = table[passages, FIELDS.index(f"{name}_text")]
        table[passages, FIELDS.index("covered_body")] = covered_text[passages]


def features(evidence: Evidence) -> Scores:
    """Return float32[passages, len(NAMES)]: what was measured, the best cosine and the ranks."""
    spoken = evidence.column("lexical_body") + evidence.column("lexical_asked")
    ranks = (evidence.column("dense_body"), evidence.column("dense_asked"), spoken, evidence.column("late"))
    columns = [evidence.dense, *(_reciprocal_rank(scores) for scores in ranks)]
    return np.column_stack([evidence.table, *columns]).astype(np.float32)


def fuse(evidence: Evidence) -> Scores:
    """Return one score per passage, float32[passages]: log odds up to a constant of the question."""
    return features(evidence) @ _weights(evidence.worded)


def _weights(share: float) -> Scores:
    return np.array([WEIGHTS[name] + share * WORDED[name] for name in NAMES], dtype=np.float32)


def _reciprocal_rank(scores: Scores) -> Scores:
    ranks = np.empty(len(scores), dtype=np.float32)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores), dtype=np.float32)
    return np.asarray(RANK_OFFSET / (RANK_OFFSET + ranks), dtype=np.float32)


def clarity(passages: Sequence[Passage]) -> Scores:
    """How far a title tells its passage from the others, in [0, 1]: 1 if no other has it.

    The rarity of the title as if it were a word: a heading shared by forty passages says little.
    """
    if len(passages) < 2:  # noqa: PLR2004 - a single title is clear
        return np.ones(len(passages), dtype=np.float32)
    held = Counter(passage.title for passage in passages)
    every = math.log(len(passages))
    shares = [math.log(len(passages) / held[passage.title]) / every for passage in passages]
    return np.array(shares, dtype=np.float32)


def worded(wordings: int, passages: int) -> float:
    """How far customers' wordings stand beside the titles, in [0, 1]: 0 where each passage has one."""
    return min(1.0, max(0.0, (wordings / max(1, passages) - 1.0) / (MANY_WORDINGS - 1.0)))


def ceiling(share: float) -> float:
    """Return a score no passage exceeds, every feature at its best, where `share` is the shop's `worded`."""
    return float(np.maximum(_weights(share), 0.0).sum())
