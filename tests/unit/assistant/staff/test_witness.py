"""One transaction: what staff did and its line in the audit log are both kept, or neither."""

import asyncio

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.console import Console
from shopbell.assistant.errors import FloorTaken
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.witness import done
from shopbell.assistant.store import EventLog
from tests.fakes.clock import run
from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.service import NOW, desk, watching

FULL = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
FAULTS = {
    "after the event, before the line": f"CREATE TRIGGER fault BEFORE INSERT ON audit {FULL}",
    "after the line, before what goes with it": (
        f"CREATE TRIGGER fault BEFORE INSERT ON event WHEN NEW.kind = 'Noticed' {FULL}"
    ),
}


def lines(engine: sa.Engine) -> list[tuple[str, str]]:
    found = AuditLog(engine, lambda: NOW).lines()
    return [(line.actor, line.action) for line in reversed(found)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_between_leaves_neither(engine: sa.Engine, fault: str) -> None:
    """Nothing is in the log, nobody saw it, no line tells of it; afterwards the same command works once."""

    async def scene() -> None:
        shop, counter, _ = desk(engine, ScriptedLadder(at_once), now=lambda: NOW)
        async with shop:
            opened = await shop.open("web")
            name = opened.conversation
            async with watching(shop, opened) as watcher:
                with engine.begin() as db:
                    db.exec_driver_sql(fault)
                with pytest.raises(sa.exc.IntegrityError):
                    await counter.take_over(name, "Ana", 0, "one")
                await asyncio.sleep(1)
                assert [type(x.event) for x in EventLog(engine).read(name)] == [e.Opened]
                assert (watcher.notices, lines(engine)) == ([], [])
                with engine.begin() as db:
                    db.exec_driver_sql("DROP TRIGGER fault")
                for _ in range(2):
                    await counter.take_over(name, "Ana", 0, "one")
                await asyncio.sleep(1)
                assert len(watcher.notices) == 1
                assert lines(engine) == [("Ana", "floor-taken")]

    run(scene())


def test_what_was_refused_or_sent_twice_leaves_no_line(engine: sa.Engine) -> None:
    """The log tells what happened, not what was tried; a command sent again by a lost line is one line."""

    async def scene() -> None:
        shop, counter, _ = desk(engine, ScriptedLadder(at_once), now=lambda: NOW)
        async with shop:
            name = (await shop.open("web")).conversation
            await counter.take_over(name, "Ana", 0, "t")
            with pytest.raises(FloorTaken):
                await counter.take_over(name, "Ben", 0, "t")
            for _ in range(3):
                await counter.say(name, "Ana", "Here you are.", "s")
                await counter.note(name, "Ben", "Saw it.", "n")
            for _ in range(2):
                await counter.hand_back(name, "Ana", "b")
        assert lines(engine) == [
            ("Ana", "floor-taken"),
            ("Ana", "staff-said"),
            ("Ben", "noted"),
            ("Ana", "floor-returned"),
        ]

    run(scene())


def test_what_the_house_does_by_itself_is_no_ones_deed(engine: sa.Engine) -> None:
    """A floor that went back because nobody was there, and a customer who leaves, name nobody."""

    async def scene() -> None:
        clock = [NOW]
        shop, counter, rooms = desk(
            engine,
            ScriptedLadder(at_once),
            now=lambda: clock[0],
            console=Console(ask_after_min=0.01, leave_after_min=0.01),
        )
        async with shop:
            name = (await shop.open("web")).conversation
            await counter.take_over(name, "Ana", 0, "t")
            for _ in range(2):
                clock[0] = clock[0].replace(year=clock[0].year + 1)
                async with rooms.entered(name) as room:
                    await counter.look_after(room.state)
            await shop.end(name)
        assert lines(engine) == [("Ana", "floor-taken")]

    run(scene())


NAMED = [
    (e.StaffTook(name="Ana"), "floor-taken"),
    (e.StaffSaid(name="Ana", text="x"), "staff-said"),
    (e.StaffLeft(name="Ana"), "floor-returned"),
    (e.Ended(name="Ana"), "conversation-ended"),
    (e.Whispered(name="Ana", text="x"), "whispered"),
    (e.Noted(name="Ana", text="x"), "noted"),
    (e.Drafted(name="Ana", draft="d", text="x", rung="faq"), "draft-asked"),
    (e.DraftJudged(name="Ana", draft="d", verdict="accepted"), "draft-judged"),
]


@pytest.mark.parametrize(("event", "action"), NAMED, ids=lambda x: x if isinstance(x, str) else "")
def test_each_deed_has_its_line(event: e.Event, action: str) -> None:
    """What staff do in a conversation is known by its event."""
    assert done(event) == ("Ana", action)
