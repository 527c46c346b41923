import asyncio
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.reply import BROKEN
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, Step, Words
from tests.fakes.clock import InlineWorker, others, run
from tests.fakes.ladder import Script, ScriptedLadder, Wait, at_once, echo
from tests.fakes.service import service, watching

delays = st.sampled_from([0.0, 0.01, 0.3])
scripts = st.sampled_from([echo, at_once])


def events(engine: sa.Engine, opened: Opened) -> list[e.Event]:
    return [entry.event for entry in EventLog(engine).read(opened.conversation)][1:]


def kept(engine: sa.Engine, opened: Opened) -> list[e.Replied]:
    return [event for event in events(engine, opened) if isinstance(event, e.Replied)]


async def append(shop: Conversations, opened: Opened, event: e.Event) -> None:
    """Do what the staff's console will do."""
    async with shop._entered(opened.conversation) as room:
        await shop._append(room, event)


def answers(**fields: object) -> Script:
    return lambda turn: [Wait(0.2), Answer(**{"text": "ok", "rung": "faq", **fields})]  # type: ignore[arg-type]


@pytest.mark.parametrize("shown", [[], [Words("Well, ")]], ids=["before", "after words"])
def test_a_fault_in_a_reply_becomes_an_apology(engine: sa.Engine, shown: Sequence[Step]) -> None:
    """A ladder that raises gives the customer words, a place in the log and the floor as it was."""

    async def scene() -> None:
        ladder = ScriptedLadder(lambda turn: [*shown, ZeroDivisionError("boom")])
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                await shop.say(opened.conversation, "hello there shop?", "1")
                await asyncio.sleep(2)
                ladder.script = at_once
                await shop.say(opened.conversation, "and now?", "2")
                await asyncio.sleep(2)
        first, second = kept(engine, opened)
        assert (first.text, first.rung, first.failed, first.offer_person) == (BROKEN, "person", True, True)
        assert second.text == "About and now?"
        assert [reply.text for reply in watcher.replies] == [BROKEN, "About and now?"]
        assert not [frame for frame in watcher.frames if isinstance(frame, wire.FloorChanged)]

    run(scene())


def test_a_ladder_without_an_answer_is_a_fault(engine: sa.Engine) -> None:
    """The turn is closed by the apology: it would stay open for ever."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(lambda turn: [])) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "hello there shop?", "1")
            await asyncio.sleep(2)
        assert [reply.text for reply in kept(engine, opened)] == [BROKEN]

    run(scene())


def test_a_log_that_takes_no_reply_does_not_spin(engine: sa.Engine) -> None:
    """When the reply cannot be kept the customer is told, and the next message tries again."""

    async def scene() -> None:
        ladder = ScriptedLadder(at_once)
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                with engine.begin() as db:
                    db.exec_driver_sql(
                        "CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.kind = 'Replied' "
                        "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
                    )
                await shop.say(opened.conversation, "hello there shop?", "1")
                await asyncio.sleep(60)
                assert len(ladder.turns) == 1
                assert [frame.text for frame in watcher.frames if isinstance(frame, wire.Trouble)] == [BROKEN]
                with engine.begin() as db:
                    db.exec_driver_sql("DROP TRIGGER full")
                await shop.say(opened.conversation, "are you there?", "2")
                await asyncio.sleep(2)
        assert [reply.text for reply in kept(engine, opened)] == ["About hello there shop? are you there?"]

    run(scene())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=st.floats(0, 1.5), delay=delays, leaves=st.booleans())
def test_nothing_is_replied_while_staff_hold_the_floor(
    engine: sa.Engine, moment: float, delay: float, leaves: bool
) -> None:
    """From a takeover at any moment to the hand-back no reply is logged, nor later for words before it."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(), worker=InlineWorker(delay)) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "one two three four.", "1")
            await asyncio.sleep(moment)
            await append(shop, opened, e.StaffTook(name="Ana"))
            await shop.say(opened.conversation, "are you a person now?", "2")
            if leaves:
                await append(shop, opened, e.StaffLeft())
            await asyncio.sleep(10)
            if leaves:
                await shop.say(opened.conversation, "and who is there now?", "3")
                await asyncio.sleep(10)
            assert shop.health().conversations == 0
        log = events(engine, opened)
        took = log.index(e.StaffTook(name="Ana"))
        left = log.index(e.StaffLeft()) if leaves else len(log)
        assert not [event for event in log[took:left] if isinstance(event, e.Replied)]
        later = [event.text for event in log[left:] if isinstance(event, e.Replied)]
        assert later == (["and who is there now?"] if leaves else [])
        assert not others()

    run(scene())


def test_a_turn_that_staff_answered_in_the_pause_is_left_alone(engine: sa.Engine) -> None:
    """Taken over while the customer was still typing, the ladder is not even asked."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "hi", "1")
            await append(shop, opened, e.StaffTook(name="Ana"))
            await append(shop, opened, e.StaffSaid(name="Ana", text="Hello!"))
            await asyncio.sleep(5)
        assert not ladder.turns

    run(scene())


def test_a_reply_may_call_a_person_once(engine: sa.Engine) -> None:
    """The first such reply changes the floor and shows its line; the next changes nothing."""

    async def scene() -> None:
        script = answers(wants_person="failed-turns", notice="A person comes.", failed=True)
        async with service(engine, ScriptedLadder(script)) as shop:
            opened = await shop.open("web")
            for number in range(2):
                await shop.say(opened.conversation, "what is this thing?", f"{number}")
                await asyncio.sleep(2)
        names = [type(event).__name__ for event in events(engine, opened)]
        assert names == ["CustomerSaid", "Replied", "PersonWanted", "Noticed", "CustomerSaid", "Replied"]

    run(scene())


def test_a_wish_to_be_erased_is_always_kept(engine: sa.Engine) -> None:
    """Who waits for a person already and asks to be forgotten is heard: the wish is in the log."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(answers(wants_person="erase"))) as shop:
            opened = await shop.open("web")
            await shop.want_person(opened.conversation, "p")
            await shop.say(opened.conversation, "please forget me now", "1")
            await asyncio.sleep(2)
        wishes = [event.reason for event in events(engine, opened) if isinstance(event, e.PersonWanted)]
        assert wishes == ["asked", "erase"]

    run(scene())


def test_a_goodbye_lets_the_model_forget(engine: sa.Engine) -> None:
    """After a goodbye the cached history is dropped, and the conversation may still go on."""

    async def scene() -> None:
        ladder = ScriptedLadder(answers(ends=True))
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "bye then, see you!", "1")
            await asyncio.sleep(1)
            assert ladder.forgotten == [opened.conversation]
            await shop.say(opened.conversation, "one more thing?", "2")
            await asyncio.sleep(1)
        assert len(kept(engine, opened)) == 2

    run(scene())
