"""Breather: rests between slices of a long piece of work, so that others write and reckon meanwhile."""

import time
from collections.abc import Callable


class Breather:
    """Keeps work to a share of the time.

    Work that writes must not be at a low priority instead: on a busy machine it would be held up while it has
    the database to itself, and everybody who wants to write with it.
    """

    LONGEST_S = 2.0
    """However long a slice took."""

    def __init__(
        self,
        share: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin to work, for `share` of the time (above 0, at most 1)."""
        self._rest_per_work = 1 / share - 1
        self._clock, self._sleep = clock, sleep
        self._since = clock()

    def rest(self) -> None:
        """Rest as long as the work since the last rest asks for."""
        worked = self._clock() - self._since
        self._sleep(min(self.LONGEST_S, worked * self._rest_per_work))
        self._since = self._clock()
