"""Forms of `/api/staff/letters` and `/api/staff/feedback`: messages to release, and what customers said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

LetterState = Literal[
    "held",
    "waiting",
    "released",
    "sending",
    "sent",
    "shown",
    "unsure",
    "bounced",
    "failed",
    "refused",
    "stopped",
]
Mark = Annotated[str, Meta(min_length=1, max_length=64)]


class LetterRow(Struct, frozen=True, kw_only=True):
    """A message the shop writes first."""

    id: str
    occasion: str
    """Such as "Birthday"."""
    customer: str
    name: str
    way: Literal["email", "visit"]
    state: LetterState
    subject: str
    body: str
    facts: Mapping[str, str]
    """What code has looked up."""
    why: str
    """Why this customer, now."""
    basis: str
    """The lawful basis: as it went, or as it would go."""
    may_go: str
    """When it may go, or why not, in a sentence."""
    drawn_at: datetime
    until: datetime
    decided_by: str
    outcome: str


class LetterRows(Struct, frozen=True, kw_only=True):
    """Messages, the newest first."""

    letters: tuple[LetterRow, ...]
    sends_mail: bool
    """False: there is no mail server, so e-mail waits."""


class LetterId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message."""

    id: Mark


class LetterWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other words for a draft; every number in them must stand in its facts."""

    id: Mark
    subject: Annotated[str, Meta(min_length=1, max_length=120)]
    body: Annotated[str, Meta(min_length=1, max_length=2_000)]


class LetterNo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Never send this."""

    id: Mark
    why: Annotated[str, Meta(max_length=160)] = ""


class TaskRow(Struct, frozen=True, kw_only=True):
    """Somebody to call: a wish to be called, or a bad mark."""

    number: int
    """For `complaints/settle`."""
    kind: Literal["call-back", "complaint"]
    customer: str
    name: str
    at: datetime
    text: str
    reach: str
    """Number or address, masked where it is the customer's own."""
    conversation: str


class ThemeRow(Struct, frozen=True, kw_only=True):
    """Comments about one thing."""

    label: str
    """The comment that says best what the others say."""
    count: int
    unhappy: int
    happy: int
    conversations: tuple[str, ...]


class FeedbackReport(Struct, frozen=True, kw_only=True):
    """What customers said lately."""

    tasks: tuple[TaskRow, ...]
    """Open, the oldest first."""
    themes: tuple[ThemeRow, ...]
    days: int
    """How far back comments were read."""
    nps: str
    """In a sentence, with its interval, or why nothing is said."""
    csat: str
