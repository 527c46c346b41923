import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.errors import BadRequest, ConversationOver, NoSuchConversation
from shopbell.assistant.store import EventLog
from tests.fakes.clock import InlineWorker, run
from tests.fakes.ladder import ScriptedLadder, at_once, echo
from tests.fakes.service import NIGHT, NOW, service, watching


def kinds(engine: sa.Engine, conversation: str) -> list[str]:
    return [type(entry.event).__name__ for entry in EventLog(engine).read(conversation)]


def kept(engine: sa.Engine, conversation: str) -> Sequence[e.Replied]:
    events = (entry.event for entry in EventLog(engine).read(conversation))
    return [event for event in events if isinstance(event, e.Replied)]


def test_words_sent_again_count_once(engine: sa.Engine) -> None:
    """Twenty copies of a message at once are one entry and one reply, and all get its number."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder, worker=InlineWorker(0.02)) as shop:
            opened = await shop.open("web")
            copies = (shop.say(opened.conversation, "do you sell tea?", "k") for _ in range(20))
            seqs = await asyncio.gather(*copies)
            await asyncio.sleep(5)
            assert len(set(seqs)) == 1
            assert await shop.say(opened.conversation, "do you sell tea?", "k") == seqs[0]
            await asyncio.sleep(5)
        assert kinds(engine, opened.conversation) == ["Opened", "CustomerSaid", "Replied"]
        assert len(ladder.turns) == 1

    run(scene())


def test_words_sent_again_do_not_begin_the_reply_anew(engine: sa.Engine) -> None:
    """A client that repeats itself while it waits does not put its own answer off."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            for _ in range(5):
                await shop.say(opened.conversation, "do you sell tea?", "k")
                await asyncio.sleep(0.2)
            await asyncio.sleep(1)
            assert len(ladder.turns) == 1
            assert len(kept(engine, opened.conversation)) == 1

    run(scene())


@pytest.mark.parametrize(
    ("text", "key"),
    [("", "k"), ("  \n", "k"), ("x" * (wire.MAX_UTTERANCE_CHARS + 1), "k"), ("hi", ""), ("hi", "k" * 65)],
)
def test_words_out_of_form_are_refused(engine: sa.Engine, text: str, key: str) -> None:
    """Empty or overlong words and keys raise, and nothing is kept."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            opened = await shop.open("web")
            with pytest.raises(BadRequest):
                await shop.say(opened.conversation, text, key)
            await shop.say(opened.conversation, "x" * wire.MAX_UTTERANCE_CHARS, "k" * 64)
            assert kinds(engine, opened.conversation) == ["Opened", "CustomerSaid"]

    run(scene())


def test_an_ended_conversation_takes_no_words(engine: sa.Engine) -> None:
    """After the end nothing is said or asked; stars may still be given."""

    async def scene() -> None:
        ladder = ScriptedLadder()
        async with service(engine, ladder) as shop:
            opened = await shop.open("web")
            await shop.end(opened.conversation)
            for refused in (
                shop.say(opened.conversation, "hi", "k"),
                shop.want_person(opened.conversation, "k"),
                shop.end(opened.conversation),
            ):
                with pytest.raises(ConversationOver):
                    await refused
            await shop.stars(opened.conversation, 5, "  lovely ")
            with pytest.raises(BadRequest):
                await shop.stars(opened.conversation, 6, "")
        assert kinds(engine, opened.conversation) == ["Opened", "Ended", "Starred"]
        assert set(ladder.forgotten) == {opened.conversation}
        assert not ladder.turns

    run(scene())


def test_the_end_stops_the_reply_in_its_tracks(engine: sa.Engine) -> None:
    """What was shown is kept as cut, before the end; words that race the end come first or are refused."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(), worker=InlineWorker(0.05)) as shop:
            opened = await shop.open("web")
            await shop.say(opened.conversation, "one two three four five.", "k")
            await asyncio.sleep(0.9)
            results = await asyncio.gather(
                shop.end(opened.conversation),
                shop.say(opened.conversation, "more", "k2"),
                return_exceptions=True,
            )
            await asyncio.sleep(5)
        assert isinstance(results[0], int)
        log = kinds(engine, opened.conversation)
        assert log[-1] == "Ended"
        assert log.count("Replied") == 1
        assert isinstance(results[1], ConversationOver) or "CustomerSaid" in log[2:]

    run(scene())


