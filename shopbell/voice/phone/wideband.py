"""Wideband sound, 16 kHz: G.722 and Opus, coded by FFmpeg's library. No other module imports it."""

from fractions import Fraction
from typing import Literal

import av
import numpy as np
from aiortp.codecs import Codec
from av.audio.codeccontext import AudioCodecContext

from shopbell.voice.resampling import Resampler

RATE = 16_000
FRAME = 320
"""Samples of 20 ms."""
OPUS_RATE = 48_000
"""Hz at which Opus is always decoded."""
_VOICE = {"application": "voip", "frame_duration": "20", "vbr": "on", "b": "24000"}
"""24 kbit/s: wideband speech as good as Opus makes it (RFC 7587, section 3.1.1)."""


class _Library(Codec):
    """A stream each way; both keep what they need of the past."""

    _encodes = ""
    _decodes = ""
    _decoded_rate = RATE
    _options: dict[str, str] = {}  # noqa: RUF012 - nobody changes it

    def __init__(self) -> None:
        self._encoder = _made(self._encodes, "w")
        self._encoder.sample_rate, self._encoder.layout, self._encoder.format = RATE, "mono", "s16"
        self._encoder.time_base = Fraction(1, RATE)
        self._encoder.options = self._options
        self._encoder.open()
        self._decoder = _made(self._decodes, "r")
        self._decoder.sample_rate, self._decoder.layout = self._decoded_rate, "mono"
        self._down = Resampler(self._decoded_rate, RATE)

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return RATE

    @property
    def samples_per_frame(self) -> int:
        """Samples of a packet."""
        return FRAME

    def encode(self, pcm: bytes) -> bytes:
        """Code 20 ms of int16 mono at `RATE`."""
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(pcm, dtype="<i2").reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        return b"".join(bytes(packet) for packet in self._encoder.encode(frame))

    def decode(self, payload: bytes) -> bytes:
        """Return int16 mono at `RATE`; raises ValueError for bytes that are no such sound."""
        found = b"".join(
            frame.to_ndarray().astype("<i2").tobytes() for frame in self._decoder.decode(av.Packet(payload))
        )
        return self._down.feed(found)


def _made(name: str, mode: Literal["r", "w"]) -> AudioCodecContext:
    made = av.CodecContext.create(name, mode)
    if not isinstance(made, AudioCodecContext):
        raise TypeError(f"{name} codes no sound")
    return made


class G722(_Library):
    """64 kbit/s, as wideband desk telephones speak it (ITU-T G.722)."""

    _encodes = _decodes = "g722"

    @property
    def name(self) -> str:
        """Its name in descriptions."""
        return "G722"


class Opus(_Library):
    """RFC 6716."""

    _encodes = _decodes = "libopus"
    _decoded_rate = OPUS_RATE
    _options = _VOICE

    @property
    def name(self) -> str:
        """Its name in descriptions."""
        return "opus"
