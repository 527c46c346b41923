import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from shopbell.storage.errors import WorkerClosed
from shopbell.storage.worker import Worker


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[Worker]:
    worker = Worker("test")
    yield worker
    await worker.close()


async def test_calls_run_on_one_thread_of_their_own(worker: Worker) -> None:
    """All calls share a thread which is not the event loop's."""
    threads = {await worker.call(threading.get_ident) for _ in range(5)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_a_call_returns_or_raises_what_the_function_does(worker: Worker) -> None:
    """Results and errors cross the thread unchanged."""
    assert await worker.call(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await worker.call(divmod, 7, 0)


async def test_the_loop_runs_while_a_call_blocks(worker: Worker) -> None:
    """A blocking call leaves the event loop free."""
    job = asyncio.create_task(worker.call(time.sleep, 0.1))
    ticks = 0
    while not job.done():
        await asyncio.sleep(0.005)
        ticks += 1
    assert ticks >= 5


async def test_a_call_cancelled_in_the_queue_never_starts(worker: Worker) -> None:
    """What nobody waits for any more is not begun."""
    gate, started = threading.Event(), threading.Event()
    running = asyncio.create_task(worker.call(gate.wait))
    waiting = asyncio.create_task(worker.call(started.set))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    await running
    await worker.call(int)
    assert not started.is_set()


async def test_a_stream_yields_items_as_they_come(worker: Worker) -> None:
    """An item is seen before the source has made the next one."""
    gate = threading.Event()

    def source(first: int) -> Iterator[int]:
        yield first
        gate.wait()
        yield first + 1

    seen = []
    async with aclosing(worker.stream(source, 1)) as items:
        async for item in items:
            seen.append(item)
            gate.set()
    assert seen == [1, 2]


async def test_leaving_a_stream_stops_the_source_at_its_next_item(worker: Worker) -> None:
    """The source makes at most one more item, and its clean-up runs on the thread."""
    made, closed_on = [], []

    def source() -> Iterator[int]:
        try:
            for number in range(1_000_000):
                made.append(number)
                yield number
                time.sleep(0.001)
        finally:
            closed_on.append(threading.get_ident())

    async with aclosing(worker.stream(source)) as items:
        async for _ in items:
            break
    assert await worker.call(threading.get_ident) == closed_on[0]
    assert len(made) < 100


async def test_a_failing_source_fails_the_stream(worker: Worker) -> None:
    """What the source yielded before is delivered, then its error is raised."""

    def source() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    async with aclosing(worker.stream(source)) as items:
        assert await anext(items) == 1
        with pytest.raises(LookupError, match="gone"):
            await anext(items)


async def test_closing_refuses_what_waits_and_what_comes() -> None:
    """After close, a waiting call, a waiting stream and a new call all say the worker has stopped."""
    worker = Worker("test")
    gate = threading.Event()
    running = asyncio.create_task(worker.call(gate.wait))
    waiting = asyncio.create_task(worker.call(int))
    stream = asyncio.create_task(anext(worker.stream(list[int])))
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0.01)
    gate.set()
    await closing
    assert await running is True
    for task in (waiting, stream):
        with pytest.raises(WorkerClosed, match="test has stopped"):
            await task
    with pytest.raises(WorkerClosed):
        await worker.call(int)


async def test_a_cancelled_caller_is_cancelled_and_not_refused(worker: Worker) -> None:
    """Cancellation from outside stays a cancellation, also while the call runs."""
    gate = threading.Event()
    task = asyncio.create_task(worker.call(gate.wait))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
