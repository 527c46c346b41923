"""Ears and a voice without engines: they hear what they were told to hear, and speak in tones."""

import asyncio
import math
from array import array
from collections import deque
from collections.abc import AsyncGenerator

from shopbell.voice.errors import Deaf, Mute, VoiceError
from shopbell.voice.speech import RATE, SAMPLE, Transcript

SPEECH_RATE = 22_050
SECONDS_A_LETTER = 0.06


class ScriptedSpeech:
    """Hears the transcripts enqueued, in their order, then silence; says each clause as a tone."""

    def __init__(self, *texts: str | Transcript | Deaf) -> None:
        """`texts` are what the coming turns will be heard as."""
        self._heard: deque[str | Transcript | Deaf] = deque(texts)
        self._verdicts: deque[float] = deque()
        self.speech_rate = SPEECH_RATE
        self.hearing_s = 0.0
        """Seconds that hearing a turn takes."""
        self.saying_s = 0.0
        """Seconds that each clause takes before it sounds."""
        self.mute: Mute | None = None
        """Raised by `say` when set."""
        self.turns: list[bytes] = []
        """Audio of each turn heard."""
        self.hints: list[tuple[str, ...]] = []
        self.asked: list[bytes] = []
        """Audio of each question whether the speaker has finished."""
        self.said: list[str] = []
        """Texts given to `say`, in their order."""
        self.paces: list[float] = []
        self.cancelled: list[str] = []
        """Texts whose generator was closed before its end."""

    def enqueue(self, *texts: str | Transcript | Deaf) -> None:
        """Add what the coming turns will be heard as; an error is raised."""
        self._heard.extend(texts)

    def judge(self, *verdicts: float) -> None:
        """Add answers to "has the speaker finished?"; without any it is 1."""
        self._verdicts.extend(verdicts)

    async def hear(self, audio: bytes, *, hints: tuple[str, ...] = ()) -> Transcript:
        self.turns.append(audio)
        self.hints.append(hints)
        await asyncio.sleep(self.hearing_s)
        heard = self._heard.popleft() if self._heard else ""
        if isinstance(heard, VoiceError):
            raise heard
        if isinstance(heard, Transcript):
            return heard
        seconds = len(audio) / SAMPLE / RATE
        closes = 0.95 if heard.endswith((".", "?", "!")) else 0.01
        return Transcript(
            text=heard, confidence=0.9, no_speech=0.0 if heard else 1.0, seconds=seconds, closes=closes
        )

    async def consider(
        self, audio: bytes, *, hints: tuple[str, ...] = ()
    ) -> AsyncGenerator[float | Transcript, None]:
        self.asked.append(audio)
        yield self._verdicts.popleft() if self._verdicts else 1.0
        yield await self.hear(audio, hints=hints)

    async def say(self, text: str, *, pace: float = 1.0) -> AsyncGenerator[bytes, None]:
        self.said.append(text)
        self.paces.append(pace)
        whole = False
        try:
            for clause in _clauses(text):
                await asyncio.sleep(self.saying_s)
                if self.mute is not None:
                    raise self.mute
                yield tone(len(clause) * SECONDS_A_LETTER / pace)
            whole = True
        finally:
            if not whole:
                self.cancelled.append(text)


class LoudnessActivity:
    """Takes every loud frame for speech."""

    def heard(self, frame: bytes) -> float:
        samples = array("h", frame)
        loudness = math.sqrt(sum(sample * sample for sample in samples) / max(1, len(samples)))
        return 0.99 if loudness > 500 else 0.01


def tone(seconds: float, *, rate: int = SPEECH_RATE, level: int = 8_000, pitch: float = 220.0) -> bytes:
    """Return a sine as int16 mono; loud enough for `LoudnessActivity`."""
    step = 2 * math.pi * pitch / rate
    return array("h", (round(level * math.sin(step * at)) for at in range(round(seconds * rate)))).tobytes()


def silence(seconds: float, *, rate: int = RATE) -> bytes:
    """Return silence as int16 mono."""
    return bytes(SAMPLE * round(seconds * rate))


def _clauses(text: str) -> list[str]:
    cut = text.replace(", ", ",|").replace(". ", ".|").replace("? ", "?|").replace("! ", "!|")
    return [clause for clause in cut.split("|") if clause.strip()]
