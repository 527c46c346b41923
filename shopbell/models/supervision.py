"""Keeps a worker alive: a crash or a hang of its engine is a restart, not an outage."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable
from typing import Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from shopbell.models.calls import Nowhere, Sink, WorkerDown, WorkerError
from shopbell.models.launch import Launch, Patience
from shopbell.models.life import Life


class WorkerState(Struct, frozen=True, kw_only=True):
    """How the worker is."""

    status: Literal["starting", "ready", "restarting", "degraded", "stopped"]
    pid: int = 0
    """0 when there is no process."""
    restarts: int = 0
    facts: bytes = b""
    """What the engine tells of itself, once it stands."""
    detail: str = ""
    """Why it is not ready, for the owner."""


class Worker:
    """One supervised worker; `async with` it, or `start` and `stop`.

    Jobs are begun in the order in which they come: one after another, unless the engine does several at once.
    """

    def __init__(
        self, launch: Launch, *, patience: Patience | None = None, changed: Callable[[], None] | None = None
    ) -> None:
        """Call `changed` on the event loop whenever `state` is another."""
        self._launch = launch
        self._patience = patience or Patience()
        self._changed = changed
        self._state = WorkerState(status="stopped")
        self._prepare: tuple[bytes, ...] = ()
        self._life: Life | None = None
        self._task: asyncio.Task[None] | None = None
        self._revived = asyncio.Event()
        self._crashes: deque[float] = deque()
        self._cautious = False

    @property
    def state(self) -> WorkerState:
        """How it is now."""
        return self._state

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of what the process wrote on standard error."""
        return tuple(self._life.lines) if self._life else ()

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def start(self) -> None:
        """Begin to supervise; `state` tells when it is ready."""
        if self._task is None:
            self._become(WorkerState(status="starting"))
            self._task = asyncio.create_task(self._supervise(), name="worker supervisor")

    async def stop(self) -> None:
        """End the process and the supervision."""
        task, self._task = self._task, None
        if task is None:
            return
        self._become(WorkerState(status="stopped", restarts=self._state.restarts))
        if self._life is not None and self._life.pid:
            self._life.close()
            await asyncio.wait([task], timeout=self._patience.stop_s)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def revive(self) -> None:
        """Try again after it was given up."""
        self._crashes.clear()
        self._revived.set()

    def prepare(self, *requests: bytes) -> None:
        """Set the jobs done after every start before it is called ready; done now if it stands already."""
        self._prepare = requests
        if self._state.status == "ready" and self._life is not None:
            for request in requests:
                self._life.submit(request, Nowhere())

    def submit(self, request: bytes, sink: Sink) -> int:
        """Give it a job; return the job's number. Raises WorkerDown, and then `sink` is not called."""
        if self._state.status != "ready" or self._life is None:
            raise WorkerDown(self._state.detail or f"the worker is {self._state.status}")
        return self._life.submit(request, sink)

    def cancel(self, number: int) -> None:
        """Stop a job; its sink is told the end as soon as the engine has let go of it."""
        if self._life is not None:
            self._life.cancel(number)

    def _become(self, state: WorkerState) -> None:
        self._state = state
        if self._changed is not None:
            self._changed()

    async def _supervise(self) -> None:
        while True:
            cause = await self._live()
            if self._task is None:
                return
            pause = self._pause()
            status: Literal["restarting", "degraded"] = "degraded" if pause is None else "restarting"
            restarts = self._state.restarts + 1
            self._become(WorkerState(status=status, restarts=restarts, detail=cause))
            if pause is None:
                self._revived.clear()
                await self._revived.wait()
                self._become(replace(self._state, status="restarting"))
            else:
                await asyncio.sleep(pause)

    async def _live(self) -> str:
        cautious = self._launch.cautious if self._cautious else None
        life = Life(
            self._launch,
            settings=cautious or self._launch.settings,
            patience=self._patience,
            environment=self._launch.environment(os.environ),
            stands=self._stands,
        )
        self._life = life
        cause = await life.run()
        self._cautious = self._cautious or life.illegal
        return cause

    def _pause(self) -> float | None:
        """Note a crash; return the seconds to wait before the next start, or None to give up."""
        now = asyncio.get_running_loop().time()
        self._crashes.append(now)
        while self._crashes[0] < now - self._patience.window_s:
            self._crashes.popleft()
        if len(self._crashes) >= self._patience.crashes:
            return None
        doubled = self._patience.first_pause_s * 2.0 ** (len(self._crashes) - 1)
        return min(doubled, self._patience.longest_pause_s)

    def _stands(self, facts: bytes) -> None:
        if self._life is None:
            return
        self._state = replace(self._state, facts=facts)
        requests = self._prepare or ()
        for request in requests[:-1]:
            self._life.submit(request, Nowhere())
        if requests:
            self._life.submit(requests[-1], _Then(self._ready))
        else:
            self._ready()

    def _ready(self) -> None:
        if self._task is not None and self._life is not None:
            self._become(replace(self._state, status="ready", pid=self._life.pid, detail=""))


class _Then:
    """A sink that only waits for the end."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then

    def item(self, body: bytes) -> None:
        """Drop it."""

    def end(self, error: WorkerError | None) -> None:
        """Go on, unless the worker died; a refused preparation costs speed, not service."""
        if not isinstance(error, WorkerDown):
            self._then()
