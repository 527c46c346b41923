"""Three staff, a customer, restarts and lost connections: who speaks, and what is seen of every hand-over."""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shopbell.assistant import events as e
from shopbell.assistant import staffwire as w
from shopbell.assistant.console import Console, Ghosting
from shopbell.assistant.conversation import Conversation, Floor, fold
from shopbell.assistant.errors import BadRequest, ConversationOver, DraftClosed, FloorTaken, NotHolder
from shopbell.assistant.hub import Hub
from shopbell.assistant.store import EventLog
from shopbell.assistant.turn import Answer, Step, Turn, Words
from shopbell.assistant.wire import Source
from tests.fakes.clock import InlineWorker, VirtualLoop
from tests.fakes.databases import new_database
from tests.fakes.ladder import ScriptedLadder, Wait
from tests.fakes.service import NOW, Watcher, desk

RETURNS = Source(id="returns#how", title="Returns?", text="30 days.", source="faq/returns.md:1")
CONSOLE = Console(ghost=Ghosting(topics=("returns",), promote_after=3))
STAFF = ("Ana", "Ben", "Cem")
names = st.sampled_from(STAFF)
pauses = st.sampled_from([0.0, 0.05, 0.6, 2.0])
REFUSALS = (FloorTaken, NotHolder, ConversationOver, BadRequest, DraftClosed)


def helpful(turn: Turn) -> list[Step | Wait | Exception]:
    """Answer in pieces; a person is wanted by those who ask for one, and some turns fail."""
    if "person" in turn.text:
        return [Answer(text="I let them know.", rung="rule", wants_person="asked", notice="Somebody comes.")]
    if "hard" in turn.text:
        return [Wait(0.1), Answer(text="I do not know.", rung="person", failed=True)]
    if "return" in turn.text:
        read = (RETURNS.id,)
        return [Wait(0.3), Words("You ", read), Answer(text="You may.", rung="model", sources=(RETURNS,))]
    return [Wait(0.3), Words("Well, "), Wait(0.3), Words("yes."), Answer(text="Well, yes.", rung="model")]


