"""What the console is sent on `/api/staff/feed`."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from shopbell.assistant.wire import (
    Current,
    Delta,
    Ended,
    FloorChanged,
    Holder,
    Presence,
    Rated,
    Replied,
    Replying,
    Rung,
    Said,
    Source,
    Trouble,
    Waiting,
)

SIGNED_OUT = 4401
"""The code that closes the socket when the session is over; sign in again."""

Role = Literal["clerk", "manager", "owner"]
Need = Literal["waiting", "approval", "frustrated", "vip", "rest"]
"""Why a conversation stands where it stands in the list, the most urgent first."""
Mood = Literal["calm", "frustrated"]
PrivateKind = Literal["whisper", "note", "verdict", "asked", "stayed"]


class Canned(Struct, frozen=True, kw_only=True):
    """A reply the shop keeps ready, from shop.toml."""

    name: str
    text: str


class SignedIn(Struct, frozen=True, tag="signed_in", tag_field="type", kw_only=True):
    """The answer to `SignIn`."""

    name: str
    role: Role
    rights: tuple[str, ...]
    """What this role may do: show no key for anything else."""
    shop: str
    assistant: str
    canned: tuple[Canned, ...] = ()
    presence: Presence
    ends_at: datetime
    """When the session ends in any case."""


class Card(Struct, frozen=True, tag="card", tag_field="type", kw_only=True):
    """One conversation in the list; a newer card replaces it."""

    conversation: str
    channel: str
    holder: Holder
    staff: str = ""
    """Who holds the floor."""
    version: int = 0
    """Send it with `TakeOver`."""
    need: Need = "rest"
    mood: Mood = "calm"
    started_at: datetime
    since: datetime
    """When it began to wait, or when something last happened."""
    last: str = ""
    """The last words, cut to one line."""
    last_who: Literal["customer", "assistant", "staff", "notice", ""] = ""
    rung: Rung | None = None
    """Of the last reply."""
    answering: bool = False
    """A reply is being given."""
    unanswered: int = 0
    """Messages of the customer that nobody has answered."""
    whispered: bool = False
    """A hint waits for the model."""
    reason: str = ""
    """Why a person was wanted: asked, nothing-found, failed-turns, frustration, topic, erase."""
    seq: int = 0
    customer: str = ""
    """Id of who it is; empty: nobody is known."""
    who: str = ""
    """Their name."""
    tier: str = ""
    """Their level."""
    known: Literal["", "claimed", "verified", "vouched"] = ""
    """How it is known who it is; `claimed` is only said."""


class Cards(Struct, frozen=True, tag="cards", tag_field="type", kw_only=True):
    """Every open conversation, by need; replaces the whole list."""

    cards: tuple[Card, ...]


class CardGone(Struct, frozen=True, tag="card_gone", tag_field="type", kw_only=True):
    """The conversation is over."""

    conversation: str


class Called(Struct, frozen=True, tag="called", tag_field="type", kw_only=True):
    """A customer wants a person now: ring."""

    conversation: str
    reason: str


class ToApprove(Struct, frozen=True, tag="to_approve", tag_field="type", kw_only=True):
    """So much goodwill waits for a second person now."""

    count: int


class AreYouThere(Struct, frozen=True, tag="are_you_there", tag_field="type", kw_only=True):
    """You hold this floor and were quiet for long; without `Stay` it goes back at `until`."""

    conversation: str
    until: datetime


class Answered(Struct, frozen=True, tag="answered", tag_field="type", kw_only=True):
    """A reply as staff sees it: what the customer got, and how it came about."""

    reply: Replied
    trace: tuple[str, ...] = ()
    """What was tried, in order."""
    subject: str = ""
    failed: bool = False


class Private(Struct, frozen=True, tag="private", tag_field="type", kw_only=True):
    """What only staff sees: a whisper, a note, the answer to a draft, the question whether you are there."""

    seq: int
    kind: PrivateKind
    name: str
    text: str
    at: datetime
    draft: str = ""
    """Of a verdict: the draft it is about."""


class Suggested(Struct, frozen=True, tag="suggested", tag_field="type", kw_only=True):
    """A draft to accept, edit or reject with `Judge`."""

    seq: int
    draft: str
    text: str
    rung: Rung
    sources: tuple[Source, ...] = ()
    at: datetime
    ghost: bool = False
    """The customer waits for it: it is said in the assistant's name once somebody approved it."""
    topic: str = ""
    """Under which ghost mode counts it."""
    until: datetime | None = None
    """When the customer is told that nobody approved it."""


Shown = (
    Said
    | Replying
    | Waiting
    | Delta
    | Answered
    | FloorChanged
    | Rated
    | Ended
    | Current
    | Trouble
    | Private
    | Suggested
)
"""What a conversation's stream is made of; as for the customer, plus what only staff sees."""


class Told(Struct, frozen=True, tag="told", tag_field="type", kw_only=True):
    """One frame of a watched conversation: the log past `after`, then `Current`, then live."""

    conversation: str
    frame: Shown


class Done(Struct, frozen=True, tag="done", tag_field="type", kw_only=True):
    """The command with this key is in the log."""

    key: str
    seq: int = 0


class SignedOut(Struct, frozen=True, tag="signed_out", tag_field="type", kw_only=True):
    """The session is over; the socket closes with `SIGNED_OUT`."""

    text: str


DeskFrame = (
    SignedIn | Cards | Card | CardGone | Called | AreYouThere | ToApprove | Told | Done | SignedOut | Trouble
)
