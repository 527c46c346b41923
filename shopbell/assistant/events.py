"""All that can happen in a conversation and is kept: a tagged union, folded by `conversation`."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from shopbell.assistant.flows.task import Did as Did
from shopbell.assistant.flows.task import Tasked as Tasked
from shopbell.assistant.known import Recognised as Recognised
from shopbell.assistant.wire import Rung, Source, Timings

Reason = Literal[
    "asked",
    "nothing-found",
    "failed-turns",
    "erase",
    "frustration",
    "topic",
    "valued",
    "rejected",
    "unchecked",
]
"""Why a person was wanted; codes are stable, they are counted."""


class Opened(Struct, frozen=True, tag=True, kw_only=True):
    """The conversation began."""

    channel: str


class CustomerSaid(Struct, frozen=True, tag=True, kw_only=True):
    """The customer's words, as typed or heard."""

    __pii__ = ("text",)
    text: str
    key: str


class Replied(Struct, frozen=True, tag=True, kw_only=True):
    """The assistant's reply, as far as it was shown."""

    reply: str
    answers: tuple[int, ...]
    """`seq` of the customer's utterances that this reply is for: a burst is one turn."""
    text: str
    rung: Rung
    subject: str = ""
    """What it was about, for follow-ups: a flow's name, a passage's or a product's id."""
    sources: tuple[Source, ...] = ()
    why: str = ""
    trace: tuple[str, ...] = ()
    """What was tried, in order, for staff."""
    failed: bool = False
    """Nothing could be answered."""
    cut: bool = False
    offer_person: bool = False
    ends: bool = False
    """The customer said goodbye."""
    private: str = ""
    """Id of the only customer who may see it; empty: it tells nothing private."""
    timings: Timings = Timings()


class CutOff(Struct, frozen=True, tag=True, kw_only=True):
    """A reply that was spoken was stopped when it stood in the log whole: only this much of it was heard."""

    reply: str
    text: str
    rung: Rung


class PersonWanted(Struct, frozen=True, tag=True, kw_only=True):
    """A person is to take over."""

    reason: Reason


class Noticed(Struct, frozen=True, tag=True, kw_only=True):
    """One visible line from the house itself."""

    text: str


class StaffTook(Struct, frozen=True, tag=True, kw_only=True):
    """A member of staff holds the floor."""

    name: str


class StaffSaid(Struct, frozen=True, tag=True, kw_only=True):
    """A member of staff said something."""

    name: str
    text: str


class StaffLeft(Struct, frozen=True, tag=True, kw_only=True):
    """The floor went back to the assistant."""

    why: Literal["done", "idle"] = "done"
    waiting: bool = False
    """The customer still wants a person: nobody answered what was said last."""
    name: str = ""
    """Of the member of staff who gave it back; empty when the house took it back."""


class StaffAsked(Struct, frozen=True, tag=True, kw_only=True):
    """The holder was quiet for long and was asked whether they are there; the customer does not see it."""


class StaffStayed(Struct, frozen=True, tag=True, kw_only=True):
    """The holder said that they are there."""


class Whispered(Struct, frozen=True, tag=True, kw_only=True):
    """A hint of staff for the next prompt of the model; never shown to the customer."""

    __pii__ = ("text",)
    name: str
    text: str


class Noted(Struct, frozen=True, tag=True, kw_only=True):
    """A private note of staff."""

    __pii__ = ("text",)
    name: str
    text: str


class Drafted(Struct, frozen=True, tag=True, kw_only=True):
    """The assistant drafted a reply for staff to accept, edit or reject."""

    draft: str
    text: str
    rung: Rung
    subject: str = ""
    sources: tuple[Source, ...] = ()
    why: str = ""
    trace: tuple[str, ...] = ()
    answers: tuple[int, ...] = ()
    """`seq` of the customer's utterances that it is for."""
    name: str = ""
    """Of the member of staff who asked for it; empty in ghost mode."""
    topic: str = ""
    """Under which ghost mode counts it."""
    ghost: bool = False
    """It is said in the assistant's name once approved; otherwise staff says it in their own."""
    until: datetime | None = None
    """When the customer is told that nobody approved it."""
    timings: Timings = Timings()


class DraftJudged(Struct, frozen=True, tag=True, kw_only=True):
    """What became of a draft."""

    draft: str
    verdict: Literal["accepted", "edited", "rejected", "lapsed"]
    """`lapsed`: nobody judged it in time."""
    name: str
    """Of the member of staff who judged it; empty when nobody did."""
    topic: str = ""
    """Of a draft of ghost mode; empty for a suggestion to staff."""


class Rated(Struct, frozen=True, tag=True, kw_only=True):
    """A thumb for one reply; the last one counts."""

    reply: str
    helpful: bool


class Starred(Struct, frozen=True, tag=True, kw_only=True):
    """One to five stars for the conversation."""

    __pii__ = ("comment",)
    stars: int
    comment: str = ""


class Ended(Struct, frozen=True, tag=True, kw_only=True):
    """The conversation is over."""

    name: str = ""
    """Of the member of staff who ended it; empty when the customer did."""


Event = (
    Opened
    | CustomerSaid
    | Replied
    | CutOff
    | PersonWanted
    | Noticed
    | StaffTook
    | StaffSaid
    | StaffLeft
    | StaffAsked
    | StaffStayed
    | Whispered
    | Noted
    | Drafted
    | DraftJudged
    | Recognised
    | Tasked
    | Did
    | Rated
    | Starred
    | Ended
)


class Logged(Struct, frozen=True, kw_only=True):
    """An event as it stands in the log."""

    seq: int
    """Grows over the whole shop, never reused."""
    conversation: str
    at: datetime
    event: Event


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Return the event as JSON."""
    return _encoder.encode(event)


def decode(body: bytes | str) -> Event:
    """Read an event back; raises msgspec.ValidationError when it is none."""
    event: Event = _decoder.decode(body)
    return event
