"""How much of the machine others use just now. Pure, but for `read_busy`, which asks the system.

The system counts the time for which its cores were busy, whoever kept them so; less our own, it is that of
our neighbours: the voice, another program, or the host of a virtual machine that gives its cores to others.
"""

import os
from collections.abc import Callable
from pathlib import Path

_STAT = Path("/proc/stat")
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


class Neighbours:
    """Cores that others used over the last stretch of work."""

    def __init__(self, busy: Callable[[], float | None]) -> None:
        """`busy` returns the seconds all cores were busy, ours included."""
        self._read = busy
        self._busy: float | None = None
        self._wall = self._cpu = 0.0

    def begin(self, *, wall: float, cpu: float) -> None:
        """Begin a stretch. Clocks in seconds; `cpu` is our own time, on all threads."""
        self._busy, self._wall, self._cpu = self._read(), wall, cpu

    def look(self, *, wall: float, cpu: float) -> float | None:
        """End the stretch and begin another; return the cores others used in it, None if nobody can tell."""
        before, elapsed, own = self._busy, wall - self._wall, cpu - self._cpu
        self.begin(wall=wall, cpu=cpu)
        if before is None or self._busy is None or elapsed <= 0:
            return None
        return max(0.0, (self._busy - before - own) / elapsed)