def test_only_the_token_lets_somebody_go_on(engine: sa.Engine) -> None:
    """Another conversation's token and an unknown id are refused."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            mine, theirs = await shop.open("web"), await shop.open("web")
            await shop.resume(mine.conversation, mine.token)
            for conversation, token in (
                (mine.conversation, theirs.token),
                (mine.conversation, ""),
                ("x", mine.token),
            ):
                with pytest.raises(NoSuchConversation):
                    await shop.resume(conversation, token)
            with pytest.raises(NoSuchConversation):
                await shop.say("x", "hi", "k")
            assert shop.health().conversations == 0

    run(scene())


@pytest.mark.parametrize(
    ("now", "words"),
    [(NOW, "Someone is here until 17:00."), (NIGHT, "Nobody is in now; we are back tomorrow at 09:00.")],
)
def test_the_wish_for_a_person_is_noticed_once(engine: sa.Engine, now: datetime, words: str) -> None:
    """One visible line says honestly whether somebody is there, however often the press arrives."""

    async def scene() -> None:
        key = "k" * 64
        async with service(engine, ScriptedLadder(), worker=InlineWorker(0.01), now=lambda: now) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                await asyncio.gather(*(shop.want_person(opened.conversation, key) for _ in range(5)))
                await shop.want_person(opened.conversation, key)
                await asyncio.sleep(1)
        assert kinds(engine, opened.conversation) == ["Opened", "PersonWanted", "Noticed"]
        (notice,) = watcher.notices
        assert words in notice
        (floor,) = [frame for frame in watcher.frames if isinstance(frame, wire.FloorChanged)]
        assert floor.presence is not None
        assert floor.presence.text in notice

    run(scene())


def test_presence_is_told_as_it_is_then(engine: sa.Engine) -> None:
    """Somebody who has followed since noon is told at night that nobody is in."""

    async def scene() -> None:
        time = NOW
        async with service(engine, ScriptedLadder(), now=lambda: time) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened) as watcher:
                time = NIGHT
                await shop.want_person(opened.conversation, "k")
                await asyncio.sleep(0.1)
        (floor,) = [frame for frame in watcher.frames if isinstance(frame, wire.FloorChanged)]
        assert floor.presence is not None
        assert not floor.presence.staffed

    run(scene())


def test_who_has_a_person_needs_none(engine: sa.Engine) -> None:
    """The button changes nothing while staff hold the floor."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder()) as shop:
            opened = await shop.open("web")
            async with watching(shop, opened):
                await shop._append(shop._rooms.live[opened.conversation], e.StaffTook(name="Ana"))
                await shop.want_person(opened.conversation, "k")
        assert kinds(engine, opened.conversation) == ["Opened", "StaffTook"]

    run(scene())


def test_one_question_outside_any_conversation(engine: sa.Engine) -> None:
    """`ask` gives the reply and leaves no trace in the log."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(echo)) as shop:
            answer = await shop.answer("do you sell tea?")
            assert (answer.text, answer.seq, answer.rung) == ("do you sell tea?", 0, "model")
            assert answer.timings.total_s == pytest.approx(0.9)
            assert answer.timings.first_word_s == pytest.approx(0.5)
            assert shop.health().conversations == 0
        assert not EventLog(engine).recent()

    run(scene())


def test_only_a_reply_of_this_conversation_is_rated(engine: sa.Engine) -> None:
    """A thumb for a reply given here is kept, also after the end; any other id is refused in words."""

    async def scene() -> None:
        async with service(engine, ScriptedLadder(at_once)) as shop:
            mine, other = await shop.open("web"), await shop.open("web")
            for opened in (mine, other):
                await shop.say(opened.conversation, "do you sell tea?", "1")
            await asyncio.sleep(5)
            given = {
                opened: kept(engine, opened)[0].reply for opened in (mine.conversation, other.conversation)
            }
            await shop.end(mine.conversation)
            for reply in ("r", "", given[other.conversation]):
                with pytest.raises(BadRequest, match="No reply of this conversation"):
                    await shop.rate(mine.conversation, reply, True)
            await shop.rate(mine.conversation, given[mine.conversation], True)
        assert kinds(engine, mine.conversation)[-2:] == ["Ended", "Rated"]
        assert "Rated" not in kinds(engine, other.conversation)

    run(scene())
