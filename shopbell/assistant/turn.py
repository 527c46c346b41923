"""What the ladder is given and what it gives back."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from shopbell.assistant.conversation import Conversation, Exchange, Utterance
from shopbell.assistant.events import Event, Reason
from shopbell.assistant.flows.task import Task
from shopbell.assistant.known import Known, holding
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
    who: Known | None = None
    """Who is known now; the session tells, never the text."""
    task: Task | None = None
    """What was begun before."""
    acts: bool = False
    """The reply is said to the customer: things may be begun and done. Not so for a draft."""


class Words(Struct, frozen=True):
    """Checked words of the reply that may be shown at once."""

    text: str
    read: tuple[str, ...] = ()
    """Ids of the passages the reply is made from."""


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
    private: str = ""
    """Id of the only customer who may see it."""
    also: tuple[Event, ...] = ()
    """Goes into the log with the reply."""
    search_s: float = 0.0
    queue_s: float = 0.0


class Settled(Struct, frozen=True):
    """From here on the turn is carried out: it can no longer be stopped or begun anew.

    Before it nothing is written down anywhere; who takes no step after it has changed nothing.
    """


Step = Words | InQueue | Settled | Answer


def turn_of(state: Conversation, utterances: Sequence[Utterance], now: datetime) -> Turn:
    """Return these utterances of a conversation as one turn."""
    return Turn(
        conversation=state.id,
        text=" ".join(utterance.text for utterance in utterances),
        now=now,
        history=state.history,
        failures=state.failures,
        channel=state.channel,
        waiting=state.floor == "waiting",
        whisper=state.whisper,
        whispered=state.whispered,
        who=holding(state.who, now),
        task=state.task,
    )


def finished(answer: Answer | None) -> Answer:
    """Return the answer; a ladder that gave none is broken, and the turn would stay open for ever."""
    if answer is None:
        raise RuntimeError("the ladder gave no answer")
    return answer
