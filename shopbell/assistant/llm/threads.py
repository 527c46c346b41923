"""How many threads the engine may use just now. Pure: the clocks are passed in.

Threads that wait for each other at every step are as slow as the one that was sent away: two threads on two
cores beside one other busy process are slower than one thread alone. So the engine takes all its threads
only while nobody else works, and leaves a core to each neighbour otherwise. Two things tell of them: the
time for which the cores were busy, less our own; and, where the system does not say, the share of processor
time that we are given: near 1, the cores are ours; well under it, somebody else is at work.
"""

from math import floor

WINDOW_S = 0.12
"""Seconds of work over which is looked."""

CONTENDED_BELOW = 0.8
"""With one busy neighbour two threads on two cores get 2/3 of the time, alone nearly all of it."""

CALM_S = 3.0
"""Seconds of work with fewer threads before all are tried again: a neighbour who runs only because we left a
core may make way. Doubled each time that it does not."""

LONGEST_CALM_S = 48.0
"""Seconds between two tries, at most."""

QUIET = 0.4
"""Cores in use by others that are let pass: the house itself, passing words on."""


class Threads:
    """Leaves a core to each neighbour, and takes it back when the neighbour rests."""

    def __init__(self, *, most: int, cores: int) -> None:
        """`most` is the most threads that are of use, `cores` what the machine has for us and others."""
        self._most = most
        self._cores = cores
        self.now = most
        """Threads to use."""
        self.crowded = False
        """Whether others have all cores: what can wait should."""
        self._wall = self._cpu = 0.0
        self._fewer_s = 0.0
        self._calm_s = CALM_S
        self._unseen = False
        """Whether there are fewer threads because of our share alone, with no neighbour to be seen."""

    def begin(self, *, wall: float, cpu: float) -> None:
        """Begin a job: the time since the last one was idle and tells nothing. Clocks in seconds."""
        self._wall, self._cpu = wall, cpu

    def due(self, wall: float) -> bool:
        """Say whether it is time to look again."""
        return wall - self._wall >= WINDOW_S

    def note(self, *, wall: float, cpu: float, others: float | None) -> bool:
        """Take the clocks after some work, and the cores others used; return whether `now` is another."""
        elapsed = wall - self._wall
        share = (cpu - self._cpu) / (elapsed * self.now)
        self.begin(wall=wall, cpu=cpu)
        before = self.now
        self.crowded = others is not None and others > self._cores - QUIET
        if before == self._most:
            self._with_all(share, others)
        else:
            self._with_fewer(elapsed, others)
        return self.now != before

    def _with_all(self, share: float, others: float | None) -> None:
        """Give threads up under contention; a try that went well counts as no try."""
        left = self._left_by(others)
        self._unseen = share < CONTENDED_BELOW and left == self._most
        self.now = max(1, self._most // 2) if self._unseen else left
        self._calm_s = CALM_S if self.now == self._most else self._calm_s
        self._fewer_s = 0.0

    def _with_fewer(self, elapsed: float, others: float | None) -> None:
        """Take threads back once the neighbours rest, and try all of them after a while."""
        self._fewer_s += elapsed
        if self._fewer_s >= self._calm_s:
            self.now = self._most
            self._calm_s = min(2 * self._calm_s, LONGEST_CALM_S)
        elif not self._unseen:
            self.now = self._left_by(others)

    def _left_by(self, others: float | None) -> int:
        if others is None:
            return self._most
        return min(self._most, max(1, self._cores - floor(others + 1 - QUIET)))
