"""Which Whisper this machine is quick enough for: measured at the first start, then kept in a file."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.tuning import BUSY_BELOW, PROVISIONAL_S, fingerprint, processor_name

FILE = "hearing.json"

QUICK_S = 0.7
"""Seconds within which a short turn must be heard; the better model is taken if it manages."""

TRIES = 3


class Kept(Struct, frozen=True, kw_only=True):
    """What was found for one model on this machine."""

    seconds: float
    """The best of the tries."""
    share: float
    """Processor time had, of what so many threads could have had; under BUSY_BELOW it is provisional."""
    at: float
    """Unix time."""


class Book(Struct, frozen=True):
    """`hearing.json`."""

    kept: dict[str, Kept]
    """By fingerprint."""


class Trial(Protocol):
    """A model that can hear a short turn for the sake of it."""

    def rehearse(self) -> None:
        """Hear a turn of some seconds and write a sentence of twenty tokens."""
        ...


T = TypeVar("T", bound=Trial)


class Chooser(Generic[T]):
    """Loads the best model that is quick enough."""

    def __init__(
        self,
        file: Path,
        load: Callable[[Path], T],
        *,
        library: str,
        threads: int,
        beat: Callable[[], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`beat` is called between tries; `now` is Unix time."""
        self._file = file
        self._load = load
        self._library = library
        self._threads = threads
        self._beat = beat
        self._now = now

    def choose(self, folders: tuple[Path, ...]) -> tuple[T, Path, float]:
        """Return the model, its folder, and the seconds a short turn takes; the last is taken in any case.

        A single candidate is not measured: 0 seconds.
        """
        for folder in folders[:-1]:
            model, seconds = self._measured(folder)
            if model is not None and seconds <= QUICK_S:
                return model, folder, seconds
        return self._load(folders[-1]), folders[-1], 0.0

    def _measured(self, folder: Path) -> tuple[T | None, float]:
        """Return the model, unless it is known to be too slow, and its seconds."""
        book = self._read()
        cores = len(os.sched_getaffinity(0))
        name = fingerprint(
            folder / "model.bin", library=self._library, cores=cores, processor=processor_name()
        )
        kept = book.kept.get(name)
        if kept and (kept.share >= BUSY_BELOW or self._now() - kept.at < PROVISIONAL_S):
            return (self._load(folder) if kept.seconds <= QUICK_S else None), kept.seconds
        model = self._load(folder)
        fresh = self._tried(model)
        self._write(Book({**book.kept, name: fresh}))
        return model, fresh.seconds

    def _tried(self, model: T) -> Kept:
        model.rehearse()  # pages the weights in
        found = []
        for _ in range(TRIES):
            self._beat()
            wall, cpu = time.perf_counter(), time.process_time()
            model.rehearse()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            found.append((wall, cpu / (wall * self._threads)))
        seconds, share = min(found)
        if share < BUSY_BELOW:  # others were at work: what it would have taken alone
            seconds = seconds * share / BUSY_BELOW
        return Kept(seconds=seconds, share=share, at=self._now())

    def _read(self) -> Book:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Book)
        except (FileNotFoundError, msgspec.DecodeError):
            return Book({})

    def _write(self, book: Book) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(book)))
        fresh.replace(self._file)
