"""Keys as a telephone sounds them: two tones at once."""

import numpy as np

from shopbell.voice.audio import pcm
from shopbell.voice.phone.tonekeys import COLUMNS, PAD, ROWS


def key_tones(
    keys: str, *, rate: int = 8_000, on_s: float = 0.08, off_s: float = 0.08, twist_db: float = 0.0
) -> bytes:
    """Return the tones of some keys, int16 mono, each followed by silence."""
    times = np.arange(round(rate * on_s)) / rate
    gap = np.zeros(round(rate * off_s))
    pieces = []
    for key in keys:
        row = next(number for number, line in enumerate(PAD) if key in line)
        low = 0.2 * np.sin(2 * np.pi * ROWS[row] * times)
        high = 0.2 * 10 ** (twist_db / 20) * np.sin(2 * np.pi * COLUMNS[PAD[row].index(key)] * times)
        pieces += [low + high, gap]
    return pcm(np.concatenate(pieces).astype(np.float32))
