"""How the engine is best run on this machine: measured at the first start, then kept in a file."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.llm.requests import Rates

FILE = "perf.json"

READ_TOKENS = 64
WRITE_TOKENS = 8
BUSY_BELOW = 0.85
"""Share of the processor time asked for that must be had; under it others were at work."""

PROVISIONAL_S = 3600.0
"""Seconds for which figures of a busy machine are used before it is measured again."""

BUDGET_S = 6.0
"""Seconds after which no further trial is begun."""

EXACT = 1.1
"""How much sooner a turn must be over without flash attention to do without it.

Only with it the same prompt gives the same reply whether its beginning was read or restored."""

TOGETHER = 4
"""Replies written at once in the trial that tells how many callers the machine can take."""

_SAMPLE = 1 << 20


class Measured(Struct, frozen=True, kw_only=True):
    """One way of running, and what it gave."""

    threads: int
    flash: bool
    prefill_rate: float
    """Tokens read per second."""
    decode_rate: float
    """Tokens written per second."""
    share: float
    """Processor time had, of what so many threads could have had."""


class Trial(Protocol):
    """Reads some tokens and writes some, in a memory of its own; returns the seconds of each."""

    def __call__(
        self, *, threads: int, flash: bool, reads: int, writes: int, together: int = 1
    ) -> tuple[float, float]:
        """Run once; `writes` tokens are written of each of `together` replies."""
        ...


class Kept(Struct, frozen=True, kw_only=True):
    """What was found for one fingerprint."""

    rates: Rates
    share: float
    """The least processor share of the trials; under BUSY_BELOW the figures are provisional."""
    at: float
    """Unix time of the measurement."""


class Book(Struct, frozen=True):
    """`perf.json`."""

    kept: dict[str, Kept]
    """By fingerprint."""


def fingerprint(model: Path, *, library: str, cores: int, processor: str) -> str:
    """Name the model, the library and the machine together: sha256, 16 hex digits."""
    with model.open("rb") as file:
        head = hashlib.sha256(file.read(_SAMPLE)).hexdigest()
    whole = f"{model.stat().st_size} {head} {library} {cores} {processor}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's model name; empty where the system does not tell."""
    if not cpuinfo.exists():
        return ""
    lines = cpuinfo.read_text(errors="replace").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def measure(trial: Trial, *, threads: int, flash: bool) -> Measured:
    """Run one trial and set its processor time beside its wall time."""
    wall, cpu = time.perf_counter(), time.process_time()
    reading, writing = trial(threads=threads, flash=flash, reads=READ_TOKENS, writes=WRITE_TOKENS)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(
        threads=threads,
        flash=flash,
        prefill_rate=READ_TOKENS / reading,
        decode_rate=WRITE_TOKENS / writing,
        share=cpu / (wall * threads),
    )


def candidates(cores: int) -> tuple[int, ...]:
    """Return the numbers of threads worth trying: every core, and ... 4, 2, 1."""
    doubled = (2**power for power in range(cores.bit_length()))
    return tuple(sorted({*doubled, cores}, reverse=True))


def choose(found: list[Measured]) -> Rates:
    """Take the better setting of flash attention, and with it the best threads to read and to write."""

    def best(flash: bool) -> Rates:
        here = [one for one in found if one.flash is flash]
        reading = max(here, key=lambda one: one.prefill_rate)
        writing = max(here, key=lambda one: one.decode_rate)
        return Rates(
            threads=writing.threads,
            threads_reading=reading.threads,
            flash=flash,
            prefill_rate=reading.prefill_rate,
            decode_rate=writing.decode_rate,
        )

    # A typical turn reads 100 new tokens and writes 40.
    options = [best(flash) for flash in sorted({one.flash for one in found}, reverse=True)]
    handicap = {True: 1.0, False: EXACT}
    return min(
        options,
        key=lambda rates: handicap[rates.flash] * (100 / rates.prefill_rate + 40 / rates.decode_rate),
    )


class Tuner:
    """Finds the rates for one fingerprint, in the file or by trial."""

    def __init__(
        self,
        file: Path,
        trial: Trial,
        *,
        cores: int,
        beat: Callable[[], None],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`beat` is called between trials; `now` is Unix time."""
        self._file = file
        self._trial = trial
        self._cores = cores
        self._beat = beat
        self._now = now

    def rates(self, name: str) -> Rates:
        """Return the kept rates, or measure and keep them; those of a busy machine are kept an hour only."""
        book = self._load()
        kept = book.kept.get(name)
        lasts = kept and (kept.share >= BUSY_BELOW or self._now() - kept.at < PROVISIONAL_S)
        if kept and lasts and kept.rates.together_rate:
            return kept.rates
        found = self._measure()
        share = min(one.share for one in found)
        if share < BUSY_BELOW:  # a race against others says nothing of the threads; `Threads` decides at work
            found = [one for one in found if one.threads == self._cores]
        rates = self._together(choose(found))
        fresh = Kept(rates=rates, share=share, at=self._now())
        self._store(Book({**book.kept, name: fresh}))
        return fresh.rates

    def _measure(self) -> list[Measured]:
        """Try the numbers of threads with flash attention, then the best without; stop when time is up."""
        began = self._now()
        self._trial(threads=self._cores, flash=True, reads=1, writes=1)  # pages the weights in
        found: list[Measured] = []
        for threads in candidates(self._cores):
            self._beat()
            found.append(measure(self._trial, threads=threads, flash=True))
            if self._now() - began > BUDGET_S:
                return found
        self._beat()
        return [*found, measure(self._trial, threads=choose(found).threads_reading, flash=False)]

    def _together(self, rates: Rates) -> Rates:
        """Add how fast several replies are written at once."""
        self._beat()
        _, writing = self._trial(
            threads=rates.threads, flash=rates.flash, reads=1, writes=WRITE_TOKENS, together=TOGETHER
        )
        return replace(rates, together_rate=TOGETHER * WRITE_TOKENS / writing)

    def _load(self) -> Book:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Book)
        except (FileNotFoundError, msgspec.DecodeError):
            return Book({})

    def _store(self, book: Book) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(book)))
        fresh.replace(self._file)
