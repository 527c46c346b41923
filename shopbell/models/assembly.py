"""A model file growing on disk, part by part, until it is whole and proven.

The bytes go to `<file>.part`. A part counts once it is wholly written, so a process killed at any moment
goes on at the next part; only a file whose sha256 is right ever gets its real name.
"""

import os
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import IO

from shopbell.models.catalogue import ModelFile, Part
from shopbell.models.errors import WrongHashError
from shopbell.models.files import bad_path, part_path, set_aside, sha256_of

_CHUNK = 1 << 20


class Assembly:
    """One file of a model on its way to `target`."""

    def __init__(self, target: Path, file: ModelFile) -> None:
        self.target = target
        self.file = file
        self._growing = part_path(target)
        self._ends = tuple(accumulate(part.size for part in file.parts))

    def parts_done(self) -> int:
        """Return how many parts are wholly on disk."""
        size = self._growing.stat().st_size if self._growing.exists() else 0
        return sum(end <= size for end in self._ends)

    def parts_left(self) -> tuple[Part, ...]:
        """Return the parts still to come, in order."""
        return self.file.parts[self.parts_done() :]

    def bytes_left(self) -> int:
        """Return how many bytes are still to be written."""
        return sum(part.size for part in self.parts_left()) if self.file.parts else self.file.size

    def append(self, stream: IO[bytes], part: Part) -> None:
        """Write the next part and wait until it is on the disk.

        Raises WrongHashError when the stream is not as long as the part.
        """
        done = self.parts_done()
        start = self._ends[done - 1] if done else 0
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with self._growing.open("r+b" if self._growing.exists() else "w+b") as out:
            out.truncate(start)
            out.seek(start)
            if _copy(stream, out) != part.size:
                out.truncate(start)
                raise WrongHashError(f"{part.member} is not {part.size} bytes long: it is not used")
            out.flush()
            os.fsync(out.fileno())

    def adopt(self, source: Path, arrived: Callable[[int], None]) -> None:
        """Copy a finished file instead of joining parts; `arrived` is told the bytes copied so far."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as stream, self._growing.open("wb") as out:
            _copy(stream, out, arrived)
            out.flush()
            os.fsync(out.fileno())

    def finish(self) -> None:
        """Give the file its real name if its sha256 is right; else move it aside and raise WrongHashError."""
        digest = sha256_of(self._growing)
        if digest != self.file.sha256:
            aside = bad_path(self.target)
            set_aside(self._growing).replace(aside)
            raise WrongHashError(
                f"{self.target.name} has sha256 {digest}, not the promised {self.file.sha256}. "
                f"It is not used and was moved aside to {aside}. Fetch it again."
            )
        self._growing.replace(self.target)
        _sync_folder(self.target.parent)
        bad_path(self.target).unlink(missing_ok=True)


def _copy(stream: IO[bytes], out: IO[bytes], arrived: Callable[[int], None] | None = None) -> int:
    copied = 0
    while chunk := stream.read(_CHUNK):
        out.write(chunk)
        copied += len(chunk)
        if arrived:
            arrived(copied)
    return copied


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
