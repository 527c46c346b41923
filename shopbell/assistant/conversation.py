"""The pure fold of events into the state of a conversation. No clock, no store, no wire."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.floor import Floor, Hold, advance

__all__ = ["Conversation", "Draft", "Exchange", "Floor", "Utterance", "fold", "moot", "step"]

HISTORY = 6
"""Exchanges that follow-ups and the model may look back on."""
WHISPERS = 20
"""Hints that are guarded against being repeated."""


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


Draft = e.Drafted
"""A reply that waits for staff to judge it."""


class Conversation(Struct, frozen=True, kw_only=True):
    """The state after some events."""

    id: str
    channel: str = ""
    hold: Hold = Hold()
    pending: tuple[Utterance, ...] = ()
    history: tuple[Exchange, ...] = ()
    failures: int = 0
    """Failed turns in a row."""
    whisper: str = ""
    """What staff hinted since the model last answered."""
    whispered: tuple[str, ...] = ()
    """Every hint so far: none of them may be repeated to the customer."""
    draft: Draft | None = None
    """The newest draft, until it was judged or overtaken."""
    ended: bool = False
    seq: int = 0
    """The last event folded in."""

    @property
    def floor(self) -> Floor:
        """Who answers."""
        return self.hold.floor

    @property
    def staff(self) -> str:
        """Who of the staff holds the floor; empty when nobody does."""
        return self.hold.staff

    @property
    def assistant_may_speak(self) -> bool:
        """Whether the assistant answers: never over a person, never after the end."""
        return self.floor is not Floor.STAFF and not self.ended


def fold(conversation: Conversation, logged: Iterable[e.Logged]) -> Conversation:
    """Return the conversation after the events, which come in the order of the log."""
    for entry in logged:
        after = step(conversation, entry)
        conversation = replace(after, hold=advance(conversation.hold, entry), seq=entry.seq)
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
        case e.StaffSaid(text=text):
            return _staff_said(state, text)
        case e.StaffLeft(waiting=waiting):
            # What the customer said to a person is the person's to answer, unless that person went away.
            return replace(state, pending=state.pending if waiting else (), failures=0, draft=None)
        case e.Whispered(text=text):
            hint = f"{state.whisper} {text}".strip()
            return replace(state, whisper=hint, whispered=(*state.whispered, text)[-WHISPERS:])
        case e.Drafted() as draft:
            return replace(state, draft=draft)
        case e.DraftJudged(draft=judged) if state.draft is not None and state.draft.draft == judged:
            return replace(state, draft=None)
        case e.StaffTook():
            return replace(state, draft=None)
        case e.Ended():
            return replace(state, ended=True, pending=(), draft=None)
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
        whisper="" if reply.rung == "model" and not reply.cut else state.whisper,
        draft=None,
    )


def _staff_said(state: Conversation, text: str) -> Conversation:
    exchange = Exchange(question=" ".join(u.text for u in state.pending), answer=text, rung="staff")
    history = (*state.history, exchange)[-HISTORY:]
    return replace(state, pending=(), history=history, failures=0, draft=None)
