"""States of beginnings that many prompts share, kept on disk: read once, restored in milliseconds.

A state is what the engine's memory holds of some tokens. It is exact, and good for nothing but the model
file, library and settings it was made with: those name the folder. A file that is not whole is thrown away.
"""

import contextlib
import hashlib
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

_CHECK_BYTES = 16


def key_of(tokens: Sequence[int]) -> str:
    """Name the state that stands after these tokens."""
    return hashlib.sha256(np.asarray(tokens, dtype="<i4").tobytes()).hexdigest()[:32]


class States:
    """The states of one model on one machine. `budget` is in bytes; the ones used longest ago go first."""

    def __init__(self, folder: Path, *, fingerprint: str, budget: int) -> None:
        """Make the folder if it is missing; states of other models, libraries or settings are thrown away."""
        self._folder = folder / hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._budget = budget
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if other != self._folder:
                _remove(other)
        self._sizes = {file.name: file.stat().st_size for file in sorted(self._folder.iterdir(), key=_age)}

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self._sizes.values())

    def __contains__(self, key: str) -> bool:
        """Say whether a state is there, without reading it."""
        return key in self._sizes

    def get(self, key: str) -> bytes | None:
        """Return a state; None when there is none that is whole."""
        if key not in self._sizes:
            return None
        path = self._folder / key
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        if data[:_CHECK_BYTES] != _check(data[_CHECK_BYTES:]):
            self.drop(key)
            return None
        self._sizes[key] = self._sizes.pop(key)
        with contextlib.suppress(OSError):
            os.utime(path)
        return data[_CHECK_BYTES:]

    def put(self, key: str, state: bytes) -> None:
        """Keep a state, and let old ones go for it. A full disk keeps none, and is no error."""
        size = len(state) + _CHECK_BYTES
        if size > self._budget:
            return
        while self._sizes and self.size + size > self._budget:
            self.drop(next(iter(self._sizes)))
        fresh = self._folder / f"{key}.part"
        try:
            fresh.write_bytes(_check(state) + state)
            fresh.replace(self._folder / key)
        except OSError:
            fresh.unlink(missing_ok=True)
        else:
            self._sizes[key] = size

    def drop(self, key: str) -> None:
        """Throw a state away."""
        self._sizes.pop(key, None)
        (self._folder / key).unlink(missing_ok=True)

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away whatever is not named: the words it was read from are gone."""
        for key in self._sizes.keys() - set(keys):
            self.drop(key)


def _check(state: bytes) -> bytes:
    return hashlib.blake2b(state, digest_size=_CHECK_BYTES).digest()


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _remove(path: Path) -> None:
    if path.is_dir():
        for inner in path.iterdir():
            inner.unlink(missing_ok=True)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
