"""What is asked of the two speech processes, and what they say."""

from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from shopbell.voice.speech import Transcript


class Hear(Struct, frozen=True, tag=True, kw_only=True):
    """Transcribe a turn; the answer is a `Transcript`."""

    audio: bytes
    hints: tuple[str, ...] = ()


class Consider(Struct, frozen=True, tag=True, kw_only=True):
    """Transcribe what was said so far; say whether the speaker has finished when the words are late, or none.

    The answers are a `Verdict`, if there is one, then a `Transcript`.
    """

    audio: bytes
    hints: tuple[str, ...] = ()


class Count(Struct, frozen=True, tag=True, kw_only=True):
    """Hear a number digit by digit; the answer is a `Heard`."""

    audio: bytes
    lengths: tuple[int, ...]
    """How many digits it may have."""


Asked = Hear | Consider | Count


class Verdict(Struct, frozen=True, tag=True):
    """How likely the speaker has finished."""

    finished: float


class Number(Struct, frozen=True):
    """One reading of a spoken number."""

    digits: str
    logprob: float
    """Natural logarithm of its probability among all that was considered."""


class Heard(Struct, frozen=True):
    """Readings of a spoken number, likeliest first."""

    numbers: tuple[Number, ...]


class Say(Struct, frozen=True, tag=True, kw_only=True):
    """Speak; the answers are pieces of sound, int16 mono."""

    text: str
    pace: float = 1.0


class _Settings(Struct, frozen=True, kw_only=True):
    def encode(self) -> bytes:
        """Write it for the worker."""
        return msgspec.msgpack.encode(self, enc_hook=str)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` wrote."""
        return msgspec.msgpack.decode(data, type=cls, dec_hook=lambda kind, text: kind(text))


class HearingSettings(_Settings, frozen=True, kw_only=True):
    """What the hearing process needs to start."""

    whispers: tuple[Path, ...]
    """Folders of the models to choose from, best first; never empty."""
    turn: Path | None
    """File of the turn model; without it, a pause says nothing."""
    data: Path
    """Folder in which `hearing.json` is kept."""
    threads: int = 2


class HearingFacts(Struct, frozen=True, kw_only=True):
    """What `doctor` tells of the hearing process."""

    model: str
    seconds: float
    """Seconds that a short turn takes, as measured on this machine."""
    turns: bool
    """Whether there is a turn model."""

    @property
    def summary(self) -> str:
        """A sentence for the owner."""
        time = f", {self.seconds:.2f} s for a short turn" if self.seconds else ""
        return f"{self.model}{time}{'' if self.turns else '; no turn model, so pauses are judged by length'}"


class SpeakingSettings(_Settings, frozen=True, kw_only=True):
    """What the speaking process needs to start."""

    voice: Path


class SpeakingFacts(Struct, frozen=True, kw_only=True):
    """What is known of the voice."""

    rate: int
    """Hz."""
    name: str


Considered = Verdict | Transcript
Answered = Transcript | Verdict | Heard
