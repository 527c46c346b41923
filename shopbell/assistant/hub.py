"""The hub: what happens anywhere in the shop, told to every console that listens, and watched over."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Self

import structlog

from shopbell.assistant import events as e
from shopbell.assistant import staffwire
from shopbell.assistant.board import Board, Named
from shopbell.assistant.conversation import Conversation, Floor
from shopbell.assistant.counter import Counter
from shopbell.assistant.room import Item
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.store import EventLog
from shopbell.storage.worker import Worker

log = structlog.get_logger()

ROUND_S = 1.0
"""Seconds between two looks at what has a deadline."""
REMEMBERED = timedelta(hours=24)
"""How far back conversations are put on the board after a restart."""
CALLS = 200
"""Rings that a console may lag behind; the cards tell the rest."""
Call = staffwire.Called | staffwire.AreYouThere | staffwire.ToApprove
"""What a console is told besides cards."""
Who = Callable[[str], Awaitable[Named | None]]
"""Tells of a customer's id who that is; None when nobody has it."""


class Feed:
    """What one console has not been sent yet; a burst about one conversation is one card."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._changed: dict[str, None] = {}
        self._calls: deque[Call] = deque(maxlen=CALLS)
        self._news = asyncio.Event()

    def change(self, conversation: str) -> None:
        """Note that a card is another."""
        self._changed[conversation] = None
        self._news.set()

    def call(self, frame: Call) -> None:
        """Note that somebody is wanted."""
        self._calls.append(frame)
        self._news.set()

    async def next(self) -> tuple[list[str], list[Call]]:
        """Wait for news; return the conversations whose cards changed, and the calls."""
        await self._news.wait()
        self._news.clear()
        changed, calls = list(self._changed), list(self._calls)
        self._changed.clear()
        self._calls.clear()
        return changed, calls


class Hub:
    """Keeps the board and tells the consoles. Use as an async context manager."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        counter: Counter,
        event_log: EventLog,
        worker: Worker,
        now: Callable[[], datetime],
    ) -> None:
        self.board = Board()
        self._rooms = rooms
        self.counter = counter
        self._log = event_log
        self._worker = worker
        self._now = now
        self._feeds: set[Feed] = set()
        self._rounds: asyncio.Task[None] | None = None
        self._who: Who | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Read what is open from the log, then listen."""
        since = self._now() - REMEMBERED
        for conversation in reversed(await self._worker.call(self._log.unfinished, since)):
            self.board.load([await self._worker.call(self._log.read, conversation, 0)])
        self._rooms.heard = self._hear
        self._rounds = asyncio.create_task(self._go_rounds(), name="staff-rounds")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        self._rooms.heard = lambda _state, _item: None
        if self._rounds is not None:
            self._rounds.cancel()
            with suppress(asyncio.CancelledError):
                await self._rounds
        for task in list(self._asking):
            task.cancel()

    def know(self, who: Who) -> None:
        """Tell from now on, and of all that are on the board, who the customer is."""
        self._who = who
        for conversation, customer in self.board.customers().items():
            self._ask(conversation, customer)

    async def recognise(self, conversation: str, customer: str, name: str) -> int:
        """Note that staff knows who the customer is, or that it is nobody known after all."""
        async with self._rooms.entered(conversation) as room:
            event = e.Recognised(
                customer=customer, level="vouched", name=name, how="staff", why="" if customer else "changed"
            )
            return await self._rooms.append(room, event, may_be_over=True)

    def to_approve(self, count: int) -> None:
        """Tell every console how much goodwill waits for a second person."""
        self._call(staffwire.ToApprove(count=count))

    @property
    def consoles(self) -> int:
        """How many consoles listen."""
        return len(self._feeds)

    @contextmanager
    def listening(self, name: str) -> Iterator[Feed]:
        """Give a feed of everything that happens while inside."""
        feed = Feed(name)
        self._feeds.add(feed)
        try:
            yield feed
        finally:
            self._feeds.discard(feed)

    async def frames(self, feed: Feed) -> AsyncGenerator[staffwire.DeskFrame, None]:
        """Yield every card, then what changes. Consume under `aclosing`."""
        yield staffwire.Cards(cards=self.board.cards())
        shown = {card.conversation for card in self.board.cards()}
        while True:
            changed, calls = await feed.next()
            for conversation in changed:
                card = self.board.card(conversation)
                if card is not None:
                    shown.add(conversation)
                    yield card
                elif conversation in shown:
                    shown.discard(conversation)
                    yield staffwire.CardGone(conversation=conversation)
            for call in calls:
                yield call

    async def go_round(self) -> None:
        """Look after every deadline once, and clear the board of what is over."""
        for held in self.board.held():
            await self.counter.look_after(held)
        for drafted in self.board.drafted():
            await self.counter.approvals.lapse(drafted)
        for conversation in self.board.sweep(self._now()):
            self._tell(conversation)

    async def _go_rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND_S)
            try:
                await self.go_round()
            except Exception:  # the one boundary: a fault in one round must not end the rounds
                log.exception("staff.round_failed")

    def _hear(self, state: Conversation, item: Item) -> None:
        if self.board.take(state, item):
            self._tell(state.id)
        if not isinstance(item, e.Logged):
            return
        match item.event:
            case e.Recognised(customer=customer) if customer:
                self._ask(state.id, customer)
            case e.PersonWanted(reason=reason) if state.floor is Floor.WAITING:
                self._call(staffwire.Called(conversation=state.id, reason=reason))
            case e.Drafted(ghost=True):
                self._call(staffwire.Called(conversation=state.id, reason="approval"))
            case e.StaffLeft(waiting=True):
                self._call(staffwire.Called(conversation=state.id, reason="waiting"))
            case e.StaffAsked():
                until = item.at + self.counter.idle.leave_after
                self._call(staffwire.AreYouThere(conversation=state.id, until=until), state.staff)
            case _:
                pass

    def _ask(self, conversation: str, customer: str) -> None:
        if self._who is not None:
            task = asyncio.create_task(self._recognise(conversation, customer, self._who), name="staff-who")
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _recognise(self, conversation: str, customer: str, who: Who) -> None:
        try:
            known = await who(customer)
        except Exception:  # the one boundary: a card without a name is better than none
            log.exception("staff.who_failed")
            return
        if self.board.recognise(conversation, customer, known):
            self._tell(conversation)

    def _tell(self, conversation: str) -> None:
        for feed in self._feeds:
            feed.change(conversation)

    def _call(self, frame: Call, name: str = "") -> None:
        for feed in self._feeds:
            if not name or feed.name == name:
                feed.call(frame)
