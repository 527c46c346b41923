"""Keys as tones in the sound itself, for lines that send them no other way. Pure.

A key is two tones at once, one of its row and one of its column (ITU-T Q.23). In every window the power of
the eight is measured (Goertzel's filters, here all at once as a product with a matrix), and judged as Q.24
asks: nearly all power in two tones, one of each group, and neither much louder than the other.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shopbell.voice.audio import floats
from shopbell.voice.speech import SAMPLE

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
"""Hz."""
PAD = ("123A", "456B", "789C", "*0#D")
WINDOW_S = 0.025
HOP_S = 0.01
QUIETEST = 10 ** (-36 / 20)
"""Amplitude of the two tones together, of 1: what Q.24 has to be heard on a line."""
SHARE = 0.8
"""Part of all power that the two tones have; speech spreads it."""
TWIST = 10 ** (8 / 10)
"""How much more power one tone may have than the other."""
HITS = 2
"""Windows in a row that show the same key; 35 ms, for keys are pressed for 40 ms at least."""
MISSES = 3
"""Windows in a row without it after which the key was let go."""


class ToneKeys:
    """One line's tones."""

    def __init__(self, rate: int, pressed: Callable[[str], None]) -> None:
        """Hear sound at `rate` Hz, and tell of each key once."""
        self._pressed = pressed
        self._window, self._hop = round(rate * WINDOW_S), round(rate * HOP_S)
        times = np.arange(self._window) / rate
        shape = np.hanning(self._window)
        self._filters: NDArray[np.complex128] = (
            np.exp(-2j * np.pi * np.outer((*ROWS, *COLUMNS), times)) * shape * 2 / shape.sum()
        )
        self._shape = shape / np.sqrt(np.mean(shape**2))
        self._held = np.zeros(0, dtype=np.float32)
        self._key = self._last = ""
        self._hits = self._misses = 0

    def hear(self, sound: bytes) -> bytes:
        """Take int16 mono; return it, or silence while a key is held: no ear is to hear what it says."""
        self._held = np.concatenate([self._held, floats(sound)])
        sounding = bool(self._key)
        while self._held.size >= self._window:
            self._judge(self._found(self._held[: self._window]))
            sounding = sounding or bool(self._key) or bool(self._last)
            self._held = self._held[self._hop :]
        return bytes(len(sound) // SAMPLE * SAMPLE) if sounding else sound

    def _found(self, window: NDArray[np.float32]) -> str:
        """Return the key that a window shows; empty for none."""
        powers = np.abs(self._filters @ window) ** 2 / 2
        row, column = int(np.argmax(powers[:4])), int(np.argmax(powers[4:]))
        low, high = float(powers[row]), float(powers[4 + column])
        both, every = low + high, float(np.mean((window * self._shape) ** 2))
        if both < QUIETEST**2 / 2 or both < SHARE * every:
            return ""
        return PAD[row][column] if max(low, high) <= TWIST * min(low, high) else ""

    def _judge(self, found: str) -> None:
        self._hits = self._hits + 1 if found and found == self._last else int(bool(found))
        self._misses = 0 if found and found == self._key else self._misses + 1
        self._last = found
        if self._misses >= MISSES:
            self._key = ""
        if self._hits >= HITS and found != self._key:
            self._key = found
            self._pressed(found)
