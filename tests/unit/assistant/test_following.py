import asyncio
from contextlib import aclosing, suppress

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.errors import NoSuchConversation
from shopbell.assistant.frames import frame
from shopbell.assistant.room import BACKLOG
from shopbell.assistant.store import EventLog
from tests.fakes.clock import InlineWorker, others, run
from tests.fakes.ladder import ScriptedLadder, at_once, echo
from tests.fakes.service import NOW, Watcher, lines, seqs, service, words_of

ANY_ENGINE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
delays = st.sampled_from([0.0, 0.01, 0.3])


async def conversation(shop: Conversations, opened: Opened) -> None:
    """Play about six seconds: two turns, an interruption, a wish for a person, another turn, the end."""
    await shop.say(opened.conversation, "one two three four.", "1")
    await asyncio.sleep(0.8)
    await shop.say(opened.conversation, "five six.", "2")
    await asyncio.sleep(1)
    await shop.interrupt(opened.conversation)
    await shop.want_person(opened.conversation, "3")
    await asyncio.sleep(0.5)
    await shop.say(opened.conversation, "seven eight nine.", "4")
    await asyncio.sleep(3)
    await shop.end(opened.conversation)


def assert_whole(engine: sa.Engine, opened: Opened, frames: list[wire.ServerFrame], after: int) -> None:
    """Assert that the frames are the log after `after`, once and in order, with running words in between."""
    log = EventLog(engine).read(opened.conversation, after)
    shown = [kept for entry in log if (kept := frame(entry, lines().presence(NOW))) is not None]
    assert [f for f in frames if hasattr(f, "seq") and not isinstance(f, wire.Current)] == shown
    assert len([f for f in frames if isinstance(f, wire.Current)]) == 1
    words = words_of(frames)
    done: set[str] = set()
    for at in frames:
        if isinstance(at, wire.Replied):
            done.add(at.reply)
            assert words.get(at.reply, "").strip() in {"", at.text.strip()}
        elif isinstance(at, wire.Delta | wire.Replying | wire.Waiting):
            assert at.reply not in done


@ANY_ENGINE
@given(joins=st.floats(0, 6.5), delay=delays, pause=st.sampled_from([0.0, 0.05, 0.4]), skip=st.integers(0, 4))
def test_whoever_joins_at_any_moment_misses_nothing(
    engine: sa.Engine, joins: float, delay: float, pause: float, skip: int
) -> None:
    """A latecomer, quick or slow, gets the log and the running words once each, in order."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(echo), worker=InlineWorker(delay)) as shop:
            opened = await shop.open("web")
            first, watcher = Watcher(shop, opened), Watcher(shop, opened)
            before = asyncio.create_task(first.follow())
            play = asyncio.create_task(conversation(shop, opened))
            await asyncio.sleep(joins)
            before.cancel()
            after = [0, *seqs(first.frames)][-1 - skip :][0]  # what a page had seen when it was reloaded
            follow = asyncio.create_task(watcher.follow(after, pause))
            await play
            await asyncio.sleep(60)
            follow.cancel()
            with suppress(asyncio.CancelledError):
                await follow
            assert_whole(engine, opened, watcher.frames, after)
            assert shop.health().conversations == 0
        assert not others()

    run(scene())


@ANY_ENGINE
@given(
    visits=st.lists(st.tuples(st.floats(0, 6), st.floats(0, 1.5)), max_size=4),
    delay=delays,
    closes=st.booleans(),
)
def test_who_leaves_leaves_nothing_behind(
    engine: sa.Engine, visits: list[tuple[float, float]], delay: float, closes: bool
) -> None:
    """Followers that go at any moment, by closing or by being cancelled, leak neither room nor task."""

    async def scene() -> None:
        ladder = ScriptedLadder(echo)
        async with service(engine, ladder, worker=InlineWorker(delay)) as shop:
            opened = await shop.open("web")
            play = asyncio.create_task(conversation(shop, opened))

            async def visit(start: float, stay: float) -> None:
                await asyncio.sleep(start)
                watcher = Watcher(shop, opened)
                with suppress(TimeoutError):
                    async with asyncio.timeout(stay):
                        await watcher.follow()

            async def glance(start: float, stay: float) -> None:
                await asyncio.sleep(start)
                async with aclosing(shop.follow(opened.conversation)) as frames:
                    async for _ in frames:
                        await asyncio.sleep(stay / 4)
                        break

            await asyncio.gather(*((glance if closes else visit)(*when) for when in visits), play)
            await asyncio.sleep(5)
            assert (shop.health().conversations, ladder.running) == (0, 0)
            assert not others()

    run(scene())


def test_a_reader_that_lags_comes_back_and_has_all(engine: sa.Engine) -> None:
    """One that reads too slowly is let go; with its last number it gets the rest."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(at_once)) as shop:
            opened = await shop.open("web")
            watcher = Watcher(shop, opened)
            slow = asyncio.create_task(watcher.follow(pause_s=1_000))
            await asyncio.sleep(0.1)
            room = shop._rooms.live[opened.conversation]
            await shop.say(opened.conversation, "are you there?", "k")
            for _ in range(BACKLOG):
                room.publish(wire.Delta(reply="x", text="."))
            await slow
            assert watcher.let_go
            assert shop.health().conversations == 0
            last = max(seqs(watcher.frames), default=0)
            again = Watcher(shop, opened)
            follow = asyncio.create_task(again.follow(last))
            await asyncio.sleep(5)
            follow.cancel()
            expected = [entry.seq for entry in EventLog(engine).read(opened.conversation)][1:]
            assert seqs(watcher.frames) + seqs(again.frames) == expected

    run(scene())


def test_a_client_that_knows_more_than_the_log_hears_what_is_new(engine: sa.Engine) -> None:
    """After an older copy of the database was put back, numbers from the future hide nothing."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(at_once)) as shop:
            opened = await shop.open("web")
            watcher = Watcher(shop, opened)
            follow = asyncio.create_task(watcher.follow(after=10_000))
            await asyncio.sleep(0.1)
            await shop.say(opened.conversation, "are you there?", "k")
            await asyncio.sleep(2)
            follow.cancel()
        assert [type(f).__name__ for f in watcher.frames] == ["Current", "Said", "Replying", "Replied"]

    run(scene())


def test_many_follow_one_conversation(engine: sa.Engine) -> None:
    """All followers see the same frames in the same order."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(echo)) as shop:
            opened = await shop.open("web")
            watchers = [Watcher(shop, opened) for _ in range(20)]
            tasks = [asyncio.create_task(watcher.follow()) for watcher in watchers]
            await asyncio.sleep(0.1)
            await conversation(shop, opened)
            await asyncio.sleep(5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(watcher.frames == watchers[0].frames for watcher in watchers)
            assert_whole(engine, opened, watchers[0].frames, 0)

    run(scene())


def test_nobody_follows_what_was_never_begun(engine: sa.Engine) -> None:
    """An unknown id is refused and leaves no room behind."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            with pytest.raises(NoSuchConversation):
                async for _ in shop.follow("nobody"):
                    pass
            assert shop.health().conversations == 0

    run(scene())
