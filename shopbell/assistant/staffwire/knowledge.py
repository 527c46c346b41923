"""Forms of `/api/staff/knowledge`: unanswered questions, drafts of entries, what is amiss, what ends soon."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from shopbell.assistant.wire import Source

Line = Annotated[str, Meta(min_length=1, max_length=300)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000)]


class GapRow(Struct, frozen=True, kw_only=True):
    """A group of like questions that found no answer."""

    id: int
    example: str
    count: int
    first_seen: str
    last_seen: str


class Gaps(Struct, frozen=True, kw_only=True):
    """The unanswered questions, those asked most first."""

    gaps: tuple[GapRow, ...]


class GapId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of unanswered questions."""

    id: int


class DraftFrom(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A staff answer in a conversation, to be made into an entry."""

    conversation: str
    seq: int
    """Of the staff message."""


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry for the shop's questions; it is kept nowhere until it is published."""

    question: Line
    answer: Words
    topic: Annotated[str, Meta(max_length=80)] = ""
    also_asked: tuple[Line, ...] = ()
    test: Annotated[str, Meta(max_length=300)] = ""
    """The customer's own wording: it goes to golden.csv and is asked again on every edit."""
    gap: int = 0
    """The group of unanswered questions this answers; it goes when the entry is published."""


class Found(Struct, frozen=True, kw_only=True):
    """A passage a search finds."""

    source: Source
    score: float


class Preview(Struct, frozen=True, kw_only=True):
    """What retrieval says of a draft's question."""

    entry: str
    """The Markdown that would be written."""
    file: str
    """Where, inside the shop's folder."""
    before: Literal["sure", "unsure", "none"]
    after: Literal["sure", "unsure", "none"]
    """The outcome for the customer's wording before, and with the draft."""
    wins: bool
    """The draft would be the first passage found."""
    found: tuple[Found, ...] = ()
    warnings: tuple[str, ...] = ()
    """Such as an entry that says nearly the same."""


class Published(Struct, frozen=True, kw_only=True):
    """The entry stands in the shop's folder."""

    id: str
    file: str


class Retire(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry to be given no more: it ends today, the words stay in the file."""

    id: Line


class Complaint(Struct, frozen=True, kw_only=True):
    """Something about the shop's files."""

    severity: Literal["error", "warning", "notice"]
    place: str
    text: str


class Complaints(Struct, frozen=True, kw_only=True):
    """Conflicts and everything else the owner should look at."""

    problems: tuple[Complaint, ...]


class ExpiringRow(Struct, frozen=True, kw_only=True):
    """A fact that ends soon."""

    id: str
    title: str
    source: str
    last_day: str
    """ISO date."""
    days: int


class Expiring(Struct, frozen=True, kw_only=True):
    """Facts about to expire, the first to end first."""

    facts: tuple[ExpiringRow, ...]
