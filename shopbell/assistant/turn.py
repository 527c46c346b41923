"""What the ladder is given and what it gives back."""

from datetime import datetime

from msgspec import Struct

from shopbell.assistant.conversation import Exchange
from shopbell.assistant.events import Reason
from shopbell.assistant.wire import Rung, Source


class Turn(Struct, frozen=True, kw_only=True):
    """One complete turn of the customer: a burst of messages is one."""

    conversation: str
    text: str
    now: datetime
    """In the shop's time zone."""
    history: tuple[Exchange, ...] = ()
    failures: int = 0
    """Failed turns in a row before this one."""
    channel: str = "web"
    waiting: bool = False
    """The customer waits for a person."""
    whisper: str = ""
    """A hint of staff for the model alone."""
    whispered: tuple[str, ...] = ()
    """Hints that must not be repeated."""


class Words(Struct, frozen=True):
    """Checked words of the reply that may be shown at once."""

    text: str


class InQueue(Struct, frozen=True):
    """The reply waits for the model."""

    place: int
    eta_s: float


class Answer(Struct, frozen=True, kw_only=True):
    """The whole reply; the last step of every turn."""

    text: str
    rung: Rung
    subject: str = ""
    sources: tuple[Source, ...] = ()
    why: str = ""
    trace: tuple[str, ...] = ()
    failed: bool = False
    offer_person: bool = False
    wants_person: Reason | None = None
    """Code decided that a person is to take over."""
    notice: str = ""
    """The one visible line that goes with it."""
    ends: bool = False
    """The customer said goodbye."""
    search_s: float = 0.0
    queue_s: float = 0.0


Step = Words | InQueue | Answer
