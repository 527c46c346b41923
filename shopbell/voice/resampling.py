"""Another rate for the same sound: polyphase filters, whole or as a stream."""

from math import gcd

import numpy as np

from shopbell.voice.audio import Samples, floats, pcm

_REACH = 10
"""Zero crossings of the filter on each side, as scipy's `resample_poly` has it."""


def _ratio(source: int, target: int) -> tuple[int, int]:
    common = gcd(source, target)
    return target // common, source // common


def _converted(samples: Samples, up: int, down: int) -> Samples:
    from scipy.signal import resample_poly  # noqa: PLC0415 - scipy.signal takes a second to import

    return np.asarray(resample_poly(samples, up, down), dtype=np.float32)


def resampled(sound: bytes, source: int, target: int) -> bytes:
    """Return the whole sound, given at `source` Hz, at `target` Hz."""
    up, down = _ratio(source, target)
    return sound if up == down else pcm(_converted(floats(sound), up, down))


class Resampler:
    """Changes the rate of a stream, without clicks where its pieces meet."""

    def __init__(self, source: int, target: int) -> None:
        """Take int16 mono at `source` Hz and give it at `target` Hz."""
        self._up, self._down = _ratio(source, target)
        self._margin = -(-_REACH * max(self._up, self._down) // self._up) + 1
        self._held = np.zeros(0, dtype=np.float32)
        self._base = 0
        """Number of the first sample held; a multiple of `down`, so that the phase is always the same."""
        self._given = 0
        """Samples given out."""

    def feed(self, sound: bytes) -> bytes:
        """Return what is certain now; the last millisecond waits for what follows."""
        if self._up == self._down:
            return sound
        self._held = np.concatenate([self._held, floats(sound)])
        return self._until((self._base + self._held.size - self._margin) * self._up // self._down)

    def flush(self) -> bytes:
        """Return the rest."""
        if self._up == self._down:
            return b""
        return self._until(-(-(self._base + self._held.size) * self._up // self._down))

    def _until(self, end: int) -> bytes:
        if end <= self._given:
            return b""
        offset = self._base // self._down * self._up
        fresh = _converted(self._held, self._up, self._down)[self._given - offset : end - offset]
        self._given = end
        keep = max(0, self._given * self._down // self._up - self._margin) // self._down * self._down
        if keep > self._base:
            self._held, self._base = self._held[keep - self._base :], keep
        return pcm(fresh)
