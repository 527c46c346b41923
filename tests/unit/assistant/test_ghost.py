"""Ghost mode: what waits, what the customer sees of it, and what becomes of it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.console import Console, Ghosting
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.counter import Counter
from shopbell.assistant.errors import DraftClosed
from shopbell.assistant.ghost import OTHER, Guarded, topic_of
from shopbell.assistant.ghostbook import HOUSE, GhostBook
from shopbell.assistant.hub import Hub
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, Step, Turn, Words
from tests.fakes.clock import InlineWorker, run
from tests.fakes.ladder import Script, ScriptedLadder, Wait
from tests.fakes.service import NIGHT, NOW, Watcher, desk, lines, watching

SOURCE = wire.Source(
    id="returns#how", title="Can I return it?", text="Within 30 days.", source="faq/returns.md:3"
)
TEA = wire.Source(id="tea#kinds", title="Which teas?", text="Ten kinds.", source="faq/tea.md:1")
_keys = itertools.count(1)


def answers(turn: Turn) -> list[Step | Wait | Exception]:
    """Answer on returns, on tea, by a rule, or not at all."""
    if "return" in turn.text:
        return [Answer(text="You may, for 30 days.", rung="model", sources=(SOURCE,), why="I read it.")]
    if "robot" in turn.text:
        return [Answer(text="I am a program.", rung="rule")]
    if "hard" in turn.text:
        return [Answer(text="I do not know.", rung="person", failed=True)]
    return [Answer(text="Ten kinds.", rung="faq", sources=(TEA,))]


def in_pieces(turn: Turn) -> list[Step | Wait | Exception]:
    """Give words before the answer, as the model does."""
    read = (TEA.id, SOURCE.id)
    said: list[Step | Wait | Exception] = [Words("You may, ", read), Wait(0.3), Words("for 30 days.", read)]
    source = SOURCE if "return" in turn.text else TEA
    return [*said, Answer(text="You may, for 30 days.", rung="model", sources=(source,))]


@dataclass
class Scene:
    """A shop in ghost mode, a customer, and what she sees."""

    shop: Conversations
    counter: Counter
    hub: Hub
    opened: Opened
    watcher: Watcher
    engine: sa.Engine
    clock: list[datetime]

    async def say(self, text: str) -> None:
        await self.shop.say(self.opened.conversation, text, f"k{next(_keys)}")
        await asyncio.sleep(3)

    async def judge(self, verdict: w.Verdict, text: str = "", name: str = "Ana", key: str = "") -> int:
        asked = w.Judge(
            key=key or f"j{next(_keys)}",
            conversation=self.opened.conversation,
            draft=self.draft().draft,
            verdict=verdict,
            text=text,
        )
        return await self.counter.approvals.judge(self.opened.conversation, name, asked)

    async def wait(self, seconds: float) -> None:
        self.clock[0] += timedelta(seconds=seconds)
        await self.hub.go_round()

    def events(self) -> list[e.Event]:
        return [entry.event for entry in EventLog(self.engine).read(self.opened.conversation)][1:]

    def drafts(self) -> list[e.Drafted]:
        return [event for event in self.events() if isinstance(event, e.Drafted)]

    def draft(self) -> e.Drafted:
        return self.drafts()[-1]

    def audit(self) -> list[tuple[str, str, str, str]]:
        lines = AuditLog(self.engine, lambda: NOW).lines()
        return [(line.actor, line.action, line.target, line.detail) for line in reversed(lines)]


@asynccontextmanager
async def scene(
    engine: sa.Engine,
    script: Script = answers,
    *,
    now: datetime = NOW,
    consoles: int = 1,
    channel: str = "web",
    **settings: Any,
) -> AsyncIterator[Scene]:
    """Open the shop; the topic `returns` needs approval unless the settings say else."""
    console = Console(ghost=Ghosting(**{"topics": ("returns",), **settings}))
    clock = [now]
    shop, counter, rooms = desk(
        engine, ScriptedLadder(script), now=lambda: clock[0], console=console, consoles=lambda: consoles
    )
    hub = Hub(
        rooms=rooms,
        counter=counter,
        event_log=EventLog(engine),
        worker=InlineWorker(),
        now=lambda: clock[0],
    )
    async with shop:
        rooms.heard = hub._hear
        opened = await shop.open(channel)
        async with watching(shop, opened) as watcher:
            yield Scene(shop, counter, hub, opened, watcher, engine, clock)


def play(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(work())


def test_a_reply_waits_and_the_customer_is_told(engine: sa.Engine) -> None:
    """Nothing of the draft is shown; one honest line says that a colleague checks it, and by when."""

    async def work() -> None:
        async with scene(engine, in_pieces) as it:
            await it.say("may I return it?")
            assert it.watcher.replies == []
            assert not [frame for frame in it.watcher.frames if isinstance(frame, wire.Delta)]
            checking = [frame for frame in it.watcher.frames if isinstance(frame, wire.Checking)]
            assert [frame.until for frame in checking] == [NOW + timedelta(seconds=60)]
            assert it.watcher.notices == [
                "I have drafted an answer; a colleague is checking it. You hear from me within a minute."
            ]
            card = it.hub.board.card(it.opened.conversation)
            assert card is not None
            assert (card.need, card.holder) == ("approval", "assistant")
            await it.judge("accepted")
            await asyncio.sleep(0.1)
            (reply,) = it.watcher.replies
            assert (reply.text, reply.rung, reply.reply) == (
                "You may, for 30 days.",
                "model",
                checking[0].reply,
            )
            assert "A colleague checked" in reply.why
            card = it.hub.board.card(it.opened.conversation)
            assert card is not None
            assert card.need == "rest"

    play(work)


def test_words_of_other_topics_are_not_held_for_good(engine: sa.Engine) -> None:
    """A reply that might have been about the topic, and is not, is said whole at once."""

    async def work() -> None:
        async with scene(engine, in_pieces) as it:
            await it.say("which teas?")
            assert [reply.text for reply in it.watcher.replies] == ["You may, for 30 days."]
            assert it.drafts() == []

    play(work)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("are you a robot?", {"topics": ("all",)}),
        ("something hard", {"topics": ("all",)}),
        ("which teas?", {}),
        ("may I return it?", {"topics": ()}),
        ("may I return it?", {"consoles": 0}),
        ("may I return it?", {"now": NIGHT}),
        ("may I return it?", {"channel": "phone"}),
    ],
)
def test_what_does_not_wait(engine: sa.Engine, text: str, settings: dict[str, Any]) -> None:
    """Rules, refusals, other topics, other channels, and everything while nobody could approve."""

    async def work() -> None:
        async with scene(engine, **settings) as it:
            await it.say(text)
            assert len(it.watcher.replies) == 1
            assert it.drafts() == []

    play(work)


def test_everything_may_wait(engine: sa.Engine) -> None:
    """With `all`, each topic of the shop's answers waits under its own name."""

    async def work() -> None:
        async with scene(engine, topics=("ALL",)) as it:
            await it.say("which teas?")
            assert (it.watcher.replies, it.draft().topic) == ([], "tea")

    play(work)


