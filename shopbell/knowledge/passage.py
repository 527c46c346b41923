"""Passages: the shop's own words, one question or fact each, and what a search finds."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

MAX_TOKENS = 120
"""MiniLM word pieces a passage holds at most; longer text is split."""


class Kind(StrEnum):
    """Where a passage comes from, which decides how it may be quoted."""

    FAQ = "faq"
    """A question with the shop's own answer: may be given verbatim."""

    DOCUMENT = "document"
    """Running text: a source for the model, or quoted as an excerpt."""

    PRODUCT = "product"
    """A row of the catalogue: price and stock are filled in by code."""


class Passage(Struct, frozen=True, kw_only=True):
    """One question or fact in the shop's own words."""

    id: str
    """Stable anchor, `<file stem>#<anchor or slug>`, or `product:<SKU>`."""
    title: str
    """The question, heading or product name."""
    text: str
    """The shop's own words, at most `MAX_TOKENS` word pieces."""
    kind: Kind = Kind.FAQ
    also_asked: tuple[str, ...] = ()
    """Other wordings of the same question."""
    topic: str = ""
    source: str = ""
    """Path inside the shop's folder and line, such as `faq/returns.md:12`."""
    valid_from: date | None = None
    valid_until: date | None = None
    """Last day on which it is true, in the shop's time zone; None means always."""

    def is_valid(self, today: date) -> bool:
        """Say whether the passage is true on `today`."""
        return (self.valid_from is None or self.valid_from <= today) and (
            self.valid_until is None or today <= self.valid_until
        )


class Outcome(StrEnum):
    """What a search amounts to; the thresholds are calibrated and stored with the index."""

    SURE = "sure"
    """The first passage answers the question: its words may be given verbatim."""
    UNSURE = "unsure"
    """Something is close: the model may read it and decide."""
    NONE = "none"
    """Nothing the shop wrote is about this."""


class Match(Struct, frozen=True, kw_only=True):
    """A passage found, with what was measured of it."""

    passage: Passage
    score: float
    """Fused score in [0, 1]; orders the matches."""
    dense: float
    """Cosine similarity in [-1, 1]."""
    lexical: float
    """BM25 score divided by the best this question could reach, in [0, 1]."""


class Retrieval(Struct, frozen=True, kw_only=True):
    """What the shop's knowledge holds for a question."""

    question: str
    outcome: Outcome
    confidence: float
    """Calibrated probability in [0, 1] that the first match answers the question."""
    matches: tuple[Match, ...] = ()
    """Best first, at most the number asked for."""
    seconds: float = 0.0
