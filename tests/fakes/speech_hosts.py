"""Ears and a voice for the worker processes, without engines."""

import os
import time
from collections.abc import Callable

import msgspec

from shopbell.models.worker import Job, Refused
from shopbell.voice.requests import (
    Asked,
    Consider,
    Count,
    Hear,
    Heard,
    HearingFacts,
    Number,
    Say,
    SpeakingFacts,
    Verdict,
)
from shopbell.voice.speech import RATE, SAMPLE, Transcript


class Ears:
    """Hears how many seconds it was given; dies of the hint "die"."""

    facts = msgspec.msgpack.encode(HearingFacts(model="toy", seconds=0.1, turns=True))

    def run(self, request: bytes, job: Job) -> None:
        asked = msgspec.msgpack.decode(request, type=Asked)
        if isinstance(asked, Consider):
            job.emit(msgspec.msgpack.encode(Verdict(min(1.0, len(asked.audio) / SAMPLE / RATE / 8))))
            asked = Hear(audio=asked.audio, hints=asked.hints)
        job.emit(msgspec.msgpack.encode(self._answer(asked)))

    def close(self) -> None:
        pass

    def _answer(self, asked: Hear | Count) -> Transcript | Heard:
        match asked:
            case Hear(hints=("die",)):
                os._exit(3)
            case Hear(audio=b"?"):
                raise Refused("audio-bad", "no sound")
            case Hear():
                length = len(asked.audio) / SAMPLE / RATE
                text = " ".join([f"{length:g} seconds", *asked.hints])
                return Transcript(text=text, confidence=0.9, no_speech=0.0, seconds=length, closes=0.5)
            case Count():
                return Heard((Number("0" * asked.lengths[0], -0.1),))


class Voice:
    """Says every word as one piece of its own bytes; takes a while for each."""

    facts = msgspec.msgpack.encode(SpeakingFacts(rate=16_000, name="toy"))

    def run(self, request: bytes, job: Job) -> None:
        say = msgspec.msgpack.decode(request, type=Say)
        for word in say.text.split():
            if job.cancelled():
                return
            job.emit(word.encode())
            time.sleep(0.01 / say.pace)

    def close(self) -> None:
        pass


def hearing(settings: bytes, beat: Callable[[], None]) -> Ears:
    return Ears()


def speaking(settings: bytes, beat: Callable[[], None]) -> Voice:
    return Voice()
