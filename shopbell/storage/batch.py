"""Batches: calls that wait for the same thing are done in one go, and answered when it stands."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from types import TracebackType
from typing import Self

from shopbell.storage.errors import WorkerClosed

Together = Callable[[], AbstractContextManager[None]]
"""Opens what the calls of a batch share, such as a transaction; equal ones are shared."""
MOST_TOGETHER = 64
"""Calls in one batch, so that others wait for tens of milliseconds at most."""


class Outcome:
    """Keeps what went wrong in a block for whoever waits for it on another thread."""

    fault: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.fault = fault
        return True


class Job:
    """One call, and the future of whoever waits for it."""

    def __init__(self, future: asyncio.Future[None], call: Callable[[], None]) -> None:
        self.future = future
        self.call = call
        self.outcome = Outcome()

    def answer(self, whole: BaseException | None) -> None:
        """Tell how it went, on the loop; `whole` is what went wrong with the batch."""
        if self.future.done():
            return  # given up meanwhile
        if (fault := whole or self.outcome.fault) is not None:
            self.future.set_exception(fault)
        else:
            self.future.set_result(None)


class Batches:
    """Calls that wait, by what they share. Added to on the event loop's thread, run on another."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Together, deque[Job]] = {}

    def add(self, together: Together, job: Job) -> bool:
        """Let a call wait for the next `run`; return True when nobody has asked for one yet."""
        with self._lock:
            waiting = self._waiting.setdefault(together, deque())
            waiting.append(job)
            return len(waiting) == 1

    def run(self, together: Together) -> bool:
        """Do what waits, without waiting for more; return True when there must be another run."""
        with self._lock:
            waiting = self._waiting[together]
            taken = [waiting.popleft() for _ in range(min(MOST_TOGETHER, len(waiting)))]
            more = bool(waiting)
        jobs = [job for job in taken if not job.future.cancelled()]
        if jobs:
            _run(together, jobs)
        return more

    def close(self, refusal: WorkerClosed) -> None:
        """Refuse what still waits."""
        for waiting in self._waiting.values():
            for job in waiting:
                job.answer(refusal)
            waiting.clear()


def _run(together: Together, jobs: Sequence[Job]) -> None:
    whole = Outcome()
    with whole, together():
        for job in jobs:
            with job.outcome:
                job.call()

    def answer() -> None:
        for job in jobs:
            job.answer(whole.fault)

    jobs[0].future.get_loop().call_soon_threadsafe(answer)  # once for all: each wakes the loop
