"""The language model behind its queue, with a toy engine in a real worker process."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from shopbell.assistant.errors import Overdue, TooLong, Unavailable
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.llm.protocol import Beginning, Finished, Generation, Message, Piece, Place, Progress
from shopbell.assistant.llm.requests import EngineSettings
from shopbell.models.launch import Patience
from tests.fakes.toy import ToySettings

pytestmark = pytest.mark.slow

TOY = "tests.fakes.toy:start"
QUICK = Patience(first_pause_s=0.05, longest_pause_s=0.2, hang_s=2.0)

Build = Callable[..., WorkerModel]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a maker of models over a toy whose every slice takes `pause_s` seconds."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]), prepend=os.pathsep)

    def made(pause_s: float = 0.0, limit: int = 8, cells: int = 4096, at_once: int = 4) -> WorkerModel:
        file = tmp_path / "toy.json"
        file.write_bytes(msgspec.json.encode(ToySettings(pause_s=pause_s, cells=cells)))
        settings = EngineSettings(model=file, data=tmp_path)
        return WorkerModel(settings, limit=limit, at_once=at_once, patience=QUICK, factory=TOY)

    return made


@pytest.fixture
async def slow(build: Build) -> AsyncIterator[WorkerModel]:
    """Give a model that needs about 0.05 s for a token, and does one job at a time."""
    async with build(pause_s=0.05, at_once=1) as model:
        await model.ready()
        yield model


def job(text: str, conversation: str = "a", deadline_s: float = 10.0, most: int = 100) -> Generation:
    return Generation(
        conversation=conversation,
        messages=(Message("user", text),),
        max_tokens=most,
        deadline_s=deadline_s,
    )


async def play(model: WorkerModel, generation: Generation) -> list[Progress]:
    async with asyncio.timeout(20), aclosing(model.generate(generation)) as progress:
        return [event async for event in progress]


def text_of(events: list[Progress]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


async def test_a_reply_comes_in_pieces_and_ends(build: Build) -> None:
    """Pieces, then one `Finished`, and nothing after it."""
    async with build() as model:
        await model.ready()
        events = await play(model, job("hello"))
    assert text_of(events) == "hello"
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished) for event in events) == 1


async def test_without_a_file_it_is_absent(tmp_path: Path) -> None:
    """No model on disk: absent, and Unavailable at once, for every call."""
    for settings in (None, EngineSettings(model=tmp_path / "none.gguf", data=tmp_path)):
        async with WorkerModel(settings) as model:
            assert model.state.status == "absent"
            with pytest.raises(Unavailable):
                await model.ready()
            with pytest.raises(Unavailable):
                await play(model, job("x"))
            with pytest.raises(Unavailable):
                await model.judge("a", (), ("y", "n"), 1.0)
            model.forget("a")


async def test_while_it_starts_it_is_unavailable(build: Build) -> None:
    """Nobody waits for an engine that is not there yet."""
    async with build() as model:
        assert model.state.status == "starting"
        with pytest.raises(Unavailable):
            await play(model, job("x"))


async def test_whoever_waits_is_told_the_place(slow: WorkerModel) -> None:
    """Places come down as the jobs ahead are done; the first has none."""
    runs = await asyncio.gather(*(play(slow, job("abc", name)) for name in "abc"))
    places = [[event.place for event in run if isinstance(event, Place)] for run in runs]
    assert places == [[], [1], [2, 1]]
    assert [text_of(run) for run in runs] == ["abc"] * 3
    last = runs[2][-1]
    assert isinstance(last, Finished)
    assert last.queue_s > 0.2


async def test_closing_frees_the_engine_within_a_token(slow: WorkerModel) -> None:
    """A reply that is closed stops the model, and the next begins at once."""
    async with aclosing(slow.generate(job("a" * 90))) as progress:
        async for event in progress:
            if isinstance(event, Piece):
                break
    began = time.monotonic()
    assert text_of(await play(slow, job("b", "b"))) == "b"
    assert time.monotonic() - began < 2.5  # the rest of it would have taken longer


async def test_leaving_the_queue_frees_the_place(slow: WorkerModel) -> None:
    """A customer who goes away while waiting is not served."""
    first = asyncio.create_task(play(slow, job("abcd")))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(play(slow, job("x" * 90, "b")))
    third = asyncio.create_task(play(slow, job("y", "c")))
    await asyncio.sleep(0.05)
    assert slow.state.queue == 2
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert slow.state.queue == 1
    assert text_of(await first) == "abcd"
    assert [event.place for event in await third if isinstance(event, Place)] == [2, 1]


async def test_past_the_deadline_it_is_overdue(slow: WorkerModel) -> None:
    """The deadline is that of the first word, whether the job waits or runs."""
    with pytest.raises(Overdue):
        await play(slow, job("x" * 1600, deadline_s=0.3))
    first = asyncio.create_task(play(slow, job("a" * 30)))
    await asyncio.sleep(0.05)
    while slow.state.queue:  # the one before it makes way within a token  # noqa: ASYNC110 - a test may poll
        await asyncio.sleep(0.01)
    slow._turns.pace.note("generate", -20.0)  # the guess is far too good: it must wait, not be refused
    began = time.monotonic()
    with pytest.raises(Overdue, match="in time"):
        await play(slow, job("b", "b", deadline_s=0.4))
    assert 0.3 < time.monotonic() - began < 1.4  # .4, and what a busy machine adds; the other needs 1.5
    assert text_of(await first) == "a" * 30


async def test_a_reply_that_has_begun_is_never_overdue(slow: WorkerModel) -> None:
    """After the first word the deadline is forgotten."""
    assert text_of(await play(slow, job("a" * 20, deadline_s=0.5))) == "a" * 20


async def test_a_hopeless_wait_is_refused_at_once(slow: WorkerModel) -> None:
    """When the turn would come too late, it is said at once."""
    slow._turns.pace.note("generate", 20.0)
    first = asyncio.create_task(play(slow, job("a" * 20)))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    with pytest.raises(Overdue, match="too late"):
        await play(slow, job("b", "b", deadline_s=1.0))
    assert time.monotonic() - began < 0.7  # at once, not at the deadline
    await first


async def test_a_full_queue_refuses_at_once(build: Build) -> None:
    """The queue has a limit."""
    async with build(pause_s=0.05, limit=2, at_once=1) as model:
        await model.ready()
        tasks = [asyncio.create_task(play(model, job("abc", name))) for name in "abc"]
        await asyncio.sleep(0.02)
        with pytest.raises(Overdue, match="waiting already"):
            await play(model, job("d", "d"))
        await asyncio.gather(*tasks)


async def test_conversations_take_turns(slow: WorkerModel) -> None:
    """One customer's three questions do not all go before another's."""
    order: list[str] = []

    async def one(conversation: str) -> None:
        await play(slow, job("ab", conversation, deadline_s=30))
        order.append(conversation)

    await asyncio.gather(*(one(name) for name in "aaab"))
    assert order.index("b") <= 2  # the second was in the line before the other came


async def test_a_judgement_weighs_options_among_all_words(build: Build) -> None:
    """The likelier option has the more; other words keep their share."""
    async with build() as model:
        await model.ready()
        yes, no = (await model.judge("a", (Message("user", "yes"),), ("yes", "no"), 5.0)).probabilities
        assert yes > 50 * no > 0
        assert yes + no < 1.0
        with pytest.raises(ValueError, match="option"):
            await model.judge("a", (Message("user", "yes"),), ("yes", ""), 5.0)


async def test_too_long_is_too_long(build: Build) -> None:
    """What does not fit is refused, before or behind the queue, and the engine goes on."""
    async with build() as model:
        await model.ready()
        for length in (3000, 1 << 20):
            with pytest.raises(TooLong):
                await play(model, job("x" * length))
        assert text_of(await play(model, job("still"))) == "still"
        assert model.state.restarts == 0


async def test_kill_fails_everyone_at_once_and_service_returns(slow: WorkerModel) -> None:
    """After `kill -9` whoever runs or waits is told, the beginning is warmed again, and it answers."""
    slow.warm(Beginning(messages=(Message("system", "s" * 200),)))
    tasks = [asyncio.create_task(play(slow, job("a" * 40, name))) for name in "ab"]
    await asyncio.sleep(0.3)
    began = time.monotonic()
    os.kill(slow.worker.state.pid, signal.SIGKILL)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert time.monotonic() - began < 1.5  # their words would have taken two
    assert slow.state.status == "restarting"
    await slow.ready()
    generation = msgspec.structs.replace(
        job("back"), messages=(Message("system", "s" * 200), Message("user", "back"))
    )
    events = await play(slow, generation)
    assert text_of(events) == "back"
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.cached_tokens > 200
    assert slow.state.restarts == 1


async def test_stopping_tells_everyone(build: Build) -> None:
    """Nobody is left waiting when the house closes."""
    model = build(pause_s=0.05)
    model.start()
    await model.ready()
    tasks = [asyncio.create_task(play(model, job("a" * 40, name))) for name in "ab"]
    await asyncio.sleep(0.1)
    await model.stop()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)


async def test_a_consumer_that_dawdles_does_not_hold_up_others(slow: WorkerModel) -> None:
    """Somebody who reads slowly, or not at all, keeps no one waiting."""
    dawdler = slow.generate(job("abcd"))
    await anext(dawdler)
    began = time.monotonic()
    assert text_of(await play(slow, job("b", "b"))) == "b"
    assert time.monotonic() - began < 4.0
    rest = [event async for event in dawdler]
    assert isinstance(rest[-1], Finished)


async def test_many_who_come_and_go_leave_nothing_behind(build: Build) -> None:
    """Fifty random disconnects among eight conversations: all are served or told, nothing is kept."""
    async with build(pause_s=0.002, limit=128) as model:
        await model.ready()

        async def visit(number: int) -> str:
            try:
                async with asyncio.timeout(0.02 * (number % 7) if number % 2 else 30):
                    return text_of(await play(model, job("hello", str(number % 8), deadline_s=900)))
            except (TimeoutError, Overdue):
                return "gone"

        said = await asyncio.gather(*(visit(number) for number in range(100)))
        assert set(said) <= {"hello", "gone"}
        assert said.count("hello") >= 50
        assert text_of(await play(model, job("after"))) == "after"
        assert model._turns.idle


async def test_a_beginning_is_kept_while_nobody_asks(build: Build) -> None:
    """The idle engine reads it; the name comes back, the same each time."""
    async with build() as model:
        await model.ready()
        key = await model.keep((Message("user", "a note"),))
        assert key
        assert await model.keep((Message("user", "a note"),)) == key
        assert await model.keep((Message("user", "another"),)) != key
        model.keep_only({key})


async def test_a_customer_never_waits_for_a_beginning(slow: WorkerModel) -> None:
    """Reading ahead makes way at once, says so, and does not begin while somebody is served."""
    ahead = asyncio.create_task(slow.keep((Message("user", "a long note " * 100),)))
    await asyncio.sleep(0.2)
    assert slow.busy
    began = time.monotonic()
    asked = asyncio.create_task(play(slow, job("hi")))
    assert await ahead is None
    assert time.monotonic() - began < 5.0  # all of the note takes far longer
    assert await slow.keep((Message("user", "note"),)) is None
    assert text_of(await asked) == "hi"


async def test_no_engine_keeps_nothing(tmp_path: Path) -> None:
    """Without a model there is nothing to keep, and no error."""
    async with WorkerModel(None) as model:
        assert await model.keep((Message("user", "note"),)) is None
        model.keep_only(())


async def test_several_are_answered_at_once(build: Build) -> None:
    """Four replies come side by side, each whole; a fifth has its place told and comes after."""
    async with build(pause_s=0.03) as model:
        await model.ready()
        running = {name: asyncio.create_task(play(model, job(name * 12, name))) for name in "abcde"}
        await asyncio.sleep(0.1)
        assert model.state.queue == 1
        done = {name: await task for name, task in running.items()}
    assert {name: text_of(events) for name, events in done.items()} == {name: name * 12 for name in "abcde"}
    assert [event.place for event in done["e"] if isinstance(event, Place)] == [1]
    waits = [event.queue_s for events in done.values() for event in events if isinstance(event, Finished)]
    assert sum(wait < 0.1 for wait in waits) == 4


async def test_one_conversation_is_answered_in_its_order(build: Build) -> None:
    """Two questions of one customer are never at work at once, for the second may build on the first."""
    async with build(pause_s=0.02) as model:
        await model.ready()
        runs = await asyncio.gather(*(play(model, job(text, "a")) for text in ("abc", "def")))
    first, second = (run[-1] for run in runs)
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert second.queue_s >= first.prefill_s + first.decode_s - 0.01


async def test_more_than_the_memory_holds_wait_for_room(build: Build) -> None:
    """Long prompts that do not fit beside each other are served one after the other, none is refused."""
    async with build(cells=900) as model:
        await model.ready()
        runs = await asyncio.gather(*(play(model, job(name * 300, name, most=310)) for name in "abcd"))
    assert [text_of(run) for run in runs] == [name * 300 for name in "abcd"]


async def test_one_who_goes_leaves_the_others_their_words(build: Build) -> None:
    """A reply closed among others ends within a batch; theirs are whole."""
    async with build(pause_s=0.02) as model:
        await model.ready()
        others = [asyncio.create_task(play(model, job(name * 20, name))) for name in "ab"]
        async with aclosing(model.generate(job("c" * 90, "c"))) as progress:
            async for event in progress:
                if isinstance(event, Piece):
                    break
        assert [text_of(await one) for one in others] == ["a" * 20, "b" * 20]
        assert model._turns.idle or not model.busy
