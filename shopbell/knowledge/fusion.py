"""Fusion: what is measured of a question and a passage, and the one score that orders passages.

Reciprocal rank (Cormack, Clarke and Buettcher 2009) with equal weights throws away by how much
one passage beats the next, and loses wherever one of the two lists is much the better. So the
scores themselves are features beside the ranks, and a linear model weighs them: the conditional
logit of listwise ranking (Cao et al. 2007, top one), fitted by `scripts/fit_retrieval`.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.lexical import Asked, Lexical, Rows, Scores
from shopbell.knowledge.passage import Passage

Features = NDArray[np.float32]

RANK_OFFSET = 10.0
"""Ranks this far down still differ little: 1 / (offset + rank)."""


class Vectors(Struct, frozen=True):
    """Unit vectors of one shop's passages."""

    asked: Scores
    """float32[wordings, 384], in the order of `Lexical.owners`."""
    text: Scores
    """float32[passages, 384] of the text alone."""
    body: Scores
    """float32[passages, 384] of title and text together."""


class Evidence(Struct, frozen=True):
    """All that was measured of one question against every passage; each float32[passages]."""

    dense_asked: Scores
    """Cosine to the nearest of the passage's questions."""
    dense_text: Scores
    dense_body: Scores
    lexical_asked: Scores
    """BM25 of the best of the passage's questions, as a share of what could be reached."""
    lexical_text: Scores
    lexical_body: Scores
    covered_asked: Scores
    """Share of the question's rarity found in one of the passage's questions."""
    covered_body: Scores
    filled_asked: Scores
    """Share of that wording's rarity found in the question."""

    @property
    def dense(self) -> Scores:
        """Best cosine of each passage."""
        return np.maximum(np.maximum(self.dense_asked, self.dense_body), self.dense_text)

    @property
    def lexical(self) -> Scores:
        """Best BM25 share of each passage."""
        return np.maximum(np.maximum(self.lexical_asked, self.lexical_body), self.lexical_text)
