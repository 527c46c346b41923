"""The vectors of the words of a shop's wordings and texts, kept in one file that is always written whole.

It holds digests and vectors, never a word: what is deleted from the shop is gone from it with the next save.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from shopbell.knowledge.lexical import Scores

Rows = NDArray[np.float16]


class WordStore:
    """Word vectors under the digest of their text."""

    def __init__(self, path: Path) -> None:
        """Open the file; one that cannot be read is as good as none, since all can be made anew."""
        self._path = path
        self._held = _load(path)
        self._changed = False

    def reload(self) -> None:
        """Take over what another process has written."""
        self._held = _load(self._path)
        self._changed = False

    def get(self, digest: str) -> Rows | None:
        """Return float16[words, 384] of a text, or None when it is not held."""
        return self._held.get(digest)

    def put(self, digest: str, rows: Scores) -> None:
        """Hold the words of a text."""
        self._held[digest] = rows.astype(np.float16)
        self._changed = True

    def keep(self, digests: Iterable[str]) -> None:
        """Drop all other texts and write the file if anything has changed."""
        wanted = set(digests)
        gone = [digest for digest in self._held if digest not in wanted]
        for digest in gone:
            del self._held[digest]
        if gone or self._changed:
            self._save()
            self._changed = False

    def _save(self) -> None:
        draft = self._path.with_suffix(".new")
        lengths = np.array([len(rows) for rows in self._held.values()], dtype=np.int64)
        rows = np.concatenate([*self._held.values(), np.empty((0, 384), dtype=np.float16)])
        with draft.open("wb") as file:
            np.savez(file, digests=np.array(list(self._held), dtype="U32"), lengths=lengths, rows=rows)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _load(path: Path) -> dict[str, Rows]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            parts = np.split(held["rows"], np.cumsum(held["lengths"])[:-1])
            return dict(zip(held["digests"].tolist(), parts, strict=True))
    except (FileNotFoundError, BadZipFile, KeyError, ValueError, EOFError):
        return {}
