import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.store import EventLog
from shopbell.storage.database import open_database
from shopbell.storage.worker import Worker
from tests.fakes.clock import others, run
from tests.fakes.ladder import ScriptedLadder, Wait, at_once
from tests.fakes.service import service, watching


def kinds(engine: sa.Engine, conversation: str) -> list[str]:
    return [type(entry.event).__name__ for entry in EventLog(engine).read(conversation)]


def kept(engine: sa.Engine, conversation: str) -> Sequence[e.Replied]:
    events = (entry.event for entry in EventLog(engine).read(conversation))
    return [event for event in events if isinstance(event, e.Replied)]


def test_two_hundred_conversations_at_once(engine: sa.Engine) -> None:
    """Each gets its own answer, once, and afterwards nothing is left running."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:

            async def visit(number: int) -> tuple[str, list[str]]:
                opened = await shop.open("web")
                async with watching(shop, opened) as watcher:
                    await shop.say(opened.conversation, f"question {number} here?", f"k{number}")
                    await asyncio.sleep(10)
                return f"question {number} here?", [reply.text for reply in watcher.replies]

            answers = await asyncio.gather(*(visit(number) for number in range(200)))
            assert all(replies == [asked] for asked, replies in answers)
            assert shop.health().conversations == 0
        assert not others()

    run(scene())


def test_leaving_the_service_half_logs_nothing(engine: sa.Engine) -> None:
    """Closing in the middle of a reply keeps the question only; opened again, the question is answered."""

    async def scene() -> str:
        async with service(engine, ScriptedLadder()) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "one two three four.", "k")
            await asyncio.sleep(0.8)
        assert not others()
        assert kinds(engine, opened.conversation) == ["Opened", "CustomerSaid"]
        async with service(engine, ScriptedLadder(at_once)) as shop, watching(shop, opened) as watcher:
            await asyncio.sleep(1)
        assert [reply.text for reply in watcher.replies] == ["About one two three four."]
        return opened.conversation

    conversation = run(scene())
    assert kinds(engine, conversation) == ["Opened", "CustomerSaid", "Replied"]


@pytest.mark.parametrize("died_at", [0.0, 0.05, 0.3, 0.7, 0.95])
def test_a_killed_server_answers_when_it_is_back(tmp_path: Path, died_at: float) -> None:
    """Whenever the process dies, acknowledged words are kept and answered exactly once afterwards."""
    path = tmp_path / "killed.db"

    async def until_death() -> str:
        shop = service(open_database(path), ScriptedLadder())
        opened = await shop.open("web")
        await shop.say(opened.conversation, "one two three four.", "k")
        await asyncio.sleep(died_at)
        return opened.conversation

    async def afterwards(conversation: str) -> None:
        engine = open_database(path)
        async with service(engine, ScriptedLadder()) as shop:
            assert await shop.say(conversation, "one two three four.", "k") > 0
            await asyncio.sleep(5)
        assert kinds(engine, conversation) == ["Opened", "CustomerSaid", "Replied"]
        assert kept(engine, conversation)[0].text == "one two three four."
        engine.dispose()

    run(afterwards(run(until_death())))


async def test_the_service_works_with_a_real_thread_and_clock(engine: sa.Engine) -> None:
    """Ten customers on the database's own thread are answered, and nothing is left behind."""
    worker = Worker("database")
    before = others()
    async with service(
        engine, ScriptedLadder(lambda turn: [Wait(0.01), *at_once(turn)]), worker=worker
    ) as shop:

        async def visit(number: int) -> list[str]:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                await shop.say(opened.conversation, f"what about number {number}?", "k")
                await watcher.reply_came.wait()
            return [reply.text for reply in watcher.replies]

        answers = await asyncio.wait_for(asyncio.gather(*(visit(number) for number in range(10))), 5)
        assert answers == [[f"About what about number {number}?"] for number in range(10)]
        assert shop.health().conversations == 0
    assert others() == before
    await worker.close()
