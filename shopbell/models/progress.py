"""How far a fetch has come, in figures and in words."""

import sys
from collections.abc import Callable

import msgspec
import rich_click as click

_MB = 1e6
_TELLING = 1_000_000
"""Bytes of this run that must have come before a rate means anything."""
_LINE_EVERY = 5.0
"""Seconds between progress lines where no terminal can show a moving one."""


class Progress(msgspec.Struct, frozen=True):
    """How far one model's fetch has come."""

    model: str
    done: int
    """Bytes that have arrived, in this run or an earlier one."""
    total: int
    """Bytes to arrive in all."""
    started: int
    """Bytes that had arrived before this run."""
    seconds: float
    """Seconds since this run began."""
    note: str = ""
    """What the person who waits should know, such as a lost connection."""

    @property
    def rate(self) -> float:
        """Bytes per second in this run, 0.0 before anything came."""
        return (self.done - self.started) / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until done at this rate, None while too little has come to tell."""
        if self.done - self.started < _TELLING:
            return None
        return (self.total - self.done) / self.rate if self.rate > 0 else None


Report = Callable[[Progress], None]


class Meter:
    """Turns the bytes that arrived in this run into Progress."""

    def __init__(
        self, model: str, *, started: int, total: int, clock: Callable[[], float], report: Report
    ) -> None:
        self._model, self._started, self._total = model, started, total
        self._clock, self._report, self._begun = clock, report, clock()

    def show(self, arrived: int, note: str = "") -> None:
        """Report that so many bytes have arrived since this run began."""
        self._report(
            Progress(
                model=self._model,
                done=self._started + arrived,
                total=self._total,
                started=self._started,
                seconds=self._clock() - self._begun,
                note=note,
            )
        )


def progress_line(progress: Progress) -> str:
    """Return one line for a person: name, MB done and to go, MB/s and the time left."""
    done, total = progress.done / _MB, progress.total / _MB
    line = f"{progress.model}: {done:,.0f} of {total:,.0f} MB"
    if progress.left is not None:
        line += f", {progress.rate / _MB:,.1f} MB/s, {_duration(progress.left)} left"
    return f"{line} ({progress.note})" if progress.note else line


def stderr_report() -> Report:
    """Return a callback that keeps one line moving on a terminal, or prints a line now and then elsewhere."""
    moving = sys.stderr.isatty()
    last = 0.0

    def show(progress: Progress) -> None:
        nonlocal last
        whole = progress.done >= progress.total
        if moving:
            click.echo(f"\r\x1b[2K  {progress_line(progress)}", err=True, nl=whole)
        elif progress.seconds - last >= _LINE_EVERY:
            last = progress.seconds
            click.echo(f"  {progress_line(progress)}", err=True)

    return show


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
