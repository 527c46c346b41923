"""How much of the machine others use just now. Pure, but for what asks the system.

The system counts the time for which its cores were busy, whoever kept them so; less our own, it is that of
our neighbours: the voice, another program, or the host of a virtual machine that gives its cores to others.
It also counts the time for which somebody waited for a core: a neighbour whom we hold back is seen by that.
"""

import os
from collections.abc import Callable
from pathlib import Path

_STAT = Path("/proc/stat")
_PRESSURE = Path("/proc/pressure/cpu")
_IDLE = (3, 4)
"""Columns of the first line that count idle time: idle, and idle that waits for the disk."""

_GUEST = 8
"""Columns from here on repeat time that is counted in the first ones."""


def read_busy() -> float | None:
    """Return the seconds all cores were busy since the start; None where the system does not tell."""
    try:
        line = _STAT.read_bytes().partition(b"\n")[0]
        ticks = [int(number) for number in line.split()[1:]][:_GUEST]
        spent = sum(ticks) - sum(ticks[column] for column in _IDLE)
        return spent / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def read_waiting() -> float | None:
    """Return the seconds for which somebody waited for a core; None where the system does not tell."""
    try:
        some = _PRESSURE.read_text().partition("\n")[0]
        return int(some.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError):
        return None


def _untold() -> None:
    return None


class Neighbours:
    """Cores that others used over the last stretch of work."""

    def __init__(
        self, busy: Callable[[], float | None], waiting: Callable[[], float | None] = _untold
    ) -> None:
        """`busy` returns the seconds all cores were busy, `waiting` those for which somebody had none."""
        self._read, self._read_waiting = busy, waiting
        self._busy: float | None = None
        self._waiting: float | None = None
        self._wall = self._cpu = 0.0

    def begin(self, *, wall: float, cpu: float) -> None:
        """Begin a stretch. Clocks in seconds; `cpu` is our own time, on all threads."""
        self._busy, self._waiting = self._read(), self._read_waiting()
        self._wall, self._cpu = wall, cpu

    def look(self, *, wall: float, cpu: float) -> float | None:
        """End the stretch and begin another; return the cores others used or lacked, None if unknown."""
        before, waited, elapsed, own = self._busy, self._waiting, wall - self._wall, cpu - self._cpu
        self.begin(wall=wall, cpu=cpu)
        if before is None or self._busy is None or elapsed <= 0:
            return None
        used = max(0.0, (self._busy - before - own) / elapsed)
        if waited is None or self._waiting is None:
            return used
        return max(used, (self._waiting - waited) / elapsed)
