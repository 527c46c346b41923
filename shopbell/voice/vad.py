"""Who speaks and who does not, by Silero VAD v6, which comes with faster-whisper."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from shopbell.models.onnx import open_session
from shopbell.voice.audio import floats
from shopbell.voice.errors import BadAudio, VoiceModelError
from shopbell.voice.speech import FRAME, SAMPLE

_CONTEXT = 64
"""Samples of the frame before that the model sees again."""
_MEMORY = (1, 1, 128)
QUIET = 0.15
"""Probability under which a frame is no speech, beyond doubt."""
REMEMBERED = 32
"""Quiet frames in a row, about a second, after which the memory stands still until something is heard.

Silence fills it: of 30 short sentences on a telephone line 11 began no turn after 18 s of digital silence,
24 after a minute, 19 after a minute of faint noise (0.003 of full scale); with this all 30 do. Ten minutes
of noise, music and keys begin none either way. An empty memory in its place begins some half a second later.
"""


def silero_file() -> Path:
    """Return the model's file, without importing what it comes with. Raises VoiceModelError."""
    spec = find_spec("faster_whisper")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    file = folder / "assets" / "silero_vad_v6.onnx"
    if not file.is_file():
        raise VoiceModelError(f"{file}: Silero VAD is not there. Install faster-whisper 1.2 again.")
    return file


class Silero:
    """The model, loaded once; each microphone asks it for an ear of its own."""

    def __init__(self, file: Path) -> None:
        """Load it; a run takes a fifth of a millisecond, on one thread."""
        self._session = open_session(file)

    def ear(self) -> "SileroEar":
        """Return a `VoiceActivity` that has heard nothing yet."""
        return SileroEar(self)

    def run(self, frame: np.ndarray, h: np.ndarray, c: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the probability of speech and the two memories; float32[1, 576], [1, 1, 128] twice."""
        probability, h, c = self._session.run(None, {"input": frame, "h": h, "c": c})
        return float(probability.ravel()[0]), h, c


class SileroEar:
    """One microphone's memory."""

    def __init__(self, silero: Silero) -> None:
        self._silero = silero
        self._h = np.zeros(_MEMORY, dtype=np.float32)
        self._c = np.zeros(_MEMORY, dtype=np.float32)
        self._before = np.zeros(_CONTEXT, dtype=np.float32)
        self._quiet = 0

    def heard(self, frame: bytes) -> float:
        """Return the probability that somebody speaks. Raises BadAudio unless it has `FRAME` samples."""
        if len(frame) != FRAME * SAMPLE:
            raise BadAudio(f"a frame of {len(frame)} bytes, where {FRAME * SAMPLE} are wanted")
        samples = floats(frame)
        seen = np.concatenate([self._before, samples])[None, :]
        self._before = samples[-_CONTEXT:]
        probability, h, c = self._silero.run(seen, self._h, self._c)
        self._quiet = self._quiet + 1 if probability < QUIET else 0
        if self._quiet <= REMEMBERED:
            self._h, self._c = h, c
        return probability
