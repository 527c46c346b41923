"""The steps of a set-up: named, timed, and remembered once done."""

import contextlib
import fcntl
import hashlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_LINE_EVERY = 10.0
"""Seconds between progress lines where no terminal can show a moving one."""
_MINUTE = 60


class TroubleError(Exception):
    """What stops the set-up, in one line, with how to mend it."""


class Steps:
    """Names each step as it begins, moves its line while it runs, and says how long it took."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun = time.monotonic()
        self.took: list[tuple[str, float]] = []
        self._moving = sys.stderr.isatty()
        self._number = 0
        self._said = 0.0

    def skip(self) -> None:
        """Count a step that was done in an earlier run."""
        self._number += 1

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run one step; its name and time stay on the screen."""
        self._number += 1
        head = f"[{self._number}/{self.total}] {name}"
        begun = self._said = time.monotonic()
        self._write(head if self._moving else f"{head} ...\n")
        self._head = head
        yield
        seconds = time.monotonic() - begun
        self.took.append((name, seconds))
        self._write(f"{head}: done in {duration(seconds)}\n")

    def show(self, words: str, *, now: bool = False) -> None:
        """Say how far the step has come: at once on a terminal, else every ten seconds or when `now`."""
        clock = time.monotonic()
        if self._moving:
            self._write(f"{self._head}: {words}")
        elif now or clock - self._said >= _LINE_EVERY:
            self._said = clock
            self._write(f"{self._head}: {words}\n")

    def say(self, words: str) -> None:
        """Print a line of its own."""
        self._write(f"{words}\n")

    def summary(self) -> str:
        """Return one line: the whole time, and that of each step worth naming."""
        whole = duration(time.monotonic() - self.begun)
        named = ", ".join(f"{name} {duration(seconds)}" for name, seconds in self.took if seconds >= 1)
        return f"Set up in {whole} ({named})" if named else f"Set up already; checked in {whole}"

    def _write(self, words: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{words}" if self._moving else words)
        sys.stderr.flush()


class Stamps:
    """Which steps are done, for exactly which inputs; kept beside what they describe, to vanish with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fresh(self, name: str, digest: str) -> bool:
        """Whether that step was done for these inputs."""
        path = self._folder / name
        return path.is_file() and path.read_text() == digest

    def set(self, name: str, digest: str) -> None:
        """Remember that the step is done; written whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        growing = self._folder / f"{name}.part"
        growing.write_text(digest)
        growing.replace(self._folder / name)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep a second set-up of the same checkout out. Raises TroubleError."""
    (root / ".cache").mkdir(exist_ok=True)
    with (root / ".cache" / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TroubleError(
                f"another set-up is at work in {root}. Let it finish, or stop it first"
            ) from error
        yield


def digest_of(*inputs: str | Path) -> str:
    """Return one sha256 over texts and the contents of files."""
    digest = hashlib.sha256()
    for item in inputs:
        raw = item.read_bytes() if isinstance(item, Path) else item.encode()
        digest.update(hashlib.sha256(raw).digest())
    return digest.hexdigest()


def duration(seconds: float) -> str:
    """Return seconds as a person says them."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s"
