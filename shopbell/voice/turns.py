"""Whether the speaker has finished, by smart-turn v3.2: it hears the melody of the last eight seconds."""

from pathlib import Path

import numpy as np

from shopbell.models.onnx import open_session
from shopbell.voice.audio import floats
from shopbell.voice.mel import log_mel
from shopbell.voice.speech import RATE, SAMPLE

HEARD_S = 8
"""Seconds the model hears; a shorter turn is led in by silence."""


class SmartTurn:
    """The model, on one thread."""

    def __init__(self, file: Path) -> None:
        self._session = open_session(file)

    def finished(self, audio: bytes) -> float:
        """Return the probability that the turn is complete."""
        wanted = HEARD_S * RATE
        samples = floats(audio[-wanted * SAMPLE :])
        led_in = np.pad(samples, (wanted - samples.size, 0))
        even = (led_in - led_in.mean()) / np.sqrt(led_in.var() + 1e-7)
        features = log_mel(even.astype(np.float32))[None]
        return float(self._session.run(None, {"input_features": features})[0].ravel()[0])
