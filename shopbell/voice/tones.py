"""Tones: small sounds made by code. Pure."""

import numpy as np

NOTES_HZ = (392.0, 493.9)
"""A third, upwards: neither an alarm nor a word."""
NOTE_S = 0.11
WAITING_S = NOTE_S * len(NOTES_HZ)
"""Seconds that `waiting` sounds."""
LOUD = 1_300
"""Peak of int16: audible in a shop, far below the voice."""


def waiting(rate: int) -> bytes:
    """Return the soft sound of "still at it", int16 mono at `rate` Hz."""
    at = np.arange(int(NOTE_S * rate)) / rate
    swell = np.sin(np.pi * at / NOTE_S) ** 2  # fades in and out: no click
    notes = [np.sin(2 * np.pi * pitch * at) * swell * LOUD for pitch in NOTES_HZ]
    return np.concatenate(notes).astype("<i2").tobytes()