class FloorMachine(RuleBasedStateMachine):
    """Runs the real service on a virtual clock."""

    channel = "web"

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.engine = new_database(Path(self.folder.name) / "shop.db")
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.keys = itertools.count()
        self.now = NOW
        self.known: list[e.Logged] = []
        self.glance = sqlite3.connect(Path(self.folder.name) / "shop.db")
        self.start()
        self.opened = self.run(self.shop.open(self.channel))
        self.watch()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def start(self) -> None:
        self.ladder = ScriptedLadder(helpful)
        self.shop, self.counter, rooms = desk(
            self.engine, self.ladder, worker=InlineWorker(0.01), now=lambda: self.now, console=CONSOLE
        )
        self.hub = Hub(
            rooms=rooms,
            counter=self.counter,
            event_log=EventLog(self.engine),
            worker=InlineWorker(),
            now=lambda: self.now,
        )
        self.run(self.hub.__aenter__())

    def stop(self) -> None:
        self.run(self.hub.__aexit__())
        self.run(self.shop.__aexit__())

    def watch(self) -> None:
        async def begin() -> asyncio.Task[None]:
            self.watcher = Watcher(self.shop, self.opened)
            return asyncio.create_task(self.watcher.follow())

        self.task = self.run(begin())

    def leave(self) -> None:
        async def end() -> None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task

        self.run(end())

    def key(self) -> str:
        return f"k{next(self.keys)}"

    def log(self) -> list[e.Logged]:
        """Return what stands in the log; what was read before is not read again: nothing in it changes."""
        name = self.opened.conversation
        if not self.known or self.known[0].conversation != name:
            self.known = []
        last = self.known[-1].seq if self.known else 0
        (newest,) = self.glance.execute(
            "SELECT max(seq) FROM event WHERE conversation = ?", (name,)
        ).fetchone()
        if newest != last:
            self.known = [*self.known, *EventLog(self.engine).read(name, last)]
        return self.known

    def state(self) -> Conversation:
        return fold(Conversation(id=self.opened.conversation), self.log())

    def attempt(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        async def tried() -> None:
            with suppress(*REFUSALS):
                await work()

        self.run(tried())

    # --- what people do ------------------------------------------------------------------------------------

    @rule(
        text=st.sampled_from(
            ["do you sell tea?", "a person please", "something hard", "and then?", "may I return it?"]
        )
    )
    def customer_says(self, text: str) -> None:
        self.attempt(lambda: self.shop.say(self.opened.conversation, text, self.key()))

    @rule()
    def customer_presses(self) -> None:
        self.attempt(lambda: self.shop.want_person(self.opened.conversation, self.key()))

    @rule()
    def customer_interrupts(self) -> None:
        self.attempt(lambda: self.shop.interrupt(self.opened.conversation))

    @rule(name=names, stale=st.booleans())
    def takes(self, name: str, stale: bool) -> None:
        version = self.state().hold.version - (1 if stale else 0)
        self.attempt(lambda: self.counter.take_over(self.opened.conversation, name, version, self.key()))

    @rule(pair=st.permutations(STAFF))
    def two_reach(self, pair: list[str]) -> None:
        """Exactly one of two who saw the same gets the floor, unless somebody holds it already."""
        before = self.state()

        async def both() -> list[Any]:
            version = before.hold.version
            return await asyncio.gather(
                *(
                    self.counter.take_over(self.opened.conversation, name, version, self.key())
                    for name in pair[:2]
                ),
                return_exceptions=True,
            )

        results = self.run(both())
        won = [result for result in results if isinstance(result, int)]
        if before.floor is not Floor.STAFF and not before.ended:
            assert len(won) == 1
            lost = next(result for result in results if not isinstance(result, int))
            assert isinstance(lost, FloorTaken)
            assert self.state().staff in str(lost)

    @rule(name=names, twice=st.booleans())
    def staff_says(self, name: str, twice: bool) -> None:
        key = self.key()
        for _ in range(1 + twice):
            self.attempt(lambda: self.counter.say(self.opened.conversation, name, "Here you are.", key))

    @rule(name=names)
    def hands_back(self, name: str) -> None:
        self.attempt(lambda: self.counter.hand_back(self.opened.conversation, name, self.key()))

    @rule(name=names)
    def whispers(self, name: str) -> None:
        words = "offer her a refill"
        self.attempt(lambda: self.counter.whisper(self.opened.conversation, name, words, self.key()))

    @rule(name=names)
    def asks_for_a_draft(self, name: str) -> None:
        self.attempt(lambda: self.counter.approvals.suggest(self.opened.conversation, name, self.key()))

    @rule(name=names, verdict=st.sampled_from(["accepted", "edited", "rejected"]))
    def judges(self, name: str, verdict: w.Verdict) -> None:
        draft = self.state().draft
        judged = w.Judge(
            key=self.key(),
            conversation=self.opened.conversation,
            draft=draft.draft if draft else "none",
            verdict=verdict,
            text="Edited." if verdict == "edited" else "",
        )
        self.attempt(lambda: self.counter.approvals.judge(self.opened.conversation, name, judged))

    @precondition(lambda self: self.state().ghosts)
    @rule(pair=st.permutations(STAFF), verdict=st.sampled_from(["accepted", "edited", "rejected"]))
    def two_approve(self, pair: list[str], verdict: w.Verdict) -> None:
        """Exactly one of two who judge the same reply counts."""
        (ghost, *_) = self.state().ghosts
        words = "Edited." if verdict == "edited" else ""

        async def both() -> list[Any]:
            judged = (
                w.Judge(self.key(), self.opened.conversation, ghost.draft.draft, verdict, words)
                for _ in range(2)
            )
            return await asyncio.gather(
                *(
                    self.counter.approvals.judge(self.opened.conversation, name, asked)
                    for name, asked in zip(pair, judged, strict=False)
                ),
                return_exceptions=True,
            )

        results = self.run(both())
        assert sorted(type(result).__name__ for result in results) == ["DraftClosed", "int"]

    @rule(seconds=pauses)
    def time_passes(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @rule(minutes=st.sampled_from([1, 3, 11]))
    def rounds_are_made(self, minutes: int) -> None:
        # The log stamps entries with the real time; the service's clock runs ahead of it by what passed here.
        self.now = max(self.now, datetime.now(NOW.tzinfo)) + timedelta(minutes=minutes)
        self.run(self.hub.go_round())

    @rule()
    def restarts(self) -> None:
        self.leave()
        self.stop()
        self.start()
        self.watch()

    @rule()
    def loses_the_connection(self) -> None:
        self.leave()
        self.watch()

    @precondition(lambda self: len(self.log()) > 40)
    @rule()
    def begins_anew(self) -> None:
        self.leave()
        self.opened = self.run(self.shop.open(self.channel))
        self.watch()

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def the_assistant_is_silent_while_staff_hold_the_floor(self) -> None:
        state = Conversation(id=self.opened.conversation)
        for entry in self.log():
            if isinstance(entry.event, e.Replied | e.PersonWanted):
                assert state.floor is not Floor.STAFF
            state = fold(state, [entry])

    @invariant()
    def every_hand_over_has_one_visible_line(self) -> None:
        entries = [entry.event for entry in self.log()]
        for place, event in enumerate(entries):
            if isinstance(event, e.PersonWanted | e.StaffTook | e.StaffLeft):
                assert isinstance(entries[place + 1], e.Noticed)
                assert not any(isinstance(event, e.Noticed) for event in entries[place + 2 : place + 3])
        lines = sum(isinstance(event, e.Noticed) for event in entries)
        moves = sum(isinstance(event, e.PersonWanted | e.StaffTook | e.StaffLeft) for event in entries)
        drafts = sum(isinstance(event, e.Drafted) and event.ghost for event in entries)
        assert lines == moves + drafts

    @invariant()
    def no_reply_is_given_twice_nor_unapproved(self) -> None:
        entries = [entry.event for entry in self.log()]
        answered = [seq for event in entries if isinstance(event, e.Replied) for seq in event.answers]
        assert len(answered) == len(set(answered))
        judged = {event.draft for event in entries if isinstance(event, e.DraftJudged)}
        said = {event.reply for event in entries if isinstance(event, e.Replied)}
        ghosts = {event.draft for event in entries if isinstance(event, e.Drafted) and event.ghost}
        assert not (said & ghosts) - judged

    @invariant()
    def the_board_says_what_the_log_says(self) -> None:
        """Hold the card against the log up to the card's own number, the last unless one is being written.

        An event stands in the log a moment before anybody is told of it: here the worker's delay, in the
        shop the way back from the writer's thread.
        """
        log, card = self.log(), self.hub.board.card(self.opened.conversation)
        if card is None:
            return
        state = fold(
            Conversation(id=self.opened.conversation), [entry for entry in log if entry.seq <= card.seq]
        )
        assert (card.holder, card.staff) == (state.floor.value, state.staff)
        assert card.version == state.hold.version
        room = self.shop._rooms.live.get(self.opened.conversation)
        being_written = room is not None and room.order.locked()
        assert being_written or card.seq == log[-1].seq

    @invariant()
    def nothing_is_streamed_over_a_person(self) -> None:
        room = self.shop._rooms.live.get(self.opened.conversation)
        if room is not None and room.state.floor is Floor.STAFF:
            assert (
                room.live is None or room.speaking is None or room.speaking.cancelling() or room.live.settled
            )

    def teardown(self) -> None:
        """Whoever got the floor back answers once and then waits: no loop."""
        if self.state().floor is Floor.STAFF:
            holder = self.state().staff
            self.attempt(lambda: self.counter.hand_back(self.opened.conversation, holder, self.key()))
        self.run(asyncio.sleep(30))
        self.now = max(self.now, datetime.now(NOW.tzinfo)) + timedelta(minutes=2)
        self.run(self.hub.go_round())
        assert self.state().ghosts == ()
        before = len(self.log())
        self.run(asyncio.sleep(300))
        assert len(self.log()) == before
        self.the_board_says_what_the_log_says()
        self.leave()
        self.stop()
        self.runner.close()
        self.glance.close()
        self.engine.dispose()
        self.folder.cleanup()


TestFloor = FloorMachine.TestCase
TestFloor.settings = settings(
    max_examples=130,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
