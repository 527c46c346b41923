"""Replies begun while the customer may still go on, in the real service on a virtual clock."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.preparing import STALE_S, Prepared
from shopbell.assistant.reply import BROKEN
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, InQueue, Settled, Step, Turn, Words
from tests.fakes.clock import others, run
from tests.fakes.ladder import Script, ScriptedLadder, Wait, echo
from tests.fakes.service import NOW, service, watching

WORDS = "What about the garden?"
Scene = Callable[[Conversations, Opened], Awaitable[None]]


def slow(turn: Turn) -> list[Step | Wait]:
    """Think for two seconds; without an end where half a question was asked."""
    if not turn.text.endswith("?"):
        return [Wait(1_000.0)]
    return [Wait(2.0), Words("It is"), Words(" behind the house."), Answer(text=turn.text, rung="model")]


def waits(_turn: Turn) -> list[Step | Wait]:
    """Be third in the queue, then answer."""
    return [InQueue(2, 3.0), Wait(3.0), Answer(text="At last.", rung="model")]


class Doer(ScriptedLadder):
    """Does something for every turn."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    async def respond(self, turn: Turn) -> AsyncGenerator[Step, None]:
        yield Settled()
        self.done.append(turn.text)
        yield Answer(text="Done.", rung="flow")


def plays(
    engine: sa.Engine, scene: Scene, script: Script = slow, *, ladder: ScriptedLadder | None = None
) -> tuple[ScriptedLadder, list[e.Replied]]:
    """Play a scene, with seconds enough after it; return the ladder and the replies that were kept."""
    ladder = ladder or ScriptedLadder(script)

    async def main() -> list[e.Replied]:
        loop = asyncio.get_running_loop()

        async with service(engine, ladder, now=lambda: NOW + timedelta(seconds=loop.time())) as shop:
            opened = await shop.open("kiosk")
            async with watching(shop, opened):
                await scene(shop, opened)
                await asyncio.sleep(20)
            assert (ladder.running, shop.health().conversations) == (0, 0)
        assert not others()
        log = EventLog(engine).read(opened.conversation)
        return [entry.event for entry in log if isinstance(entry.event, e.Replied)]

    return ladder, run(main())


def test_the_reply_to_the_same_words_is_there(engine: sa.Engine) -> None:
    """What was thought out in the pause is not thought out again: the reply comes at once, all of it."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(2.5)
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    ladder, (reply,) = plays(engine, scene)
    assert [turn.text for turn in ladder.turns] == [WORDS]
    assert reply.text == WORDS
    assert reply.timings.first_word_s < 0.1
    assert reply.timings.total_s < 0.1


def test_one_that_is_not_ready_goes_on(engine: sa.Engine) -> None:
    """Whoever is asked in the middle of thinking thinks on, and does not begin anew."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(1.5)
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    ladder, (reply,) = plays(engine, scene)
    assert len(ladder.turns) == 1
    assert reply.timings.first_word_s == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("between", ["", "What about the"])
def test_who_goes_on_is_answered_to_all_of_it(engine: sa.Engine, between: str) -> None:
    """Other words than those prepared for, or taken back, leave nothing of it behind."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, "What about")
        await asyncio.sleep(1.0)
        await shop.prepare(opened.conversation, between)
        await asyncio.sleep(0.5)
        assert asyncio.get_running_loop().time() < 2.0
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    ladder, replies = plays(engine, scene)
    assert [turn.text for turn in ladder.turns] == ["What about", *([between] if between else []), WORDS]
    assert [reply.text for reply in replies] == [WORDS]


@pytest.mark.parametrize("said", [(), (WORDS,), ("Something else.",)])
def test_nothing_is_carried_out_before_the_words_count(engine: sa.Engine, said: tuple[str, ...]) -> None:
    """What comes after `Settled` is done when the customer has said it, and not at all otherwise."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(1.0)
        assert doer.done == []
        for text in said:
            await shop.say(opened.conversation, text, "k", spoken=True)

    doer = Doer()
    _, replies = plays(engine, scene, ladder=doer)
    assert doer.done == list(said)
    assert len(replies) == len(said)


def test_what_went_wrong_ahead_is_told() -> None:
    """The log says what it was, not that no answer came."""

    async def scene() -> None:
        turn = Turn(conversation="c", text=WORDS, now=NOW)
        broken = ScriptedLadder(lambda _: [Words("It"), RuntimeError("broken")]).respond(turn)
        prepared = Prepared(turn, broken, asyncio.create_task)
        await asyncio.sleep(1.0)
        assert [step async for step in prepared.steps()] == [Words("It")]

    with pytest.raises(RuntimeError, match="broken"):
        run(scene())


def test_a_fault_ahead_is_a_fault_of_the_reply(engine: sa.Engine) -> None:
    """Who is answered out of it hears words, as after any fault."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(1.0)
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    _, (reply,) = plays(engine, scene, lambda _: [RuntimeError("broken")])
    assert reply.text == BROKEN


def test_who_has_asked_goes_first(engine: sa.Engine) -> None:
    """A reply that would have to wait for others' is given up until it is asked for."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(1.0)
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    ladder, (reply,) = plays(engine, scene, waits)
    assert len(ladder.turns) == 2
    assert reply.text == "At last."


def test_a_stale_one_is_not_said(engine: sa.Engine) -> None:
    """A minute later the shop may have closed."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.prepare(opened.conversation, WORDS)
        await asyncio.sleep(STALE_S + 0.1)
        await shop.say(opened.conversation, WORDS, "k", spoken=True)

    ladder, replies = plays(engine, scene)
    assert len(ladder.turns) == 2
    assert len(replies) == 1


def test_nothing_is_prepared_into_a_reply(engine: sa.Engine) -> None:
    """While something is answered nothing else is thought of."""

    async def scene(shop: Conversations, opened: Opened) -> None:
        await shop.say(opened.conversation, "Hello there.", "k", spoken=True)
        await asyncio.sleep(0.3)
        await shop.prepare(opened.conversation, WORDS)

    ladder, replies = plays(engine, scene, echo)
    assert [turn.text for turn in ladder.turns] == ["Hello there."]
    assert len(replies) == 1
