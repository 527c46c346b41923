"""Prices, times, dates, codes and telephone numbers: spoken by the voice, heard by the ears.

Beside sentences made up for it, the sentences of a shop's own FAQ that have a number in them.
"""

import argparse
import random
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

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


def _faq(options: argparse.Namespace, whisper: Whisper, voice: Piper) -> None:
    """Print how many number words of the FAQ come back, in their order."""
    said = right = whole = 0
    sentences = list(_of_faq(options.faq))
    for text in sentences:
        heard = whisper.hear(resampled(b"".join(voice.say(text)), voice.rate, RATE)).text
        numbers = _numbers(text)
        kept = _kept(numbers, heard)
        said, right, whole = said + len(numbers), right + kept, whole + (kept == len(numbers))
        if kept < len(numbers):
            print(f"  {text!r} -> {heard!r}", flush=True)
    print(f"FAQ: {right} of {said} number words right ({right / said:.1%})")
    print(f"FAQ: {whole} of {len(sentences)} sentences with all their numbers", flush=True)


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print the share of numbers that come back as they were said, and those that did not."""
    whisper = Whisper(files.locate(options.model).folder, threads=options.threads)
    voice = Piper(files.locate("piper-joe").main)
    if options.faq:
        _faq(options, whisper, voice)
    right = 0
    for text, number in _sentences(options.limit, options.seed):
        sound = resampled(b"".join(voice.say(text)), voice.rate, RATE)
        heard = whisper.hear(sound).text
        same_words = _numbers(heard) == _numbers(text)
        good = _digits(heard) == number or digits_in(heard) == number or same_words
        right += good
        if not good:
            print(f"  {text!r} -> {heard!r}", flush=True)
    print(f"round trip: {right} of {options.limit} numbers right ({right / options.limit:.1%})")
