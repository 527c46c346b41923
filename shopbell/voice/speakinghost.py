"""What runs inside the speaking process: Piper."""

from collections.abc import Callable

import msgspec

from shopbell.models.worker import Job
from shopbell.voice.requests import Say, SpeakingFacts, SpeakingSettings
from shopbell.voice.tts import Piper

_SAY = msgspec.msgpack.Decoder(Say)
_WARM_UP = "How can I help you today?"


class Host:
    """The voice as the worker process sees it."""

    def __init__(self, settings: SpeakingSettings, beat: Callable[[], None]) -> None:
        """Load and speak once to nobody, for the first sentence is the slowest. Raises VoiceModelError."""
        self._piper = Piper(settings.voice)
        beat()
        for _ in self._piper.say(_WARM_UP):
            beat()
        self._facts = SpeakingFacts(rate=self._piper.rate, name=settings.voice.stem)

    @property
    def facts(self) -> bytes:
        """`SpeakingFacts`, encoded."""
        return msgspec.msgpack.encode(self._facts)

    def run(self, request: bytes, job: Job) -> None:
        """Speak a `Say`, piece by piece, until it is cancelled."""
        say = _SAY.decode(request)
        for sound in self._piper.say(say.text, pace=say.pace):
            if job.cancelled():
                return
            job.emit(sound)

    def close(self) -> None:
        """Nothing to give back but memory."""


def start(settings: bytes, beat: Callable[[], None]) -> Host:
    """Start the voice: the worker's factory. `settings` is a `SpeakingSettings`, encoded."""
    return Host(SpeakingSettings.decode(settings), beat)
