"""What goes over the REST interface, besides the frames of the wire."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from shopbell.assistant import wire
from shopbell.assistant.web.words import MAX_KEY_CHARS, PRINTED, VISIBLE

Logged = wire.Said | wire.Replied | wire.FloorChanged | wire.Rated | wire.Ended
"""The frames that stand in the log."""
Words = Annotated[str, Meta(min_length=1, max_length=wire.MAX_UTTERANCE_CHARS, pattern=PRINTED)]
Key = Annotated[str, Meta(min_length=1, max_length=MAX_KEY_CHARS, pattern=VISIBLE)]


class ProblemReport(Struct, frozen=True, kw_only=True):
    """Why a request was refused."""

    code: str
    """Stable, for programs."""
    text: str
    """For people: what is wrong and what to do."""


class Question(Struct, frozen=True, kw_only=True):
    """One question, outside any conversation."""

    text: Words


class Message(Struct, frozen=True, kw_only=True):
    """Something the customer says; sent again with the same key it counts once."""

    text: Words
    key: Key


class NewConversation(Struct, frozen=True, kw_only=True):
    """A conversation that was just begun."""

    conversation: str
    token: str
    """Send it as `Authorization: Bearer TOKEN`; it is given once."""
    notice: str
    """That this is an AI: show it first."""
    greeting: str
    suggestions: Sequence[str]
    presence: wire.Presence


class Kept(Struct, frozen=True, kw_only=True):
    """The message is in the log for good."""

    seq: int


class Events(Struct, frozen=True, kw_only=True):
    """What happened past `after`, in order."""

    frames: Sequence[Logged]
    seq: int
    """Ask for what comes `after` this next time."""


class ShopCard(Struct, frozen=True, kw_only=True):
    """Who the shop is, and whether it is open."""

    name: str
    tagline: str
    assistant: str
    open_now: bool
    open_text: str
    presence: wire.Presence
    suggestions: Sequence[str]
    address: str
    phone: str
    email: str
    language: str
    timezone: str


class HealthReport(Struct, frozen=True, kw_only=True):
    """How the server is: an answer at all means it lives, `status` whether it is ready."""

    status: str
    model: str
    passages: int
    queue: int
    chats: int
    """Open chats."""
    version: str