def test_an_edit_is_said_in_the_assistants_name(engine: sa.Engine) -> None:
    """The colleague's words go out as the reply; the log keeps what was drafted and who corrected it."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            await it.judge("accepted", "Yes: 30 days, with the receipt.")
            await asyncio.sleep(0.1)
            (reply,) = it.watcher.replies
            assert (reply.text, reply.rung) == ("Yes: 30 days, with the receipt.", "person")
            assert "corrected" in reply.why
            kept = next(event for event in it.events() if isinstance(event, e.Replied))
            assert kept.trace[-2:] == ("drafted: You may, for 30 days.", "corrected by Ana")
            detail = "verdict=edited topic=returns"
            assert it.audit() == [("Ana", "draft-judged", it.opened.conversation, detail)]

    play(work)


def test_a_rejection_calls_a_person_with_one_line(engine: sa.Engine) -> None:
    """The customer is not left: an honest reply, a person called, and the assistant answers nothing else."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            await it.judge("rejected")
            await asyncio.sleep(30)
            assert [reply.text for reply in it.watcher.replies] == [lines().rejected]
            assert it.watcher.notices[1:] == [lines().called(NOW)]
            kinds = [type(event).__name__ for event in it.events()[-4:]]
            assert kinds == ["DraftJudged", "Replied", "PersonWanted", "Noticed"]

    play(work)


def test_nobody_approves_and_the_shops_words_are_given(engine: sa.Engine) -> None:
    """At the deadline, not before, the customer hears that nobody checked it, and what the shop wrote."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            await it.wait(59)
            assert it.watcher.replies == []
            await it.wait(1)
            await it.wait(60)
            await asyncio.sleep(30)
            (reply,) = it.watcher.replies
            assert reply.text.startswith("Nobody could check my answer in time.")
            assert reply.text.endswith("“Can I return it?” is this: Within 30 days.")
            assert (reply.offer_person, reply.sources) == (True, (SOURCE,))
            with pytest.raises(DraftClosed):
                await it.judge("accepted")
            judged = [event.verdict for event in it.events() if isinstance(event, e.DraftJudged)]
            assert judged == ["lapsed"]

    play(work)


@pytest.mark.parametrize("in_time", [NOW, NIGHT])
def test_nobody_approves_and_a_call_back_is_offered(engine: sa.Engine, in_time: datetime) -> None:
    """If the owner says so nothing unchecked is said: a person is called, and a call back offered."""

    async def work() -> None:
        async with scene(engine, late="call-back") as it:
            await it.say("may I return it?")
            it.clock[0] = in_time
            await it.wait(60)
            await asyncio.sleep(1)
            (reply,) = it.watcher.replies
            assert reply.text == lines().unsaid
            assert "30 days" not in reply.text
            (_, line) = it.watcher.notices
            assert "leave your phone number or e-mail" in line.lower()
            assert lines().presence(it.clock[0]).text in line
            wanted = [event.reason for event in it.events() if isinstance(event, e.PersonWanted)]
            assert wanted == ["unchecked"]

    play(work)


def test_what_is_said_meanwhile_is_answered(engine: sa.Engine) -> None:
    """Another question does not begin the draft anew; both replies come, each for its own words."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            await it.say("and which teas?")
            assert [reply.text for reply in it.watcher.replies] == ["Ten kinds."]
            await it.say("may I return two?")
            first, second = it.drafts()
            await it.judge("accepted")
            await it.wait(60)
            await asyncio.sleep(1)
            told = [reply.reply for reply in it.watcher.replies]
            assert told[1:] == [second.draft, first.draft]
            replied = [event for event in it.events() if isinstance(event, e.Replied)]
            assert len({seq for reply in replied for seq in reply.answers}) == 3

    play(work)


