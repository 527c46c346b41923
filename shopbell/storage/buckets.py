"""Token buckets: how much one key, one socket or one address may ask. Pure: the clock is passed in."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from msgspec import Struct

Clock = Callable[[], float]
"""Seconds that only grow, such as `time.monotonic`."""


class Rate(Struct, frozen=True):
    """So many at once, then so many each second."""

    burst: float
    per_s: float


class Bucket:
    """A token bucket: full at first, refilled steadily."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._level = rate.burst
        self._at = clock()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        now = self._clock()
        self._level = min(self._rate.burst, self._level + (now - self._at) * self._rate.per_s)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Buckets:
    """One bucket for each key; those longest unused are forgotten, so that memory stays bounded."""

    def __init__(self, rate: Rate, clock: Clock, most: int = 4_096) -> None:
        self._rate = rate
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        """Take one token from the bucket of `key`; False when there is none."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._rate, self._clock)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket.take()

    def __len__(self) -> int:
        return len(self._buckets)
