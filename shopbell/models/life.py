"""One life of a worker process, from its start to its death."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping

from shopbell.models import framing
from shopbell.models.calls import Nowhere, Sink, WorkerDown, WorkerRefused
from shopbell.models.launch import Launch, Patience

LAST_LINES = 20
"""Lines of the worker's standard error that are kept."""


class Life:
    """A process, its line, and the jobs it has been given."""

    def __init__(
        self,
        launch: Launch,
        *,
        settings: bytes,
        patience: Patience,
        environment: Mapping[str, str],
        stands: Callable[[bytes], None],
    ) -> None:
        """Call `stands` with the engine's facts once it is ready."""
        self._launch = launch
        self._settings = settings
        self._patience = patience
        self._environment = environment
        self._stands = stands
        self._process: asyncio.subprocess.Process | None = None
        self._sinks: dict[int, Sink] = {}
        self._numbers = 0
        self._watch: asyncio.TimerHandle | None = None
        self._standing = False
        self._dead = False
        self._silence = ""
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        """The end of what it wrote on standard error."""

    @property
    def pid(self) -> int:
        """The process; 0 before and after."""
        return self._process.pid if self._process and self._process.returncode is None else 0

    @property
    def illegal(self) -> bool:
        """Whether the processor refused an instruction of the engine."""
        return self._process is not None and self._process.returncode == -signal.SIGILL

    async def run(self) -> str:
        """Start the process and stay with it to its end; return why it ended, in a sentence."""
        try:
            self._process = await self._spawn()
        except OSError as error:
            return f"the worker could not be started: {error}"
        try:
            self._send(framing.Start(self._settings))
            self._expect_life(self._patience.start_s)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_lines(self._process))
                group.create_task(self._listen(self._process))
            await self._await_end(self._process)
        finally:
            await self._bury(self._process)
        return self._cause(self._process)

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # nothing is imported from wherever the house happens to stand
            "-m",
            "shopbell.models.worker",
            self._launch.factory,
            str(os.getpid()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )

    def submit(self, request: bytes, sink: Sink) -> int:
        """Give it a job; return the job's number. Raises WorkerDown once it is dead."""
        if self._dead:
            raise WorkerDown("the worker has just ended")
        self._numbers += 1
        self._sinks[self._numbers] = sink
        self._send(framing.Call(self._numbers, request))
        if self._watch is None:
            self._expect_life(self._patience.hang_s)
        return self._numbers

    def cancel(self, number: int) -> None:
        """Stop a job; its sink is told the end as soon as the engine has let go of it."""
        if number in self._sinks:
            self._send(framing.Cancel(number))

    def close(self) -> None:
        """Tell it to end."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def _send(self, frame: framing.Order) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is not None and not pipe.is_closing():
            pipe.write(framing.pack(frame))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        try:
            while (report := await framing.read_report(process.stdout)) is not None:
                self._take(report)
        except framing.BadFrame as error:
            self._kill(str(error))

    def _take(self, report: framing.Report) -> None:
        match report:
            case framing.Ready(facts):
                self._standing = True
                self._stands(facts)
            case framing.Item(number, body):
                self._sinks.get(number, Nowhere()).item(body)
            case framing.Done(number):
                self._sinks.pop(number, Nowhere()).end(None)
            case framing.Failed(number, code, message):
                self._sinks.pop(number, Nowhere()).end(WorkerRefused(code, message))
            case framing.Beat():
                pass
        if not self._standing:
            self._expect_life(self._patience.start_s)
        else:
            self._expect_life(self._patience.hang_s if self._sinks else None)

    def _expect_life(self, seconds: float | None) -> None:
        """Kill it unless it reports within so many seconds; None expects nothing."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if seconds is not None:
            reason = f"no sign of life for {seconds:g} s"
            self._watch = asyncio.get_running_loop().call_later(seconds, self._kill, reason)

    def _kill(self, reason: str) -> None:
        self._silence = reason
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _keep_lines(self, process: asyncio.subprocess.Process) -> None:
        if process.stderr is None:
            return
        while data := await process.stderr.read(4096):
            self.lines.extend(line for line in data.decode(errors="replace").splitlines() if line.strip())

    async def _await_end(self, process: asyncio.subprocess.Process) -> None:
        """Wait a little for a process that has closed its lines.

        Its pipes close before the kernel tells how it ended. A kill in between would take that knowledge
        away: it looks for the end itself first, and the event loop then finds none.
        """
        self._dead = True
        self.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.stop_s):
                await process.wait()

    async def _bury(self, process: asyncio.subprocess.Process) -> None:
        self._dead = True
        self._expect_life(None)
        self.close()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        sinks, self._sinks = self._sinks, {}
        for sink in sinks.values():
            sink.end(WorkerDown(self._cause(process)))

    def _cause(self, process: asyncio.subprocess.Process) -> str:
        if self._silence:
            return f"the worker was stopped: {self._silence}"
        code = process.returncode or 0
        if code < 0:
            return f"the worker was ended by {signal.Signals(-code).name}"
        last = f": {self.lines[-1]}" if self.lines and code else ""
        return f"the worker ended with code {code}{last}"
