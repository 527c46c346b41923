"""How hard the engine works: its threads beside the neighbours', and how much is read at once."""

import time
from collections.abc import Callable
from typing import Protocol

from shopbell.assistant.llm.batches import SLICE, TILE
from shopbell.assistant.llm.neighbours import Neighbours, read_busy, read_waiting
from shopbell.assistant.llm.requests import Rates
from shopbell.assistant.llm.threads import Threads

STALL_S = 0.3
"""Seconds for which nobody's words may stop coming because somebody else's question is read."""

LEAST = 8
"""Tokens read at once, however slow the machine: fewer cost as much."""

_WIDE = 4

PAUSE_S = 0.05
"""Seconds for which what can wait steps aside while others have all cores."""


def read_clocks() -> tuple[float, float]:
    """Return the time and our own processor time, in seconds."""
    return time.monotonic(), time.process_time()


class SetThreads(Protocol):
    """Tells the engine how many threads it has from now on."""

    def __call__(self, *, writing: int, reading: int) -> None:
        """Set both."""
        ...


class Pacing:
    """Looks at the machine between batches."""

    def __init__(
        self,
        rates: Rates,
        set_threads: SetThreads,
        *,
        cores: int,
        busy: Callable[[], float | None] = read_busy,
        waiting: Callable[[], float | None] = read_waiting,
        pause: Callable[[float], None] = time.sleep,
        clocks: Callable[[], tuple[float, float]] = read_clocks,
    ) -> None:
        """`busy` and `waiting` are those of `Neighbours`; `clocks` tell the time and our own part of it."""
        self._rates = rates
        self._set_threads = set_threads
        self._pause = pause
        self._clocks = clocks
        self._neighbours = Neighbours(busy, waiting)
        most = max(rates.threads, rates.threads_reading)
        self._threads = self._beside = Threads(most=most, cores=cores)
        self._ahead = Threads(most=most, cores=cores)
        self._used = most

    def begin(self) -> None:
        """Begin to work after a rest."""
        wall, cpu = self._clocks()
        self._threads.begin(wall=wall, cpu=cpu)
        self._neighbours.begin(wall=wall, cpu=cpu)

    def look(self, *, patient: bool, ahead: bool) -> None:
        """Choose the threads for the next batch; step aside a little if it is `patient` and all are busy.

        Who goes `ahead` of ordinary programs leaves them no core: they are held back wherever they are. What
        is not held back is told by our share of the time.
        """
        chosen = self._ahead if ahead else self._beside
        if chosen is not self._threads:
            self._threads = chosen
            self.begin()
        else:
            self._note(seen=not ahead)
        self._use(self._threads.now)
        if patient and self._threads.crowded:
            self._pause(PAUSE_S)

    def _note(self, *, seen: bool) -> None:
        wall, cpu = self._clocks()
        if self._threads.due(wall):
            others = self._neighbours.look(wall=wall, cpu=cpu)
            self._threads.note(wall=wall, cpu=cpu, others=others if seen else None)

    def _use(self, threads: int) -> None:
        if threads != self._used:
            self._used = threads
            self._set_threads(
                writing=min(self._rates.threads, threads), reading=min(self._rates.threads_reading, threads)
            )

    def room(self, writing: bool) -> int:
        """Return how many tokens of prompts may be read in a batch, given whether somebody writes."""
        if not writing:
            return SLICE
        share = self._used / max(1, self._rates.threads_reading)
        fits = int(STALL_S * self._rates.prefill_rate * min(1.0, share))
        fits -= fits % (TILE if fits > TILE else _WIDE)
        return min(SLICE, max(LEAST, fits))
