"""Numbers on a telephone line: keyed as packets, keyed as tones, and spoken with "double" and "triple"."""

import random
from pathlib import Path

from msgspec import Struct
from speech_sets import by_phone

from shopbell.models.files import ModelFiles
from shopbell.voice.digits import Counter, Understanding, luhn
from shopbell.voice.phone.tonekeys import ToneKeys
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE
from shopbell.voice.stt import Whisper
from shopbell.voice.tts import Piper
from tests.fakes.tones import key_tones

WORDS = "zero one two three four five six seven eight nine".split()
TIMES = {2: "double", 3: "triple"}


class Found(Struct, frozen=True):
    """How many numbers were right."""

    keyed: float
    spoken_first: float
    spoken_read_back: float
    count: int


def number(choice: random.Random, length: int) -> str:
    """Return a number with a check digit, in which digits often come twice."""
    digits: list[str] = []
    while len(digits) < length - 1:
        digits += [choice.choice("0123456789")] * choice.choice((1, 1, 1, 2))
    body = "".join(digits[: length - 1])
    return body + next(digit for digit in "0123456789" if luhn(body + digit))


def said(digits: str) -> str:
    """Return a number as a person says it: in groups of three, "double five" for two of a kind."""
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(" ".join(_group(group)) for group in groups) + "."


def _group(group: str) -> list[str]:
    words, at = [], 0
    while at < len(group):
        run = 1
        while at + run < len(group) and group[at + run] == group[at] and run < max(TIMES):
            run += 1
        words += [TIMES[run]] if run in TIMES else []
        words.append(WORDS[int(group[at])])
        at += run
    return words


def measure(files: ModelFiles, voice: Path, count: int, seed: int) -> Found:
    """Try `count` numbers each way, on a line of 8 kHz in mu-law."""
    choice = random.Random(seed)
    cases = [number(choice, choice.choice((7, 8, 9, 10, 11))) for _ in range(count)]
    keyed = sum(_keyed(case) == case for case in cases)
    piper, counter = Piper(voice), Counter(Whisper(files.locate("whisper-base").folder, threads=1))
    first = after = 0
    for case in cases:
        understanding = Understanding((len(case),), luhn)
        understanding.hear(counter.heard(_line(piper, said(case)), (len(case),)))
        offered = understanding.best()
        if offered == case:
            first += 1
            continue
        if offered:
            understanding.deny(offered)
        slowly = " ".join(WORDS[int(digit)] + "," for digit in case)
        understanding.hear(counter.heard(_line(piper, slowly), (len(case),)))
        after += understanding.best() == case
    return Found(keyed / count, first / count, (first + after) / count, count)


def _keyed(case: str) -> str:
    keys: list[str] = []
    line, sound = ToneKeys(8_000, keys.append), key_tones(case, on_s=0.06, off_s=0.06)
    for at in range(0, len(sound), 320):
        line.hear(sound[at : at + 320])
    return "".join(keys)


def _line(piper: Piper, text: str) -> bytes:
    return by_phone(resampled(b"".join(piper.say(text)), piper.rate, RATE))
