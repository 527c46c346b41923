import asyncio

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import InQueue, Step, Turn
from tests.fakes.clock import InlineWorker, others, run
from tests.fakes.ladder import Script, ScriptedLadder, Wait, at_once, echo
from tests.fakes.service import service, watching, words_of

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


def test_three_quick_messages_are_one_turn(engine: sa.Engine) -> None:
    """A burst gets one reply that answers all of it."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                for number, text in enumerate(("hi", "do you have", "decaf beans?")):
                    await shop.say(opened.conversation, text, f"k{number}")
                    await asyncio.sleep(0.4)
                await asyncio.sleep(5)
        said = EventLog(engine).read(opened.conversation)[1:4]
        (reply,) = kept(engine, opened)
        assert reply.answers == tuple(entry.seq for entry in said)
        assert [turn.text for turn in ladder.turns][-1] == "hi do you have decaf beans?"
        assert [reply.text for reply in watcher.replies] == ["hi do you have decaf beans?"]

    run(scene())


def test_a_reply_not_yet_shown_is_begun_anew(engine: sa.Engine) -> None:
    """A message that comes before the first word is answered together with the one before."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "do you have decaf?", "1")
            await asyncio.sleep(0.3)
            await shop.say(opened.conversation, "and oat milk?", "2")
            await asyncio.sleep(5)
            assert [turn.text for turn in ladder.turns] == [
                "do you have decaf?",
                "do you have decaf? and oat milk?",
            ]
            assert [reply.text for reply in kept(engine, opened)] == ["do you have decaf? and oat milk?"]
            assert ladder.running == 0

    run(scene())


def test_a_message_after_the_first_word_gets_a_reply_of_its_own(engine: sa.Engine) -> None:
    """What was shown is finished, then the next message is answered, with the first as history."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                await shop.say(opened.conversation, "do you have decaf?", "1")
                await asyncio.sleep(0.7)
                await shop.say(opened.conversation, "and oat milk?", "2")
                await asyncio.sleep(5)
        assert [reply.text for reply in watcher.replies] == ["do you have decaf?", "and oat milk?"]
        assert [len(reply.answers) for reply in kept(engine, opened)] == [1, 1]
        assert [exchange.question for exchange in ladder.turns[1].history] == ["do you have decaf?"]

    run(scene())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pauses=st.lists(st.floats(0, 2), min_size=1, max_size=5),
    delay=delays,
    script=scripts,
)
def test_every_message_is_answered_exactly_once(
    engine: sa.Engine, pauses: list[float], delay: float, script: Script
) -> None:
    """However the messages fall in time, each is covered by one reply, in order."""

    async def scene() -> None:
        ladder = ScriptedLadder(script)
        async with service(engine, ladder, worker=InlineWorker(delay)) as shop:
            opened = await shop.open("web")
            seqs = []
            for number, pause in enumerate(pauses):
                seqs.append(await shop.say(opened.conversation, f"message {number}?", f"k{number}"))
                await asyncio.sleep(pause)
            await asyncio.sleep(20)
            assert [seq for reply in kept(engine, opened) for seq in reply.answers] == seqs
            assert (ladder.running, shop.health().conversations) == (0, 0)
        assert not others()

    run(scene())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moment=st.floats(0, 1.2), delay=delays, script=scripts)
def test_an_interruption_keeps_exactly_what_was_shown(
    engine: sa.Engine, moment: float, delay: float, script: Script
) -> None:
    """Whenever it comes there is one reply, and a cut one holds the words the customer saw, no more."""

    async def scene() -> None:
        ladder = ScriptedLadder(script)
        async with service(engine, ladder, worker=InlineWorker(delay)) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                await shop.say(opened.conversation, "one two three four.", "k")
                await asyncio.sleep(moment)
                shown_before = "".join(words_of(watcher.frames).values())
                await shop.interrupt(opened.conversation)
                await asyncio.sleep(5)
            (reply,) = kept(engine, opened)
            shown = words_of(watcher.frames)[reply.reply]
            assert ladder.running == 0
            if reply.cut:
                assert reply.text == shown == shown_before
            else:
                assert reply.text == (
                    "one two three four." if script is echo else "About one two three four."
                )
            assert [frame.cut for frame in watcher.replies] == [reply.cut]

    run(scene())


def test_an_interruption_in_mid_sentence(engine: sa.Engine) -> None:
    """After three words of four, three are kept, marked as cut, and the next message is answered as usual."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            opened = await shop.open("web")
            await shop.interrupt(opened.conversation)
            await shop.say(opened.conversation, "one two three four.", "1")
            await asyncio.sleep(0.06 + 0.5 + 0.25)
            await shop.interrupt(opened.conversation)
            await shop.interrupt(opened.conversation)
            await shop.say(opened.conversation, "five six.", "2")
            await asyncio.sleep(5)
        assert [(r.text, r.cut) for r in kept(engine, opened)] == [
            ("one two three ", True),
            ("five six.", False),
        ]

    run(scene())


def test_the_place_in_the_queue_is_told(engine: sa.Engine) -> None:
    """A waiting customer sees the place, whoever joins meanwhile sees it too."""

    def script(turn: Turn) -> list[Step | Wait]:
        return [InQueue(place=2, eta_s=9.0), Wait(1), InQueue(place=1, eta_s=4.0), Wait(1), *at_once(turn)]

    async def scene() -> None:
        async with service(engine, ScriptedLadder(script)) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as first:
                await shop.say(opened.conversation, "are you there?", "1")
                await asyncio.sleep(1.5)
                async with watching(shop, opened) as late:
                    await asyncio.sleep(2)
        places = [[f.place for f in w.frames if isinstance(f, wire.Waiting)] for w in (first, late)]
        assert places == [[2, 1], [1]]

    run(scene())


def test_times_are_measured_from_the_last_words(engine: sa.Engine) -> None:
    """The quiet that completes the turn counts, the customer's own pauses do not."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "do you have", "1")
            await asyncio.sleep(0.5)
            await shop.say(opened.conversation, "decaf?", "2")
            await asyncio.sleep(5)
        (reply,) = kept(engine, opened)
        assert reply.timings.first_word_s == pytest.approx(0.56)
        assert reply.timings.total_s == pytest.approx(0.56 + 0.4)

    run(scene())
