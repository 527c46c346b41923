"""The front desk: what stands between the ladder and the web, for customers and for staff, put together."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.conversations import Conversations
from shopbell.assistant.counter import Counter
from shopbell.assistant.editor import Editor
from shopbell.assistant.ghost import GhostMode
from shopbell.assistant.ghostbook import GhostBook
from shopbell.assistant.handover import Handover
from shopbell.assistant.health import Health
from shopbell.assistant.hub import Hub
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.machine import Machine
from shopbell.assistant.numbers import Tally
from shopbell.assistant.privacy.backupage import backup_age
from shopbell.assistant.reply import Replier
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.settings import Settings
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.office import Office
from shopbell.assistant.staff.roster import Roster
from shopbell.assistant.staff.sessions import Sessions
from shopbell.assistant.staff.witness import witness
from shopbell.assistant.store import EventLog
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.knowledge.chunking import Count
from shopbell.knowledge.library import Library, Press
from shopbell.storage.worker import Worker


class Parts(Struct, frozen=True, kw_only=True):
    """What a front desk is made of."""

    settings: Settings
    database: sa.Engine
    writer: Worker
    """The thread that the database blocks."""
    ladder: Ladder
    lines: Lines
    library: Library
    model: WorkerModel
    rehearse: Callable[[], Press]
    """Gives a press that no customer's search uses."""
    count: Count
    folder: Path
    """Where the shop's data lies."""
    now: Callable[[], datetime]
    """The time in the shop's zone."""
    suggestions: Callable[[], tuple[str, ...]]
    health: Callable[[int], Health]


class FrontDesk(Struct, frozen=True, kw_only=True):
    """Both sides of it."""

    conversations: Conversations
    staff: StaffDesk
    rooms: Rooms
    hashing: Worker
    """The thread of slow hashes."""


@asynccontextmanager
async def open_front_desk(parts: Parts) -> AsyncIterator[FrontDesk]:
    """Put the desk together and take it down again; leaving stops every reply."""
    audit = AuditLog(parts.database, parts.now)
    console = parts.settings.console
    book = GhostBook(parts.database, audit, console.ghost.promote_after, parts.now)
    log = EventLog(parts.database, witness(audit), book.witness)
    rooms = Rooms(log, parts.writer, now=parts.now)
    ghost = GhostMode(
        console.ghost,
        book,
        parts.writer,
        lines=parts.lines,
        now=parts.now,
        consoles=lambda: hub.consoles,
    )
    handover = Handover(console, parts.lines, parts.now)
    replier = Replier(
        ladder=parts.ladder,
        append=rooms.append,
        now=parts.now,
        new_id=_new_id,
        handover=handover,
        ghost=ghost,
    )
    conversations, counter = _conversations(parts, rooms, replier), _counter(parts, rooms, replier)
    hashing = Worker("passwords")
    hub = Hub(rooms=rooms, counter=counter, event_log=log, worker=parts.writer, now=parts.now)
    try:
        async with conversations, hub:
            staff = _staff(parts, conversations, hub, _Rules(ghost=ghost, handover=handover), hashing)
            yield FrontDesk(conversations=conversations, staff=staff, rooms=rooms, hashing=hashing)
    finally:
        await hashing.close()


def _conversations(parts: Parts, rooms: Rooms, replier: Replier) -> Conversations:
    return Conversations(
        rooms=rooms,
        replier=replier,
        ladder=parts.ladder,
        lines=parts.lines,
        now=parts.now,
        new_id=_new_id,
        suggestions=parts.suggestions,
        health=parts.health,
    )


def _counter(parts: Parts, rooms: Rooms, replier: Replier) -> Counter:
    return Counter(
        rooms=rooms,
        replier=replier,
        lines=parts.lines,
        now=parts.now,
        new_id=_new_id,
        idle=parts.settings.console.idle,
        late=parts.settings.console.ghost.late,
    )


class _Rules(Struct, frozen=True, kw_only=True):
    ghost: GhostMode
    handover: Handover


def _staff(parts: Parts, conversations: Conversations, hub: Hub, rules: _Rules, hashing: Worker) -> StaffDesk:
    log = EventLog(parts.database)
    return StaffDesk(
        settings=parts.settings,
        office=office(parts.database, parts.now, database=parts.writer, hashing=hashing),
        hub=hub,
        ghost=rules.ghost,
        handover=rules.handover,
        lines=parts.lines,
        editor=Editor(parts.library, log, parts.database, parts.rehearse, parts.count),
        tally=Tally(log, parts.settings.zone),
        machine=Machine(
            model=parts.model,
            health=conversations.health,
            problems=lambda: parts.library.problems,
            folder=parts.folder,
            backup=lambda: backup_age(parts.database, parts.now()),
        ),
        database=parts.writer,
        now=parts.now,
    )


def office(engine: sa.Engine, clock: Callable[[], datetime], *, database: Worker, hashing: Worker) -> Office:
    """Put the staff's accounts together."""
    audit = AuditLog(engine, clock)
    roster, sessions = Roster(engine, audit, clock), Sessions(engine, audit, clock)
    return Office(roster, sessions, audit, database=database, hashing=hashing)


def _new_id() -> str:
    return secrets.token_urlsafe(24)
