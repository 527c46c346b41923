"""Sound as bytes: int16, mono, little endian, unless a function says otherwise."""

import io
import math
import wave
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shopbell.voice.errors import BadAudio
from shopbell.voice.speech import FRAME, RATE, SAMPLE

Samples = NDArray[np.float32]
"""Samples in [-1, 1]."""

AUDIBLE = 0.01
"""Amplitude, of 1, from which a sound is heard over a quiet room: -40 dB below full scale."""

LONGEST_S = 600.0
"""Seconds of the longest WAV file that is read."""

QUIETEST_DB = -96.0
"""Decibels of silence: what one step of int16 is below full scale, nearly."""

_FULL = 32_768.0
_WIDTHS = {1: "<u1", 2: "<i2", 4: "<i4"}


def floats(pcm: bytes) -> Samples:
    """Return the samples in [-1, 1]. Raises BadAudio for half a sample."""
    if len(pcm) % SAMPLE:
        raise BadAudio(f"{len(pcm)} bytes of sound end within a sample: a sample has {SAMPLE} bytes")
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(_FULL)


def pcm(samples: Samples) -> bytes:
    """Return samples in [-1, 1] as bytes; louder ones are cut off."""
    return bytes(np.clip(np.rint(samples * _FULL), -_FULL, _FULL - 1).astype("<i2").tobytes())


def seconds(sound: bytes, rate: int = RATE) -> float:
    """Return how long it lasts."""
    return len(sound) / SAMPLE / rate


def loudness(sound: bytes) -> float:
    """Return the root mean square, in decibels below full scale: 0 is the loudest, `QUIETEST_DB` silence."""
    samples = floats(sound)
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return max(QUIETEST_DB, 10 * math.log10(power)) if power > 0 else QUIETEST_DB


def first_audible(sound: bytes, *, over: float = AUDIBLE) -> int | None:
    """Return the number of the first sample louder than `over`; None when there is none."""
    loud = np.flatnonzero(np.abs(floats(sound)) > over)
    return int(loud[0]) if loud.size else None


def trimmed(sound: bytes, rate: int, *, lead_s: float, tail_s: float, over: float = AUDIBLE) -> bytes:
    """Keep `lead_s` of the silence before the first audible sample, and `tail_s` after the last."""
    loud = np.flatnonzero(np.abs(floats(sound)) > over)
    if not loud.size:
        return b""
    start = max(0, int(loud[0]) - round(lead_s * rate))
    end = int(loud[-1]) + 1 + round(tail_s * rate)
    return sound[start * SAMPLE : end * SAMPLE]


class Frames:
    """Cuts a stream into frames of `FRAME` samples."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, sound: bytes) -> Iterator[bytes]:
        """Yield the frames that are whole now; what is left waits for more."""
        self._rest += sound
        size = FRAME * SAMPLE
        whole = len(self._rest) - len(self._rest) % size
        cut, self._rest = self._rest[:whole], self._rest[whole:]
        for at in range(0, whole, size):
            yield cut[at : at + size]


def _companded() -> NDArray[np.uint8]:
    """Return the mu-law byte of each int16, by the formula of ITU-T G.711 in integers (bias 132)."""
    linear = np.arange(-32_768, 32_768)
    magnitude = np.minimum(np.abs(linear), 32_635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(int) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    return np.asarray(~(sign | (exponent << 4) | mantissa) & 0xFF, dtype=np.uint8)


def _expanded() -> NDArray[np.int16]:
    """Return the int16 of each mu-law byte."""
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 132 << ((code & 0x70) >> 4)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2")


_TO_MU_LAW, _FROM_MU_LAW = _companded(), _expanded()


def to_mu_law(sound: bytes) -> bytes:
    """Return a telephone's G.711 mu-law, one byte a sample."""
    if len(sound) % SAMPLE:
        raise BadAudio(f"{len(sound)} bytes of sound end within a sample")
    return bytes(_TO_MU_LAW[np.frombuffer(sound, dtype="<i2").astype(int) + 32_768].tobytes())


def from_mu_law(coded: bytes) -> bytes:
    """Return the sound of a telephone's G.711 mu-law."""
    return _FROM_MU_LAW[np.frombuffer(coded, dtype=np.uint8)].tobytes()


def write_wav(sound: bytes, rate: int) -> bytes:
    """Return a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(SAMPLE)
        writer.setframerate(rate)
        writer.writeframes(sound)
    return file.getvalue()


def read_wav(data: bytes, where: str) -> tuple[bytes, int]:
    """Return the sound of a WAV file, mixed to mono, and its rate in Hz.

    Raises BadAudio, naming `where` and what to do.
    """
    try:
        with wave.open(io.BytesIO(data)) as reader:
            rate, channels, width = reader.getframerate(), reader.getnchannels(), reader.getsampwidth()
            _check(where, rate, channels, width, reader.getnframes())
            body = reader.readframes(reader.getnframes())
    except (wave.Error, EOFError) as error:
        raise BadAudio(f"{where}: no WAV file we can read ({error}). Save it as 16-bit PCM WAV.") from error
    whole = body[: len(body) - len(body) % (width * channels)]
    values = np.frombuffer(whole, dtype=_WIDTHS[width]).astype(np.float32).reshape(-1, channels).mean(axis=1)
    middle, full = (128.0, 128.0) if width == 1 else (0.0, 2.0 ** (8 * width - 1))
    return pcm((values - np.float32(middle)) / np.float32(full)), rate


def _check(where: str, rate: int, channels: int, width: int, frames: int) -> None:
    if width not in _WIDTHS:
        raise BadAudio(f"{where}: {8 * width} bits a sample. Save it as 16-bit PCM WAV.")
    if not 4_000 <= rate <= 192_000 or not 1 <= channels <= 8:  # noqa: PLR2004 - what any device records
        raise BadAudio(f"{where}: {rate} Hz and {channels} channels. Save it as 16 kHz mono.")
    if not frames:
        raise BadAudio(f"{where}: holds no sound.")
    if frames > LONGEST_S * rate:
        raise BadAudio(f"{where}: longer than {LONGEST_S / 60:.0f} minutes. Cut it into turns.")
