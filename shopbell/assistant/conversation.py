"""The pure fold of events into the state of a conversation. No clock, no store, no wire."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.floor import Floor, Hold, advance
from shopbell.assistant.flows.task import Task
from shopbell.assistant.known import Known, known_by

__all__ = ["Conversation", "Draft", "Exchange", "Floor", "Ghost", "Utterance", "fold", "moot", "step"]

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
    reply: str = ""
    """The reply's own id; empty for what staff said."""
    private: str = ""
    """Id of the customer it is for; forgotten when they are not known any more."""


Draft = e.Drafted
"""A reply that staff asked for and may say in their own name."""


class Ghost(Struct, frozen=True):
    """A reply that the customer waits for until staff approved it."""

    draft: e.Drafted
    at: datetime
    """Since when."""


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
    ghosts: tuple[Ghost, ...] = ()
    """Replies that wait for approval, the oldest first."""
    customer: str = ""
    """Id of who it is; empty: nobody is known."""
    known: str = ""
    """How that is known: `claimed`, `verified` or `vouched`; empty: not at all."""
    who: Known | None = None
    """The same with since when, for `known.holding` to judge."""
    attended: bool = False
    """A person came, or was called for who the customer is."""
    task: Task | None = None
    """What was begun and needs another word of the customer."""
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
    def unanswered(self) -> tuple[Utterance, ...]:
        """What neither a reply nor a draft that waits for approval covers."""
        drafted = {seq for ghost in self.ghosts for seq in ghost.draft.answers}
        return tuple(u for u in self.pending if u.seq not in drafted)

    def ghost(self, draft: str) -> Ghost | None:
        """Return the reply that waits for approval under this name."""
        return next((ghost for ghost in self.ghosts if ghost.draft.draft == draft), None)

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
            who = replace(state.who, seen_at=entry.at) if state.who else None
            return replace(state, pending=(*state.pending, Utterance(entry.seq, text)), who=who)
        case e.Replied() as reply:
            return _replied(state, reply)
        case e.CutOff(reply=reply_id, text=text):
            return replace(state, history=tuple(_as_heard(one, reply_id, text) for one in state.history))
        case e.Recognised() | e.Tasked() as event:
            return _of_customer(state, event, entry.at)
        case e.Ended():
            return replace(
                state,
                ended=True,
                pending=(),
                draft=None,
                ghosts=(),
                customer="",
                known="",
                who=None,
                task=None,
            )
        case _:
            return _beside(state, entry)


def _beside(state: Conversation, entry: e.Logged) -> Conversation:
    """Return the conversation after what staff did, and what is drafted for them."""
    match entry.event:
        case e.StaffSaid(text=text):
            return _staff_said(state, text)
        case e.StaffLeft(waiting=waiting):
            # What the customer said to a person is the person's to answer, unless that person went away.
            return replace(state, pending=state.pending if waiting else (), failures=0, draft=None)
        case e.Whispered(text=text):
            hint = f"{state.whisper} {text}".strip()
            return replace(state, whisper=hint, whispered=(*state.whispered, text)[-WHISPERS:])
        case e.Drafted() as draft:
            return _drafted(state, draft, entry.at)
        case e.DraftJudged(draft=judged):
            return _judged(state, judged)
        case e.StaffTook():
            return replace(state, draft=None, ghosts=(), attended=True)
        case e.PersonWanted(reason="valued"):
            return replace(state, attended=True)
        case _:
            return state


def moot(state: Conversation, event: e.Event) -> bool:
    """Say whether the event came too late: a person took over, or the customer left, while it was made."""
    match event:
        case e.Replied(answers=answers):
            return not state.assistant_may_speak or not any(u.seq in answers for u in state.pending)
        case e.Drafted(ghost=True, answers=answers):
            return not state.assistant_may_speak or not any(u.seq in answers for u in state.unanswered)
        case e.PersonWanted():
            return state.floor is Floor.STAFF
        case _:
            return False


def _drafted(state: Conversation, draft: e.Drafted, at: datetime) -> Conversation:
    if not draft.ghost:
        return replace(state, draft=draft)
    hint = "" if draft.rung == "model" else state.whisper
    return replace(state, ghosts=(*state.ghosts, Ghost(draft, at)), whisper=hint)


def _judged(state: Conversation, draft: str) -> Conversation:
    kept = state.draft if state.draft is not None and state.draft.draft != draft else None
    return replace(state, draft=kept, ghosts=tuple(g for g in state.ghosts if g.draft.draft != draft))


def _replied(state: Conversation, reply: e.Replied) -> Conversation:
    answered = [u for u in state.pending if u.seq in reply.answers]
    exchange = Exchange(
        question=" ".join(u.text for u in answered),
        answer=reply.text,
        rung=reply.rung,
        subject=reply.subject,
        passages=tuple(source.id for source in reply.sources),
        failed=reply.failed,
        reply=reply.reply,
        private=reply.private,
    )
    return replace(
        state,
        pending=tuple(u for u in state.pending if u.seq not in reply.answers),
        history=(*state.history, exchange)[-HISTORY:],
        failures=state.failures + 1 if reply.failed else 0,
        whisper="" if reply.rung == "model" and not reply.cut else state.whisper,
        draft=None,
        ghosts=tuple(g for g in state.ghosts if not set(g.draft.answers) & set(reply.answers)),
    )


def _of_customer(state: Conversation, event: e.Recognised | e.Tasked, at: datetime) -> Conversation:
    if isinstance(event, e.Tasked):
        return replace(state, task=event.task)
    known = event.level if event.customer else ""
    task, history = state.task, state.history
    if event.customer != state.customer:
        # Whoever comes next sees nothing of the one before, and their yes does nothing.
        task = task if task is not None and not (task.customer or task.deed) else None
        history = tuple(one for one in history if not one.private)
    who = known_by(event, at)
    return replace(state, customer=event.customer, known=known, who=who, task=task, history=history)


def _as_heard(exchange: Exchange, reply: str, text: str) -> Exchange:
    return replace(exchange, answer=text) if exchange.reply == reply else exchange


def _staff_said(state: Conversation, text: str) -> Conversation:
    exchange = Exchange(question=" ".join(u.text for u in state.pending), answer=text, rung="staff")
    history = (*state.history, exchange)[-HISTORY:]
    return replace(state, pending=(), history=history, failures=0, draft=None)
