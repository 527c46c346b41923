"""How the engine is best run on this machine: measured at the first start, then kept in a file."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from shopbell.assistant.llm.requests import Rates

FILE = "perf.json"

READ_TOKENS = 64
WRITE_TOKENS = 8
BUSY_BELOW = 0.85
"""Share of the processor time asked for that must be had, else others were at work and the figures mislead."""

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
    """Reads READ_TOKENS and writes WRITE_TOKENS in a memory of its own; returns the seconds of each."""

    def __call__(self, *, threads: int, flash: bool) -> tuple[float, float]:
        """Run once."""
        ...


class _Kept(Struct, frozen=True):
    rates: dict[str, Rates]
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
    reading, writing = trial(threads=threads, flash=flash)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(
        threads=threads,
        flash=flash,
        prefill_rate=READ_TOKENS / reading,
        decode_rate=WRITE_TOKENS / writing,
        share=cpu / (wall * threads),
    )


def candidates(cores: int) -> tuple[int, ...]:
    """Return the numbers of threads worth trying: 1, 2, 4 ... and every core."""
    doubled = (2**power for power in range(cores.bit_length()))
    return tuple(sorted({*doubled, cores}))


def choose(found: list[Measured]) -> Rates:
    """Take the flash setting that reads and writes best at its best threads, and the best threads for each."""

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
    return min(options, key=lambda rates: 100 / rates.prefill_rate + 40 / rates.decode_rate)


def tune(
    name: str, *, data: Path, cores: int, trial: Trial, beat: Callable[[], None]
) -> Rates:
    """Return the kept rates for a fingerprint, or measure them; measured on a busy machine they are not kept."""
    file = data / FILE
    kept = _load(file)
    if name in kept.rates:
        return kept.rates[name]
    trial(threads=cores, flash=True)  # pages the weights in; not counted
    found: list[Measured] = []
    for flash in (True, False):
        for threads in candidates(cores):
            beat()
            found.append(measure(trial, threads=threads, flash=flash))
    rates = choose(found)
    if min(one.share for one in found) >= BUSY_BELOW:
        _store(file, _Kept({**kept.rates, name: rates}))
    return rates


def _load(file: Path) -> _Kept:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        return _Kept({})


def _store(file: Path, kept: _Kept) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    fresh.replace(file)
