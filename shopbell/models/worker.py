"""The worker process: owns one blocking engine, and dies with the house.

Started as `python -m shopbell.models.worker module:factory parent-pid`. One thread reads orders; the main
thread runs the engine and is the only one that reports.
"""

import ctypes
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, Protocol, cast

from shopbell.models import framing

BEAT_S = 0.25
"""Seconds between two signs of life, at least."""

GRACE_S = 1.0
"""Seconds the engine has to stop once the house has closed the line."""

_PR_SET_PDEATHSIG = 1


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


class Engine(Protocol):
    """A blocking engine."""

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


Factory = Callable[[bytes, Callable[[], None]], Engine]
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

    def cancelled(self) -> bool:
        return self._orders.cancelled(self._number)


def _serve(engine: Engine, orders: _Orders, reports: _Reports) -> None:
    while (call := orders.next()) is not None:
        try:
            if not orders.cancelled(call.number):
                engine.run(call.request, _Job(call.number, orders, reports))
            reports.send(framing.Done(call.number))
        except Refused as refusal:
            reports.send(framing.Failed(call.number, refusal.code, str(refusal)))
        orders.forget(call.number)


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when the house dies, even by `kill -9` (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def _take_lines() -> tuple[BinaryIO, BinaryIO]:
    """Keep standard input and output to ourselves, so that no library can write among the frames."""
    orders, reports = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(orders, "rb"), os.fdopen(reports, "wb")


def _factory(name: str) -> Factory:
    module, _, attribute = name.partition(":")
    return cast("Factory", getattr(importlib.import_module(module), attribute))


def main(name: str, parent: int) -> None:
    """Run until the house closes the line."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is for the house; it closes the line in its own time
    _die_with(parent)
    lines, answers = _take_lines()
    start = framing.read_order(lines)
    if not isinstance(start, framing.Start):
        return
    orders, reports = _Orders(lines), _Reports(answers)
    orders.listen()
    engine = _factory(name)(start.settings, reports.beat)
    try:
        reports.send(framing.Ready(engine.facts))
        _serve(engine, orders, reports)
    except BrokenPipeError:
        return
    finally:
        engine.close()


if __name__ == "__main__":
    # Run as the module the engines import, so that the `Refused` they raise is the one caught here.
    importlib.import_module("shopbell.models.worker").main(sys.argv[1], int(sys.argv[2]))
