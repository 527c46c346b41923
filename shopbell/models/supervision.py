"""The house's side of a worker: starts it, watches it, starts it again."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol, Self

from msgspec import Struct

from shopbell.models import framing
from shopbell.models.errors import ModelsError

LAST_LINES = 20
"""Lines of the worker's standard error kept for `doctor`."""

_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class WorkerDown(ModelsError):
    """There is no worker to do the job, or it died on the way."""

    code = "worker-down"


class WorkerRefused(ModelsError):
    """The engine refused the job; `reason` is the engine's own code."""

    code = "worker-refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Policy(Struct, frozen=True, kw_only=True):
    """How patient the supervisor is."""

    start_s: float = 180.0
    """Seconds of silence allowed while the engine starts."""
    hang_s: float = 20.0
    """Seconds of silence allowed while a job runs."""
    first_pause_s: float = 0.5
    """Seconds before the first restart; doubled with every crash."""
    longest_pause_s: float = 30.0
    crashes: int = 5
    """Crashes within the window that make it give up."""
    window_s: float = 300.0
    stop_s: float = 1.5
    """Seconds the worker has to end itself."""


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


class Sink(Protocol):
    """Where the answers to a job go; called on the event loop, must not block."""

    def item(self, body: bytes) -> None:
        """Take an answer, or a part of one."""
        ...

    def end(self, error: ModelsError | None) -> None:
        """Take note that nothing follows; called exactly once."""
        ...


class Nowhere:
    """A sink for answers that nobody waits for."""

    def item(self, body: bytes) -> None:
        """Drop it."""

    def end(self, error: ModelsError | None) -> None:
        """Do nothing."""


class Launch(Struct, frozen=True, kw_only=True):
    """What to start."""

    factory: str
    """`module:function` of a `worker.Factory`."""
    settings: bytes
    cautious: bytes | None = None
    """Settings for the next start after the processor refused an instruction."""
    threads: int = 0
    """Most threads of the numeric libraries; 0 for every core."""
    paths: tuple[Path, ...] = ()
    """Folders to import from, besides the product's own."""

    def environment(self, outer: Mapping[str, str]) -> dict[str, str]:
        """Return the worker's environment: a few named variables, never the house's secrets."""
        folders = [str(Path(__file__).parents[2]), *map(str, self.paths)]
        folders += filter(None, outer.get("PYTHONPATH", "").split(os.pathsep))
        threads = self.threads or len(os.sched_getaffinity(0))
        return {
            **{name: outer[name] for name in _INHERITED if name in outer},
            **_QUIET,
            "OMP_NUM_THREADS": str(threads),
            "PYTHONPATH": os.pathsep.join(folders),
        }


class Worker:
    """One supervised worker process; `async with` it, or `start` and `stop`.

    Jobs are done one after another, in the order they are submitted.
    """

    def __init__(
        self, launch: Launch, *, policy: Policy | None = None, changed: Callable[[], None] = lambda: None
    ) -> None:
        """`changed` is called on the event loop whenever `state` is another."""
        self._launch = launch
        self._policy = policy or Policy()
        self._changed = changed
        self._state = WorkerState(status="stopped")
        self._prepare: tuple[bytes, ...] = ()
        self._sinks: dict[int, Sink] = {}
        self._numbers = 0
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._revived = asyncio.Event()
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._crashes: deque[float] = deque()
        self._cause = ""

    @property
    def state(self) -> WorkerState:
        """How it is now."""
        return self._state

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of what it wrote on standard error."""
        return tuple(self._lines)

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
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await asyncio.wait([task], timeout=self._policy.stop_s)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def revive(self) -> None:
        """Try again after it was given up."""
        self._crashes.clear()
        self._revived.set()

    def prepare(self, *requests: bytes) -> None:
        """Set the jobs done after every start before it is called ready; done at once if it stands."""
        self._prepare = requests
        if self._state.status == "ready":
            for request in requests:
                self.submit(request, Nowhere())

    def submit(self, request: bytes, sink: Sink) -> int:
        """Give it a job; return the job's number. Raises WorkerDown, and then `sink` is not called."""
        if self._state.status != "ready":
            raise WorkerDown(self._state.detail or f"the worker is {self._state.status}")
        return self._send_call(request, sink)

    def cancel(self, number: int) -> None:
        """Stop a job; its sink is told the end as soon as the engine has let go of it."""
        if number in self._sinks:
            self._send(framing.Cancel(number))

    def _send_call(self, request: bytes, sink: Sink) -> int:
        self._numbers += 1
        self._sinks[self._numbers] = sink
        self._send(framing.Call(self._numbers, request))
        self._expect_life(self._policy.hang_s)
        return self._numbers

    def _send(self, frame: framing.Order) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is not None and not pipe.is_closing():
            pipe.write(framing.pack(frame))

    def _become(self, state: WorkerState) -> None:
        self._state = state
        self._changed()
