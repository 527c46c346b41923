"""Alone: programs that write the same files do so one after another, and notice each other's work."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_log = logging.getLogger(__name__)


class Alone:
    """A file that one writer holds at a time, and that counts how often something was written."""

    def __init__(self, path: Path) -> None:
        """Take the file's place; its folder need not be there yet."""
        self._path = path
        self._count = 0
        self.seen = -1
        """The count at which this one last looked."""

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Wait until nobody else holds it; say whether others have written since this one last looked."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+") as file:
            self._lock(file)
            file.seek(0)
            self._count = int(file.read() or 0)
            moved, self.seen = self._count != self.seen, self._count
            yield moved

    def _lock(self, file: TextIO) -> None:
        """Take the lock, which is given up with the file, also by a process that dies."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _log.warning("Another program is writing beside %s: waiting until it has finished", self._path)
            fcntl.flock(file, fcntl.LOCK_EX)

    def wrote(self) -> None:
        """Note, while it is held, that something was written."""
        self._count += 1
        self.seen = self._count
        self._path.write_text(str(self._count))
