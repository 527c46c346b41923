"""How hard the engine works: its threads beside the neighbours', and how much is read at once."""

import time
from collections.abc import Callable
from typing import Protocol

from shopbell.assistant.llm.batches import SLICE, TILE
from shopbell.assistant.llm.neighbours import Neighbours, read_busy
from shopbell.assistant.llm.requests import Rates
from shopbell.assistant.llm.threads import Threads

STALL_S = 0.3
"""Seconds for which nobody's words may stop coming because somebody else's question is read."""

LEAST = 8
"""Tokens read at once, however slow the machine: fewer cost as much."""

_WIDE = 4

PAUSE_S = 0.05
"""Seconds for which what can wait steps aside while others have all cores."""


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
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`busy` returns the seconds all cores were busy since the start."""
        self._rates = rates
        self._set_threads = set_threads
        self._pause = pause
        self._neighbours = Neighbours(busy)
        self._threads = Threads(most=max(rates.threads, rates.threads_reading), cores=cores)

    def begin(self) -> None:
        """Begin to work after a rest."""
        wall, cpu = time.monotonic(), time.process_time()
        self._threads.begin(wall=wall, cpu=cpu)
        self._neighbours.begin(wall=wall, cpu=cpu)

    def look(self, *, patient: bool) -> None:
        """Choose the threads for the next batch; step aside a little if it is `patient` and all are busy."""
        if self._threads.due(time.monotonic()):
            wall, cpu = time.monotonic(), time.process_time()
            others = self._neighbours.look(wall=wall, cpu=cpu)
            if self._threads.note(wall=wall, cpu=cpu, others=others):
                most = self._threads.now
                self._set_threads(
                    writing=min(self._rates.threads, most), reading=min(self._rates.threads_reading, most)
                )
        if patient and self._threads.crowded:
            self._pause(PAUSE_S)

    def room(self, writing: bool) -> int:
        """Return how many tokens of prompts may be read in a batch, given whether somebody writes."""
        if not writing:
            return SLICE
        share = self._threads.now / max(1, self._rates.threads_reading)
        fits = int(STALL_S * self._rates.prefill_rate * min(1.0, share))
        fits -= fits % (TILE if fits > TILE else _WIDE)
        return min(SLICE, max(LEAST, fits))
