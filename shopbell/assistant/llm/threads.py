"""How many threads the engine may use just now. Pure: the clocks are passed in.

Threads that wait for each other at every step are as slow as the one that was sent away, so two threads on
two cores beside one other busy process are slower than one thread alone. The share of processor time that the
process is given tells: near 1, the cores are ours; well under it, somebody else is at work.
"""

WINDOW_S = 0.15
"""Seconds of work over which the share is taken."""

CONTENDED_BELOW = 0.8
"""With one busy neighbour two threads on two cores get 2/3 of the time, alone nearly all of it."""

CALM_S = 3.0
"""Seconds of work with fewer threads before all are tried again."""


class Threads:
    """Halves the threads under contention, and tries all of them again after a while."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self.now = most
        """Threads to use."""
        self._wall = 0.0
        self._cpu = 0.0
        self._fewer_s = 0.0

    def begin(self, *, wall: float, cpu: float) -> None:
        """Begin a job: the time since the last one was idle and tells nothing. Clocks in seconds."""
        self._wall, self._cpu = wall, cpu

    def note(self, *, wall: float, cpu: float) -> bool:
        """Take the clocks after some work; return whether `now` is another."""
        elapsed = wall - self._wall
        if elapsed < WINDOW_S:
            return False
        share = (cpu - self._cpu) / (elapsed * self.now)
        self.begin(wall=wall, cpu=cpu)
        return self._decide(share, elapsed)

    def _decide(self, share: float, elapsed: float) -> bool:
        before = self.now
        if self.now < self._most:
            self._fewer_s += elapsed
            if self._fewer_s >= CALM_S:
                self.now = self._most
        elif share < CONTENDED_BELOW:
            self.now, self._fewer_s = max(1, self.now // 2), 0.0
        return self.now != before
