"""One owned thread for blocking work, so that the event loop never waits for it."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from shopbell.storage.batch import Batches, Job, Together
from shopbell.storage.errors import WorkerClosed

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """Runs blocking calls one after the other on a thread of its own.

    The thread starts with the first call. A call cancelled while it waits never starts; one that runs is
    not interrupted, only no longer waited for.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"shopbell-{name}")
        self._batches = Batches()
        self._closed = False

    async def call(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` on the thread and return what it returns or raise what it raises.

        Raises `WorkerClosed` when the worker is or gets closed before the call starts.
        """
        return await self._answer(self._submit(partial(fn, *args, **kwargs)))

    async def join(self, together: Together, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn` like `call`, but inside `together()`, with all that wait for the same one.

        Each gets its own result or error, after `together` was left; when that fails, all get its error.
        Those that wait for another or for none may be overtaken.
        """
        results: list[T] = []
        waited = asyncio.get_running_loop().create_future()
        job = Job(waited, lambda: results.append(fn(*args, **kwargs)))
        if self._closed:
            raise self._refusal()
        if self._batches.add(together, job):
            self._submit(partial(self._run_batch, together))
        await waited
        return results[0]

    async def stream(
        self, source: Callable[P, Iterable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[T, None]:
        """Yield the items of the iterable that `source` makes, produced on the thread.

        Consume it under `contextlib.aclosing`: closing it stops the source at its next item.
        """
        loop = asyncio.get_running_loop()
        items: asyncio.Queue[T | _End] = asyncio.Queue()
        left = threading.Event()

        def put(item: T | _End) -> None:
            if not left.is_set():
                loop.call_soon_threadsafe(items.put_nowait, item)

        job = self._submit(partial(_run, partial(source, *args, **kwargs), put, left))
        job.add_done_callback(lambda done: put(_End(done)))
        try:
            while not isinstance(item := await items.get(), _End):
                yield item
            if item.job.cancelled():
                raise self._refusal()
            item.job.result()
        finally:
            left.set()
            job.cancel()

    async def close(self) -> None:
        """Refuse new work, drop what waits, and return when the running call has ended."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
        self._batches.close(self._refusal())

    def _run_batch(self, together: Together) -> None:
        if self._batches.run(together):
            with contextlib.suppress(RuntimeError):  # closing: what is left is refused
                self._pool.submit(self._run_batch, together)

    async def _answer(self, job: Future[T]) -> T:
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            _raise_if_cancelled()
            raise self._refusal() from None  # closing cancelled the job, nobody cancelled us

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise self._refusal()
        return self._pool.submit(job)

    def _refusal(self) -> WorkerClosed:
        return WorkerClosed(f"The worker {self._name} has stopped and takes no more work.")


class _End:
    """Marks that the source of a stream is done, one way or another."""

    def __init__(self, job: Future[None]) -> None:
        self.job = job


def _raise_if_cancelled() -> None:
    """Raise `CancelledError` when someone has asked for the running task to be cancelled."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _run(source: Callable[[], Iterable[T]], put: Callable[[T], None], left: threading.Event) -> None:
    items = source()
    try:
        for item in items:
            if left.is_set():
                return
            put(item)
    finally:
        close = getattr(items, "close", None)
        if callable(close):
            close()
