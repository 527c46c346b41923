"""An engine for worker processes that does what its job says: answer, fail, hang, die."""

import os
import signal
import sys
import time
from collections.abc import Callable

from shopbell.models.worker import Job, Refused


class Puppet:
    """Jobs are words: `echo TEXT`, `refuse`, `break`, `hang`, `count N`, `env`, `print`, `pid`."""

    facts = b"puppet"

    def __init__(self, settings: bytes) -> None:
        self.settings = settings

    def run(self, request: bytes, job: Job) -> None:
        """Do what the words say."""
        verb, _, rest = request.decode().partition(" ")
        getattr(self, f"do_{verb}")(rest, job)

    def close(self) -> None:
        """Nothing to give back."""

    def do_echo(self, rest: str, job: Job) -> None:
        job.emit(rest.encode())

    def do_settings(self, rest: str, job: Job) -> None:
        job.emit(self.settings)

    def do_env(self, rest: str, job: Job) -> None:
        job.emit("\n".join(f"{name}={value}" for name, value in sorted(os.environ.items())).encode())

    def do_print(self, rest: str, job: Job) -> None:
        print("noise on standard output")  # noqa: T201 - what a library might do
        os.write(1, b"noise on descriptor one\n")
        job.emit(b"done")

    def do_refuse(self, rest: str, job: Job) -> None:
        raise Refused("no-thanks", "not this one")

    def do_break(self, rest: str, job: Job) -> None:
        raise RuntimeError("the engine is broken")

    def do_hang(self, rest: str, job: Job) -> None:
        time.sleep(3600)

    def do_work(self, rest: str, job: Job) -> None:
        """Give signs of life for so many seconds."""
        until = time.monotonic() + float(rest)
        while time.monotonic() < until and not job.cancelled():
            time.sleep(0.01)
            job.beat()
        job.emit(b"cancelled" if job.cancelled() else b"worked")

    def do_illegal(self, rest: str, job: Job) -> None:
        os.kill(os.getpid(), signal.SIGILL)
        time.sleep(5)


def start(settings: bytes, beat: Callable[[], None]) -> Puppet:
    """Start; the settings may say how it goes wrong."""
    if settings == b"fail":
        sys.stderr.write("no such engine\n")
        raise SystemExit(3)
    if settings == b"illegal":
        os.kill(os.getpid(), signal.SIGILL)
        time.sleep(5)
    if settings == b"slow illegal":  # as on a busy machine: its lines close well before it is gone
        os.closerange(1, 64)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGILL)
    if settings == b"slow":
        for _ in range(10):
            time.sleep(0.1)
            beat()
    return Puppet(settings)
