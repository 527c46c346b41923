"""States of beginnings that many prompts share, kept: read once, restored in milliseconds.

All are on disk, those used last in memory too; each place has its budget, and what was used longest ago goes.

A state is what the engine's memory holds of some tokens. It is exact, and good for nothing but the model
file, library and settings it was made with: those name the folder. A file that is not whole is thrown away.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

_CHECK_BYTES = 16

SPARED_BYTES = 1 << 29
"""Bytes of the disk that are left to the shop's own data, whatever the budget."""

Free = Callable[[Path], int]
"""A folder -> bytes free on its disk."""


def free_bytes(folder: Path) -> int:
    """Return the bytes free on a folder's disk."""
    return shutil.disk_usage(folder).free


def key_of(tokens: Sequence[int]) -> str:
    """Name the state that stands after these tokens."""
    return hashlib.sha256(np.asarray(tokens, dtype="<i4").tobytes()).hexdigest()[:32]


class States:
    """The states of one model on one machine."""

    def __init__(
        self, folder: Path, *, fingerprint: str, budget: int, at_hand: int = 0, free: Free = free_bytes
    ) -> None:
        """Make the folder if it is missing; states of other models, libraries or settings are thrown away.

        `budget` is in bytes on disk, `at_hand` in bytes of memory.
        """
        self._folder = folder / hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._budget = budget
        self._free = free
        self._at_hand = _AtHand(at_hand)
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if other != self._folder:
                _remove(other)
        for broken in self._folder.glob(f"*{_PART}"):  # the process ended while it wrote
            _remove(broken)
        self._sizes = {file.name: file.stat().st_size for file in sorted(self._folder.iterdir(), key=_age)}

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self._sizes.values())

    @property
    def at_hand(self) -> int:
        """Bytes in memory."""
        return self._at_hand.size

    def __contains__(self, key: str) -> bool:
        """Say whether a state is there, without reading it."""
        return key in self._sizes

    def get(self, key: str) -> bytes | None:
        """Return a state; None when there is none that is whole."""
        if key not in self._sizes:
            return None
        state = self._at_hand.get(key) or self._whole(key)
        if state is None:
            self.drop(key)
            return None
        self._at_hand.put(key, state)
        self._sizes[key] = self._sizes.pop(key)
        with contextlib.suppress(OSError):
            os.utime(self._folder / key)
        return state

    def _whole(self, key: str) -> bytes | None:
        try:
            data = (self._folder / key).read_bytes()
        except OSError:
            return None
        state = data[_CHECK_BYTES:]
        return state if state and data[:_CHECK_BYTES] == _check(state) else None

    def put(self, key: str, state: bytes) -> None:
        """Keep a state, and let old ones go for it. A full disk keeps none, and is no error."""
        size = len(state) + _CHECK_BYTES
        if size > self._budget or not state:
            return
        while self._sizes and self.size + size > self._budget:
            self.drop(next(iter(self._sizes)))
        fresh = self._folder / f"{key}{_PART}"
        try:
            if self._free(self._folder) < size + SPARED_BYTES:
                return
            fresh.write_bytes(_check(state) + state)
            fresh.replace(self._folder / key)
        except OSError:
            _remove(fresh)
        else:
            self._sizes[key] = size

    def drop(self, key: str) -> None:
        """Throw a state away."""
        self._sizes.pop(key, None)
        self._at_hand.drop(key)
        _remove(self._folder / key)

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away whatever is not named: the words it was read from are gone."""
        for key in self._sizes.keys() - set(keys):
            self.drop(key)


class _AtHand:
    """The states used last, in memory."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._states: dict[str, bytes] = {}
        self.size = 0

    def get(self, key: str) -> bytes | None:
        return self._states.get(key)

    def put(self, key: str, state: bytes) -> None:
        self.drop(key)
        if len(state) > self._budget:
            return
        while self.size + len(state) > self._budget:
            self.drop(next(iter(self._states)))
        self._states[key] = state
        self.size += len(state)

    def drop(self, key: str) -> None:
        self.size -= len(self._states.pop(key, b""))


_PART = ".part"


def _check(state: bytes) -> bytes:
    return hashlib.blake2b(state, digest_size=_CHECK_BYTES).digest()


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _remove(path: Path) -> None:
    """Throw away a file or a folder of files; what the disk will not let go of is no error."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            for inner in path.iterdir():
                inner.unlink(missing_ok=True)
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
