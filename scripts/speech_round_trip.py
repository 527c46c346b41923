"""Prices, times, dates, codes and telephone numbers: spoken by the voice, heard by the ears.

Beside sentences made up for it, the sentences of a shop's own FAQ that have a number in them.
"""

import argparse
import random
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

from shopbell.knowledge.markdown import read_markdown
from shopbell.knowledge.problem import Notes
from shopbell.models.files import ModelFiles
from shopbell.voice.digits import digits_in
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE
from shopbell.voice.spoken import spoken
from shopbell.voice.stt import Whisper
from shopbell.voice.tts import Piper

_NUMBER = re.compile(
    r"\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
    r"|thousand|point|half|quarter|noon|midnight|first|second|third|\w*(?:four|fif|six|seven|eigh|nin|ten|tie)th"
    r"|eleventh|twelfth|\w+teenth)\b"
)
MONTHS = "January March June August October December".split()


def _sentences(limit: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield a sentence with one number in it, and the number's digits."""
    choice = random.Random(seed)
    for count in range(limit):
        pounds, pence = choice.randint(1, 199), choice.choice((0, 5, 20, 50, 75, 95, 99))
        hour, minute, day = choice.randint(7, 21), choice.choice((0, 15, 30, 45)), choice.randint(1, 28)
        code = "".join(choice.choice("23456789") for _ in range(6))
        phone = "0" + "".join(choice.choice("123456789") for _ in range(10))
        yield (
            (
                f"The grinder costs £{pounds}.{pence:02d} today.",
                f"{pounds}{pence:02d}" if pence else f"{pounds}",
            ),
            (
                f"We close at {hour:02d}:{minute:02d} on Friday.",
                f"{(hour - 1) % 12 + 1}{minute:02d}" if minute else f"{(hour - 1) % 12 + 1}",
            ),
            (f"It will be ready on {day} {choice.choice(MONTHS)}.", f"{day}"),
            (f"Your order number is {code[:3]}-{code[3:]}.", code),
            (f"You can call the shop on {phone}.", phone),
            (f"You have {count * 37 + 120} points on your card.", f"{count * 37 + 120}"),
        )[count % 6]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _of_faq(files: Iterable[Path]) -> Iterator[str]:
    """Yield the sentences of all answers that hold a digit."""
    for file in files:
        for entry in read_markdown(file.read_text(), Notes(file.name), stem=file.stem):
            yield from (one for one in re.split(r"(?<=[.?!])\s+", entry.text) if re.search(r"\d", one))


def _numbers(text: str) -> list[str]:
    """Return the number words of a text, as the voice says them, in their order; a double digit is two."""
    words = re.sub(r"[-,]", " ", spoken(text).lower())
    return re.findall(_NUMBER, re.sub(r"\bdouble (\w+)", r"\1 \1", words))


def _back(heard: str) -> Iterator[list[str]]:
    """Yield the number words of what the ears wrote, in each of the ways the same number may be written.

    They write "91.75" for ninety-one pounds seventy-five, "25 pounds" behind a month and "1030 AM".
    """
    yield _numbers(heard)
    timed = re.sub(r"(?<![\d.:,])(1?\d)[ ]?([0-5]\d)(?=\s?[AaPp]\.?[Mm]\b)", r"\1:\2", heard)
    priced = re.sub(r"(?<![£$€\d.,])(\d[\d,]*(?:\.\d\d)?) pounds\b", r"£\1", timed)
    yield _numbers(priced)
    yield _numbers(re.sub(r"(?<![£$€\d.,])(\d+\.\d\d)(?!\d|\s?[AaPp]\.?[Mm]\b)", r"£\1", priced))


def _kept(numbers: list[str], heard: str) -> int:
    """Return how many of the number words said came back, in their order."""
    matchers = (SequenceMatcher(None, numbers, back, autojunk=False) for back in _back(heard))
    return max(sum(block.size for block in matcher.get_matching_blocks()) for matcher in matchers)


class Score(Struct, frozen=True):
    """How many numbers came back, of how many."""

    right: int
    said: int

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.said + other.said)

    def __str__(self) -> str:
        return f"{self.right} of {self.said} ({self.right / self.said:.1%})"


def seeded(model: Path, seed: int) -> Piper:
    """Return a voice whose sound is the same each time; its noise is drawn anew else.

    ONNX Runtime takes its seed when a session is made.
    """
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - after silence(); it has no stubs

    onnxruntime.set_seed(seed)
    return Piper(model)


def _heard(text: str, whisper: Whisper, voice: Piper) -> str:
    return whisper.hear(resampled(b"".join(voice.say(text)), voice.rate, RATE)).text


def _faq(files: Iterable[Path], whisper: Whisper, voice: Piper) -> Score:
    """Print how many number words of the FAQ come back, in their order."""
    said = right = whole = 0
    sentences = list(_of_faq(files))
    for text in sentences:
        heard = _heard(text, whisper, voice)
        numbers = _numbers(text)
        kept = _kept(numbers, heard)
        said, right, whole = said + len(numbers), right + kept, whole + (kept == len(numbers))
        if kept < len(numbers):
            print(f"  {text!r} -> {heard!r}", flush=True)
    print(f"FAQ: {whole} of {len(sentences)} sentences with all their numbers", flush=True)
    return Score(right, said)


def _made(options: argparse.Namespace, whisper: Whisper, voice: Piper) -> Score:
    """Print the sentences made up whose number does not come back as it was said."""
    right = 0
    for text, number in _sentences(options.limit, options.seed):
        heard = _heard(text, whisper, voice)
        same_words = _numbers(heard) == _numbers(text)
        good = _digits(heard) == number or digits_in(heard) == number or same_words
        right += good
        if not good:
            print(f"  {text!r} -> {heard!r}", flush=True)
    return Score(right, options.limit)


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print the share of numbers that come back as they were said, and those that did not, for each voice."""
    whisper = Whisper(files.locate(options.model).folder, threads=options.threads)
    everything = list[tuple[Score, Score]]()
    for seed in options.voice_seed:
        voice = seeded(files.locate("piper-joe").main, seed)
        faq = _faq(options.faq, whisper, voice) if options.faq else Score(0, 0)
        made = _made(options, whisper, voice)
        everything.append((faq, made))
        _printed(f"voice {seed}", faq, made)
    if len(everything) > 1:
        nothing = Score(0, 0)
        _printed("all voices", *(sum(scores, nothing) for scores in zip(*everything, strict=True)))


def _printed(name: str, faq: Score, made: Score) -> None:
    parts = [f"made up: {made}"]
    if faq.said:
        parts = [f"FAQ number words: {faq}", *parts, f"both: {faq + made}"]
    print(f"{name}: {'; '.join(parts)}", flush=True)
