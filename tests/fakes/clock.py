"""Time that tests own: an event loop whose clock leaps to the next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from shopbell.storage.worker import P, Worker

T = TypeVar("T")


class NothingLeft(RuntimeError):
    """Every task waits for something that will never happen."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs timers in order at once; `time()` is the sum of what would have been waited."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Return seconds of virtual time."""
        return self.elapsed


class _Leaping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if events := super().select(0):
            return events
        if timeout is None:
            raise NothingLeft("no timer and no file is left to wait for")
        self._loop.elapsed += max(timeout, 0.0)
        return []


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine on a virtual clock and close the loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that run besides the caller's."""
    return asyncio.all_tasks() - {asyncio.current_task()}


class InlineWorker(Worker):
    """Does the work on the loop; the caller hears of it `delay_s` later, as from a thread."""

    def __init__(self, delay_s: float = 0.0) -> None:
        super().__init__("inline")
        self.delay_s = delay_s

    async def call(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn`; what it did stands, even when the caller is cancelled before it hears of it."""
        await asyncio.sleep(0)
        result = fn(*args, **kwargs)
        await asyncio.sleep(self.delay_s)
        return result
