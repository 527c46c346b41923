"""Numbers joined from single recorded digits: how often they are right, and after one read-back."""

import argparse
import random

import numpy as np
from msgspec import Struct
from speech_sets import utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import floats, pcm
from shopbell.voice.digits import Counter, Understanding, digits_in, luhn
from shopbell.voice.speech import RATE
from shopbell.voice.stt import Whisper

LENGTHS = (6, 7, 8, 9, 10)


class _Case(Struct, frozen=True):
    number: str
    first: bytes
    again: bytes
    """The same number, said with other pauses and a little louder."""


def _spoken(number: str, voice: dict[str, bytes], choice: random.Random, gain: float) -> bytes:
    quiet = np.zeros(round(0.3 * RATE), dtype=np.float32)
    parts = [quiet]
    for digit in number:
        gap = np.zeros(round(choice.uniform(0.06, 0.25) * RATE), dtype=np.float32)
        parts += [floats(voice[digit]) * np.float32(gain), gap]
    return pcm(np.concatenate([*parts, quiet]))


def _number(choice: random.Random, length: int) -> str:
    """Return a number with a check digit."""
    body = "".join(choice.choice("0123456789") for _ in range(length - 1))
    return body + next(digit for digit in "0123456789" if luhn(body + digit))


def _cases(options: argparse.Namespace) -> list[_Case]:
    choice = random.Random(options.seed)
    voices: dict[str, dict[str, bytes]] = {}
    for one in utterances(options.sets / "digits", 10_000):
        digit, speaker, _ = one.name.split("_")
        voices.setdefault(speaker, {})[digit] = one.sound
    cases = []
    for count in range(options.limit):
        voice = voices[sorted(voices)[count % len(voices)]]
        number = _number(choice, choice.choice(LENGTHS))
        cases.append(_Case(number, _spoken(number, voice, choice, 1.0), _spoken(number, voice, choice, 1.4)))
    return cases


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print the share of numbers that are right: plainly, at the first reading, after one read-back."""
    whisper = Whisper(files.locate(options.model).folder, threads=options.threads)
    counter = Counter(whisper)
    cases = _cases(options)
    plain = sum(digits_in(whisper.hear(case.first).text) == case.number for case in cases)
    for name, check in (("length known", lambda _: True), ("with check digit", luhn)):
        first = after = 0
        for case in cases:
            lengths = (len(case.number),)
            number = Understanding(lengths, check)
            number.hear(counter.heard(case.first, lengths))
            offered = number.best()
            if offered == case.number:
                first += 1
                continue
            if offered:
                number.deny(offered)
            number.hear(counter.heard(case.again, lengths))
            after += number.best() == case.number
        total = len(cases)
        print(
            f"{name:18} first {first / total:.1%}  after one read-back {(first + after) / total:.1%}",
            flush=True,
        )
    print(f"{'plain Whisper':18} first {plain / len(cases):.1%}  of {len(cases)} numbers")
