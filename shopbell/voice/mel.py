"""Log-mel spectra as Whisper reads them (Radford and others, 2022): 80 bands, 25 ms windows, 10 ms steps."""

from functools import cache

import numpy as np
from scipy.fft import rfft

from shopbell.voice.audio import Samples
from shopbell.voice.speech import RATE

BANDS = 80
WINDOW = 400
"""Samples of one window."""
STEP = 160
"""Samples from one frame to the next."""
FRAMES_A_SECOND = RATE // STEP

_LINEAR_TOP = 1_000.0
"""Hz up to which Slaney's mel scale is linear, at 200/3 Hz a mel."""


def _hertz(mels: Samples) -> Samples:
    """Return the frequency of each mel on Slaney's scale: over 1 kHz, 27 mels to a factor of 6.4."""
    linear = mels * np.float32(200 / 3)
    knee = np.float32(_LINEAR_TOP * 3 / 200)
    curved = np.float32(_LINEAR_TOP) * np.exp(np.float32(np.log(6.4) / 27) * (mels - knee))
    return np.where(mels < knee, linear, curved).astype(np.float32)


@cache
def _filters() -> Samples:
    """Return float32[80, 201]: triangles of equal area over the bins of the spectrum, up to 8 kHz."""
    top = _LINEAR_TOP * 3 / 200 + 27 * np.log(RATE / 2 / _LINEAR_TOP) / np.log(6.4)
    edges = _hertz(np.linspace(0, top, BANDS + 2, dtype=np.float32))[:, None]
    bins = np.fft.rfftfreq(WINDOW, 1 / RATE)[None, :]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (edges[2:] - edges[:-2]), dtype=np.float32)


def log_mel(samples: Samples) -> Samples:
    """Return float32[80, n // 160] of at least 400 samples, loudest band at most 2 above the floor."""
    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP][: samples.size // STEP]
    hann = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.square(np.abs(rfft(windows * hann, axis=1)))
    logs = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    return np.asarray((np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0, dtype=np.float32)
