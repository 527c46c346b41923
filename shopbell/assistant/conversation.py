"""The pure fold of events into the state of a conversation. No clock, no store, no wire."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e

HISTORY = 6
"""Exchanges that follow-ups and the model may look back on."""


class Floor(StrEnum):
    """Who answers: every conversation has one holder."""

    ASSISTANT = "assistant"
    WAITING = "waiting"
    """A person was asked for; the assistant goes on helping until one comes."""
    STAFF = "staff"


class Utterance(Struct, frozen=True):
    """Words of the customer that no reply covers yet."""

    seq: int
    text: str


class Exchange(Struct, frozen=True, kw_only=True):
    """A turn and its reply."""

    question: str
    answer: str
    rung: str
    subject: str = ""
    passages: tuple[str, ...] = ()
    """Ids of the passages the reply stood on."""
    failed: bool = False


class Conversation(Struct, frozen=True, kw_only=True):
    """The state after some events."""

    id: str
    channel: str = ""
    floor: Floor = Floor.ASSISTANT
    staff: str = ""
    pending: tuple[Utterance, ...] = ()
    history: tuple[Exchange, ...] = ()
    failures: int = 0
    """Failed turns in a row."""
    ended: bool = False
    seq: int = 0
    """The last event folded in."""

    @property
    def assistant_may_speak(self) -> bool:
        """Whether the assistant answers: never over a person, never after the end."""
        return self.floor is not Floor.STAFF and not self.ended


def fold(conversation: Conversation, logged: Iterable[e.Logged]) -> Conversation:
    """Return the conversation after the events, which come in the order of the log."""
    for entry in logged:
        conversation = replace(step(conversation, entry), seq=entry.seq)
    return conversation


def step(state: Conversation, entry: e.Logged) -> Conversation:
    """Return the conversation after one event."""
    match entry.event:
        case e.Opened(channel=channel):
            return replace(state, channel=channel)
        case e.CustomerSaid(text=text):
            return replace(state, pending=(*state.pending, Utterance(entry.seq, text)))
        case e.Replied() as reply:
            return _replied(state, reply)
        case e.PersonWanted() if state.floor is Floor.ASSISTANT:
            return replace(state, floor=Floor.WAITING)
        case e.StaffTook(name=name):
            return replace(state, floor=Floor.STAFF, staff=name)
        case e.StaffSaid(text=text):
            return _staff_said(state, text)
        case e.StaffLeft():
            # What the customer said to a person is the person's to answer.
            return replace(state, floor=Floor.ASSISTANT, staff="", pending=(), failures=0)
        case e.Ended():
            return replace(state, ended=True, pending=())
        case _:
            return state


def moot(state: Conversation, event: e.Event) -> bool:
    """Say whether the event came too late: a person took over, or the customer left, while it was made."""
    match event:
        case e.Replied(answers=answers):
            return not state.assistant_may_speak or not any(u.seq in answers for u in state.pending)
        case e.PersonWanted():
            return state.floor is Floor.STAFF
        case _:
            return False


def _replied(state: Conversation, reply: e.Replied) -> Conversation:
    answered = [u for u in state.pending if u.seq in reply.answers]
    exchange = Exchange(
        question=" ".join(u.text for u in answered),
        answer=reply.text,
        rung=reply.rung,
        subject=reply.subject,
        passages=tuple(source.id for source in reply.sources),
        failed=reply.failed,
    )
    return replace(
        state,
        pending=tuple(u for u in state.pending if u.seq not in reply.answers),
        history=(*state.history, exchange)[-HISTORY:],
        failures=state.failures + 1 if reply.failed else 0,
    )


def _staff_said(state: Conversation, text: str) -> Conversation:
    exchange = Exchange(question=" ".join(u.text for u in state.pending), answer=text, rung="staff")
    return replace(state, pending=(), history=(*state.history, exchange)[-HISTORY:], failures=0)
