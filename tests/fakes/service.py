"""The real conversations service around a scripted ladder, and somebody who watches it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.assistant import wire
from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.console import Console
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.counter import Counter
from shopbell.assistant.ghost import GhostMode
from shopbell.assistant.ghostbook import GhostBook
from shopbell.assistant.handover import Handover
from shopbell.assistant.health import Health
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.reply import Replier
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.settings import Hours, Settings, Shop, Week
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.witness import witness
from shopbell.assistant.store import EventLog
from shopbell.storage.worker import Worker
from tests.fakes.clock import InlineWorker

NOW = datetime(2026, 11, 21, 10, 24, tzinfo=ZoneInfo("Europe/London"))
"""A Saturday morning; somebody is in until 17:00."""
NIGHT = NOW.replace(hour=23)
_OPEN, _IN = ("08:00-18:00",), ("09:00-17:00",)
_ids = itertools.count(1)
CONSOLE = Console(ask_after_min=10.0, leave_after_min=2.0)


def lines() -> Lines:
    """Return the fixed lines of a shop that is staffed from 09:00 to 17:00."""
    settings = Settings(
        shop=Shop(name="Test Shop", timezone="Europe/London", phone="01632 960000"),
        hours=Hours(mon=_OPEN, tue=_OPEN, wed=_OPEN, thu=_OPEN, fri=_OPEN, sat=_OPEN, sun=_OPEN),
        staff=Week(mon=_IN, tue=_IN, wed=_IN, thu=_IN, fri=_IN, sat=_IN, sun=_IN),
    )
    return Lines(settings, OpeningHours(settings))


def service(
    engine: sa.Engine,
    ladder: Ladder,
    *,
    worker: Worker | None = None,
    now: Callable[[], datetime] = lambda: NOW,
) -> Conversations:
    """Build the service on the shop's database."""
    rooms = Rooms(EventLog(engine), worker or InlineWorker())
    return _conversations(rooms, ladder, now)


def desk(
    engine: sa.Engine,
    ladder: Ladder,
    *,
    worker: Worker | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    console: Console = CONSOLE,
    handover: Handover | None = None,
    consoles: Callable[[], int] = lambda: 1,
) -> tuple[Conversations, Counter, Rooms]:
    """Build the service and the staff's side of it, with its audit log, as the front desk does."""
    audit, worker = AuditLog(engine, now), worker or InlineWorker()
    book = GhostBook(engine, audit, console.ghost.promote_after, now)
    rooms = Rooms(EventLog(engine, witness(audit), book.witness), worker)
    ghost = GhostMode(console.ghost, book, worker, lines=lines(), now=now, consoles=consoles)
    shop = _conversations(rooms, ladder, now, handover, ghost)
    counter = Counter(
        rooms=rooms,
        replier=shop._replier,
        lines=lines(),
        now=now,
        new_id=_new_id,
        idle=console.idle,
        late=console.ghost.late,
    )
    return shop, counter, rooms


def _new_id() -> str:
    return f"id-{next(_ids)}"


def _conversations(
    rooms: Rooms,
    ladder: Ladder,
    now: Callable[[], datetime],
    handover: Handover | None = None,
    ghost: GhostMode | None = None,
) -> Conversations:
    return Conversations(
        rooms=rooms,
        replier=Replier(
            ladder=ladder, append=rooms.append, now=now, new_id=_new_id, handover=handover, ghost=ghost
        ),
        ladder=ladder,
        lines=lines(),
        now=now,
        new_id=_new_id,
        suggestions=lambda: ("When are you open?",),
        health=_health,
    )


def _health(live: int) -> Health:
    return Health(
        status="ok",
        version="0",
        model="ready",
        queue=0,
        passages=0,
        products=0,
        problems=0,
        conversations=live,
    )


class Watcher:
    """Somebody who follows a conversation and writes down every frame."""

    def __init__(self, conversations: Conversations, opened: Opened) -> None:
        self._conversations = conversations
        self._opened = opened
        self.frames: list[wire.ServerFrame] = []
        self.let_go = False
        self.reply_came = asyncio.Event()

    async def follow(self, after: int = 0, pause_s: float = 0.0) -> None:
        """Follow until let go; `pause_s` makes a slow reader."""
        async with aclosing(self._conversations.follow(self._opened.conversation, after)) as frames:
            async for frame in frames:
                self.frames.append(frame)
                if isinstance(frame, wire.Replied):
                    self.reply_came.set()
                await asyncio.sleep(pause_s)
        self.let_go = True

    @property
    def replies(self) -> list[wire.Replied]:
        """The replies that were kept."""
        return [frame for frame in self.frames if isinstance(frame, wire.Replied)]

    @property
    def notices(self) -> list[str]:
        """What the house itself said."""
        return [frame.text for frame in self.frames if isinstance(frame, wire.Said) and frame.who == "notice"]


@asynccontextmanager
async def watching(conversations: Conversations, opened: Opened) -> AsyncIterator[Watcher]:
    """Follow a conversation meanwhile."""
    watcher = Watcher(conversations, opened)
    task = asyncio.create_task(watcher.follow())
    await asyncio.sleep(0.01)
    try:
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def seqs(frames: Iterable[wire.ServerFrame]) -> list[int]:
    """Return the numbers of the frames that come from the log."""
    return [frame.seq for frame in frames if hasattr(frame, "seq") and not isinstance(frame, wire.Current)]


def words_of(frames: Iterable[wire.ServerFrame]) -> dict[str, str]:
    """Return what a page would have shown of each reply while it ran."""
    shown: dict[str, str] = {}
    for frame in frames:
        match frame:
            case wire.Replying(reply=reply):
                shown[reply] = ""
            case wire.Delta(reply=reply, text=text):
                shown[reply] += text
    return shown
