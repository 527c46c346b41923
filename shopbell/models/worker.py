"""The worker process: owns one blocking engine, and dies with the house.

Started as `python -m shopbell.models.worker module:factory parent-pid`. One thread reads orders; the main
thread runs the engine and is the only one that reports.
"""

import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, Protocol, cast, runtime_checkable

from shopbell.models import framing
from shopbell.models.lifelines import die_with, take_lines

BEAT_S = 0.25
"""Seconds between two signs of life, at least."""

GRACE_S = 1.0
"""Seconds the engine has to stop once the house has closed the line."""


class Refused(Exception):
    """The engine will not do this job; it stands ready for the next."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Job(Protocol):
    """What the engine sees of a job."""

    def emit(self, body: bytes) -> None:
        """Send an answer, or a part of one."""
        ...

    def cancelled(self) -> bool:
        """Say whether the answer is still wanted; ask often."""
        ...

    def beat(self) -> None:
        """Give a sign of life; cheap enough to give at every step."""
        ...


class OpenJob(Job, Protocol):
    """A job that the engine itself ends, for it does several at once."""

    def end(self, refusal: Refused | None) -> None:
        """Say that nothing follows, and why if it was not done. Called once."""
        ...


class Engine(Protocol):
    """A blocking engine that does one job at a time."""

    @property
    def facts(self) -> bytes:
        """What the house may know of it."""
        ...

    def run(self, request: bytes, job: Job) -> None:
        """Do a job; return early once it is cancelled. Raises Refused; anything else ends the process."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


@runtime_checkable
class Several(Protocol):
    """A blocking engine that does several jobs at once, a step of all of them at a time."""

    @property
    def facts(self) -> bytes:
        """What the house may know of it."""
        ...

    def take(self, request: bytes, job: OpenJob) -> None:
        """Begin a job beside those at work."""
        ...

    def step(self) -> bool:
        """Go on with all of them for a moment; end those that are done or cancelled.

        Returns whether anything is left to do. What is raised ends the process.
        """
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


Factory = Callable[[bytes, Callable[[], None]], Engine | Several]
"""Settings and a sign of life to give while starting -> engine."""


class _Reports:
    """The line to the house."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._last_beat = 0.0

    def send(self, frame: framing.Report) -> None:
        self._stream.write(framing.pack(frame))
        self._stream.flush()
        self._last_beat = time.monotonic()

    def beat(self) -> None:
        if time.monotonic() - self._last_beat >= BEAT_S:
            self.send(framing.Beat())


class _Orders:
    """The line from the house, read by its own thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._calls: SimpleQueue[framing.Call | None] = SimpleQueue()
        self._cancelled: set[int] = set()
        self._closed = threading.Event()

    def listen(self) -> None:
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    def next(self) -> framing.Call | None:
        return self._calls.get()

    @property
    def waiting(self) -> bool:
        return not self._calls.empty()

    def cancelled(self, number: int) -> bool:
        return number in self._cancelled or self._closed.is_set()

    def forget(self, number: int) -> None:
        self._cancelled.discard(number)

    def _read(self) -> None:
        try:
            while (order := framing.read_order(self._stream)) is not None:
                if isinstance(order, framing.Call):
                    self._calls.put(order)
                elif isinstance(order, framing.Cancel):
                    self._cancelled.add(order.number)
        finally:
            self._closed.set()
            self._calls.put(None)
            time.sleep(GRACE_S)
            os._exit(1)


class _Job:
    def __init__(self, number: int, orders: _Orders, reports: _Reports) -> None:
        self._number = number
        self._orders = orders
        self._reports = reports
        self.beat = reports.beat

    def emit(self, body: bytes) -> None:
        self._reports.send(framing.Item(self._number, body))

    def end(self, refusal: Refused | None) -> None:
        if refusal is None:
            self._reports.send(framing.Done(self._number))
        else:
            self._reports.send(framing.Failed(self._number, refusal.code, str(refusal)))
        self._orders.forget(self._number)

    def cancelled(self) -> bool:
        return self._orders.cancelled(self._number)


def _serve(engine: Engine, orders: _Orders, reports: _Reports) -> None:
    while (call := orders.next()) is not None:
        job = _Job(call.number, orders, reports)
        try:
            if not orders.cancelled(call.number):
                engine.run(call.request, job)
        except Refused as refusal:
            job.end(refusal)
        else:
            job.end(None)


def _serve_several(engine: Several, orders: _Orders, reports: _Reports) -> None:
    """Take in whatever has come, then let the engine go on by a step; sleep while there is nothing to do."""
    busy = False
    while True:
        while not busy or orders.waiting:
            call = orders.next()
            if call is None:
                return
            engine.take(call.request, _Job(call.number, orders, reports))
            busy = True
        busy = engine.step()


def _factory(name: str) -> Factory:
    module, _, attribute = name.partition(":")
    return cast("Factory", getattr(importlib.import_module(module), attribute))


def main(name: str, parent: int) -> None:
    """Run until the house closes the line."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the house; it closes the line in its own time
    die_with(parent)
    lines, answers = take_lines()
    start = framing.read_order(lines)
    if not isinstance(start, framing.Start):
        return
    orders, reports = _Orders(lines), _Reports(answers)
    orders.listen()
    engine = _factory(name)(start.settings, reports.beat)
    try:
        reports.send(framing.Ready(engine.facts))
        if isinstance(engine, Several):
            _serve_several(engine, orders, reports)
        else:
            _serve(engine, orders, reports)
    except BrokenPipeError:
        return
    finally:
        engine.close()


if __name__ == "__main__":
    # Run as the module the engines import, so that the `Refused` they raise is the one caught here.
    importlib.import_module("shopbell.models.worker").main(sys.argv[1], int(sys.argv[2]))
