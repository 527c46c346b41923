"""Which Whisper this machine is quick enough for, and on how many threads: measured once, kept in a file."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.neighbours import Neighbours, read_busy
from shopbell.assistant.llm.tuning import PROVISIONAL_S, fingerprint, processor_name

FILE = "hearing.json"

QUICK_S = 0.7
"""Seconds within which a short turn must be heard; the better model is taken if it manages."""

TRIES = 3

WORTH = 1.1
"""How much quicker another thread must make a turn: it costs memory, and others a core."""

BUSY = 0.3
"""Cores used by others from which a figure is provisional."""


class Kept(Struct, frozen=True, kw_only=True):
    """What was found for one model on this machine."""

    seconds: float
    """The best of the tries."""
    others: float
    """Cores that others used meanwhile; over BUSY it is provisional."""
    at: float
    """Unix time."""


class Book(Struct, frozen=True):
    """`hearing.json`."""

    kept: dict[str, Kept]
    """By fingerprint and number of threads."""


class Trial(Protocol):
    """A model that can hear a short turn for the sake of it."""

    def rehearse(self) -> None:
        """Hear a turn of some seconds and write a sentence of twenty tokens."""
        ...


T = TypeVar("T", bound=Trial)


class Choice(Struct, Generic[T], frozen=True, kw_only=True):
    """The model that hears on this machine."""

    model: T
    folder: Path
    threads: int
    seconds: float
    """Seconds that a short turn takes."""


class Chooser(Generic[T]):
    """Loads the best model that is quick enough, with another thread where that is worth it.

    Two are not always quicker than one: cores may be two in name only, or somebody else's half of the time.
    """

    def __init__(
        self,
        file: Path,
        load: Callable[[Path, int], T],
        *,
        library: str,
        threads: int,
        beat: Callable[[], None],
        now: Callable[[], float] = time.time,
        busy: Callable[[], float | None] = read_busy,
    ) -> None:
        """`load` takes a folder and a number of threads, at most `threads`.

        `beat` is called between tries; `now` is Unix time, `busy` the seconds that all cores were at work.
        """
        self._file = file
        self._load = load
        self._library = library
        self._threads = threads
        self._beat = beat
        self._now = now
        self._busy = busy

    def choose(self, folders: tuple[Path, ...]) -> Choice[T]:
        """Return the first model that is quick enough; the last is taken in any case."""
        *better, last = folders
        for folder in better:
            threads, seconds = self._quickest(folder)
            if seconds <= QUICK_S:
                return self._chosen(folder, threads, seconds)
        return self._chosen(last, *self._quickest(last))

    def _chosen(self, folder: Path, threads: int, seconds: float) -> Choice[T]:
        return Choice(model=self._load(folder, threads), folder=folder, threads=threads, seconds=seconds)

    def _quickest(self, folder: Path) -> tuple[int, float]:
        """Return the number of threads that a short turn is worth, and its seconds."""
        threads, seconds = 1, self._measured(folder, 1)
        for more in range(2, self._threads + 1):
            if (found := self._measured(folder, more)) * WORTH < seconds:
                threads, seconds = more, found
        return threads, seconds

    def _measured(self, folder: Path, threads: int) -> float:
        book = self._read()
        cores = len(os.sched_getaffinity(0))
        name = fingerprint(
            folder / "model.bin", library=self._library, cores=cores, processor=processor_name()
        )
        kept = book.kept.get(key := f"{name} on {threads}")
        if kept is None or (kept.others > BUSY and self._now() - kept.at >= PROVISIONAL_S):
            kept = self._tried(self._load(folder, threads))
            self._write(Book({**book.kept, key: kept}))
        return kept.seconds

    def _tried(self, model: T) -> Kept:
        model.rehearse()  # pages the weights in
        neighbours, found = Neighbours(self._busy), list[float]()
        neighbours.begin(wall=time.perf_counter(), cpu=time.process_time())
        for _ in range(TRIES):
            self._beat()
            began = time.perf_counter()
            model.rehearse()
            found.append(time.perf_counter() - began)
        others = neighbours.look(wall=time.perf_counter(), cpu=time.process_time()) or 0.0
        return Kept(seconds=min(found), others=others, at=self._now())

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
