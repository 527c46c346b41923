"""What the house asks of its ears and its voice, whoever provides them."""

from collections.abc import AsyncGenerator
from typing import Protocol

from msgspec import Struct

RATE = 16_000
"""Hz of all audio that is heard: int16, mono, little endian."""

SAMPLE = 2
"""Bytes of one sample."""

FRAME = 512
"""Samples of one frame for `VoiceActivity`: 32 ms."""


class Transcript(Struct, frozen=True, tag=True, kw_only=True):
    """What was heard in one turn."""

    text: str
    """Empty when it was noise."""
    confidence: float
    """Exponential of the mean log-probability of its tokens, 0 to 1."""
    no_speech: float
    """Probability that nobody spoke, 0 to 1."""
    seconds: float
    """Seconds of audio it was heard in."""
    closes: float
    """Probability that a sentence ends behind its last word, 0 to 1."""


class Speech(Protocol):
    """Ears and voice, resident in processes of their own."""

    async def hear(self, audio: bytes, *, hints: tuple[str, ...] = ()) -> Transcript:
        """Transcribe one whole turn at `RATE`; `hints` are words the speaker may use, likeliest first.

        Raises Deaf when there is no engine to hear with.
        """
        ...

    def consider(
        self, audio: bytes, *, hints: tuple[str, ...] = ()
    ) -> AsyncGenerator[float | Transcript, None]:
        """Yield what `hear` returns of a turn so far, before it a first reading when that is unsure.

        When that takes long, or there are no words, the probability that the speaker has finished comes
        before it; for that only the last 8 s count. Raises Deaf when there is no engine to hear with.
        """
        ...

    def say(self, text: str, *, pace: float = 1.0) -> AsyncGenerator[bytes, None]:
        """Yield int16 mono at `speech_rate`, the first clause first, without silence before the first sound.

        `pace` 0.8 is slower, 1.2 quicker. Closing the generator stops the engine. Raises Mute when there is
        no engine to speak with.
        """
        ...

    @property
    def speech_rate(self) -> int:
        """Hz of what `say` yields."""
        ...


class VoiceActivity(Protocol):
    """Tells speech from noise, frame by frame; remembers, so each microphone has its own."""

    def heard(self, frame: bytes) -> float:
        """Return the probability that somebody speaks in these `FRAME` samples at `RATE`."""
        ...