def test_a_take_over_closes_the_draft(engine: sa.Engine) -> None:
    """Who took over answers; the draft may not be said any more, nor does it lapse."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            await it.counter.take_over(it.opened.conversation, "Ben", 0, "t")
            with pytest.raises(DraftClosed):
                await it.judge("accepted")
            await it.wait(61)
            assert it.watcher.replies == []
            await it.counter.say(it.opened.conversation, "Ben", "Yes, you may.", "s")
            await it.counter.hand_back(it.opened.conversation, "Ben", "b")
            await asyncio.sleep(30)
            assert it.watcher.replies == []

    play(work)


def test_one_of_two_judges_and_once(engine: sa.Engine) -> None:
    """The quicker colleague counts, the other is told; the same key again changes nothing."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            results = await asyncio.gather(
                it.judge("accepted", key="one"),
                it.judge("rejected", name="Ben"),
                return_exceptions=True,
            )
            assert [type(result) for result in results] == [int, DraftClosed]
            assert await it.judge("accepted", key="one") == results[0]
            await asyncio.sleep(0.1)
            assert len(it.watcher.replies) == 1

    play(work)


def test_a_topic_is_promoted_and_taken_back(engine: sa.Engine) -> None:
    """So many accepted in a row and it needs no approval; an edit begins anew; both are in the audit log."""

    async def work() -> None:
        async with scene(engine, promote_after=2) as it:
            for verdict, text in (("accepted", ""), ("edited", "No."), ("accepted", ""), ("accepted", "")):
                await it.say("may I return it?")
                await it.judge(verdict, text)  # type: ignore[arg-type]
            await it.say("may I return it?")
            assert len(it.drafts()) == 4
            assert len(it.watcher.replies) == 5
            assert it.audit()[-1] == (HOUSE, "topic-promoted", "returns", "in-a-row=2 last=Ana")
            book = GhostBook(engine, AuditLog(engine, lambda: NOW), 2, lambda: NOW)
            (standing,) = book.standings()
            assert (standing.accepted, standing.edited, standing.in_a_row) == (3, 1, 2)
            assert standing.promoted_at is not None
            assert book.take_back("Otto", "returns")
            assert not book.take_back("Otto", "returns")
            assert not book.take_back("Otto", "unheard of")
            assert it.audit()[-1] == ("Otto", "topic-taken-back", "returns", "")
            assert len(it.audit()) == 6
            await it.say("may I return it?")
            assert len(it.drafts()) == 5

    play(work)


def test_a_draft_outlives_a_restart(engine: sa.Engine) -> None:
    """After a restart the draft still waits, is not made again, and lapses in its time."""

    async def work() -> None:
        async with scene(engine) as it:
            await it.say("may I return it?")
            opened = it.opened
        shop, counter, rooms = desk(engine, ScriptedLadder(answers), now=lambda: NOW + timedelta(seconds=61))
        hub = Hub(
            rooms=rooms,
            counter=counter,
            event_log=EventLog(engine),
            worker=InlineWorker(),
            now=lambda: NOW + timedelta(seconds=61),
        )
        async with shop, hub, watching(shop, opened) as watcher:
            await asyncio.sleep(5)
        assert [reply.text[:30] for reply in watcher.replies] == ["Nobody could check my answer i"]
        kinds = [type(entry.event).__name__ for entry in EventLog(engine).read(opened.conversation)]
        assert kinds.count("Drafted") == 1

    play(work)


@pytest.mark.parametrize(
    ("passage", "topic"),
    [("returns#how", "returns"), ("Cake-Orders#x", "cake-orders"), ("product:MUG", "product"), ("x", OTHER)],
)
def test_the_topic_is_the_file(passage: str, topic: str) -> None:
    """An answer's topic is the file it stands in."""
    assert topic_of(passage) == topic


def test_promoted_topics_do_not_wait() -> None:
    """Of several topics the first that still needs approval counts."""
    guarded = Guarded(topics=frozenset({"all"}), promoted=frozenset({"tea"}))
    assert guarded.topic(["tea#a", "returns#b"]) == "returns"
    assert guarded.topic(["tea#a"]) == ""
    assert Guarded().topic(["tea#a"]) == ""
