"""The board: every open conversation as a card, kept up to date from what happens. No store, no socket."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Conversation, Floor, fold
from shopbell.assistant.mood import frustrated
from shopbell.assistant.room import Item
from shopbell.assistant.staffwire import Card, Need

FRESH = timedelta(hours=2)
"""How long a conversation that needs nobody stays on the board after its last word."""
LINE = 120
"""Characters of the last words."""
_ORDER: dict[Need, int] = {"waiting": 0, "approval": 1, "frustrated": 2, "vip": 3, "rest": 4}


_SURE = frozenset({"verified", "vouched"})
"""How it must be known who somebody is, to be treated as that person."""


class Named(Struct, frozen=True, kw_only=True):
    """What the floor tells of a customer who is known."""

    name: str
    tier: str = ""
    vip: bool = False


class Entry:
    """One conversation on the board."""

    def __init__(self, state: Conversation) -> None:
        self.state = state
        self.started_at: datetime | None = None
        self.card: Card | None = None
        self.answering = False
        self._said: tuple[str, ...] = ()
        self._last: tuple[str, str] = ("", "")
        self._rung: wire.Rung | None = None
        self._reason = ""
        self._at: datetime | None = None
        self._known: Named | None = None

    def take(self, state: Conversation, entry: e.Logged) -> None:
        """Note one event and the state after it."""
        self.state = state
        self.started_at = self.started_at or entry.at
        self._note(entry.event)
        if not isinstance(entry.event, e.StaffAsked | e.Rated | e.Starred | e.Noted):
            self._at = entry.at
        if not state.customer:
            self._known = None
        self.card = self._drawn()

    def recognise(self, known: Named | None) -> None:
        """Note who the customer is."""
        self._known = known
        self.card = self._drawn()

    def answers(self, running: bool) -> None:
        """Note that a reply is being given, or not any more."""
        self.answering = running
        if self.card is not None:
            self.card = replace(self.card, answering=running)

    def _note(self, event: e.Event) -> None:
        match event:
            case e.CustomerSaid(text=text):
                self._last, self._said = ("customer", text), (*self._said, text)[-5:]
            case e.Replied(text=text, rung=rung, subject=subject):
                self._last, self._rung, self.answering = ("assistant", text), rung, False
                self._reason = "call-back" if subject == "call-back" else self._reason
            case e.StaffSaid(text=text):
                self._last, self._said = ("staff", text), ()
            case e.PersonWanted(reason=reason):
                self._reason = reason
            case e.Drafted(ghost=True):
                self._reason, self.answering = "approval", False
            case e.DraftJudged() if self._reason == "approval":
                self._reason = ""
            case e.StaffLeft(waiting=waiting):
                self._reason, self._said = ("waiting" if waiting else ""), ()
            case _:
                pass

    def _drawn(self) -> Card | None:
        state, last, known = self.state, self._last, self._known
        if not (last[0] or self._reason) or not self._at or not self.started_at:
            return None
        upset = frustrated(self._said)
        return Card(
            conversation=state.id,
            channel=state.channel,
            holder=state.floor.value,
            staff=state.staff,
            version=state.hold.version,
            need=_need(state, upset=upset, vip=known is not None and known.vip and state.known in _SURE),
            mood="frustrated" if upset else "calm",
            started_at=self.started_at,
            since=state.hold.waiting_since or self._at,
            last=_line(last[1]),
            last_who=last[0],  # type: ignore[arg-type]  # set from a closed list above
            rung=self._rung,
            answering=self.answering,
            unanswered=len(state.pending),
            whispered=bool(state.whisper),
            reason=self._reason,
            seq=state.seq,
            customer=state.customer,
            who=known.name if known else "",
            tier=known.tier if known else "",
            known=state.known,  # type: ignore[arg-type]  # folded from a closed list
        )


class Board:
    """All open conversations."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def load(self, logs: Iterable[list[e.Logged]]) -> None:
        """Put the conversations of these logs on the board, as after a restart."""
        for log in logs:
            state = Conversation(id=log[0].conversation)
            for entry in log:
                state = fold(state, [entry])
                self.take(state, entry)

    def take(self, state: Conversation, item: Item) -> bool:
        """Note what happened and the state after it; say whether the card is another."""
        before = self.card(state.id)
        known = self._entries.get(state.id)
        if isinstance(item, e.Logged) and not state.ended:
            if known is None:
                known = self._entries[state.id] = Entry(state)
            known.take(state, item)
        elif isinstance(item, e.Logged):
            self._entries.pop(state.id, None)
        elif isinstance(item, wire.Replying) and known is not None:
            known.answers(True)
        return self.card(state.id) != before

    def customers(self) -> dict[str, str]:
        """Return who is known: customer by conversation."""
        return {name: entry.state.customer for name, entry in self._entries.items() if entry.state.customer}

    def recognise(self, conversation: str, customer: str, known: Named | None) -> bool:
        """Note who a customer is, unless that changed meanwhile; say whether the card is another."""
        entry, before = self._entries.get(conversation), self.card(conversation)
        if entry is not None and entry.state.customer == customer:
            entry.recognise(known)
        return self.card(conversation) != before

    def state(self, conversation: str) -> Conversation:
        """Return how an open conversation stands, also where nothing was said yet and no card is drawn."""
        entry = self._entries.get(conversation)
        return entry.state if entry is not None else Conversation(id=conversation)

    def card(self, conversation: str) -> Card | None:
        """Return the conversation's card; None when it is not on the board."""
        known = self._entries.get(conversation)
        return known.card if known else None

    def cards(self) -> tuple[Card, ...]:
        """Return all cards: who waits longest first, then by need, then the newest first."""
        cards = [entry.card for entry in self._entries.values() if entry.card is not None]
        return tuple(sorted(cards, key=_rank))

    def held(self) -> list[Conversation]:
        """Return the conversations that a person holds."""
        return [entry.state for entry in self._entries.values() if entry.state.floor is Floor.STAFF]

    def drafted(self) -> list[Conversation]:
        """Return the conversations in which a reply waits for approval."""
        return [entry.state for entry in self._entries.values() if entry.state.ghosts]

    def sweep(self, now: datetime) -> list[str]:
        """Take off what needs nobody and has been quiet for long; return what was."""
        old = [
            name
            for name, entry in self._entries.items()
            if entry.state.floor is Floor.ASSISTANT and (entry.card is None or now - entry.card.since > FRESH)
            if entry.started_at is not None and now - entry.started_at > FRESH
        ]
        for name in old:
            del self._entries[name]
        return old


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LINE else f"{text[: LINE - 1]}…"


def _need(state: Conversation, *, upset: bool, vip: bool) -> Need:
    if state.floor is Floor.WAITING:
        return "waiting"
    if state.ghosts:
        return "approval"
    if state.floor is Floor.STAFF:
        return "rest"
    return "frustrated" if upset else "vip" if vip else "rest"


def _rank(card: Card) -> tuple[int, float]:
    at = card.since.timestamp()
    return _ORDER[card.need], at if card.need != "rest" else -at
