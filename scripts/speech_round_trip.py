"""Prices, times, dates, codes and telephone numbers: spoken by the voice, heard by the ears."""

import argparse
import random
import re
from collections.abc import Iterator

from shopbell.models.files import ModelFiles
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE
from shopbell.voice.spoken import spoken
from shopbell.voice.stt import Whisper
from shopbell.voice.tts import Piper

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


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print the share of numbers that come back as they were said, and those that did not."""
    from shopbell.voice.digits import digits_in  # noqa: PLC0415 - only here

    whisper = Whisper(files.locate(options.model).folder, threads=options.threads)
    voice = Piper(files.locate("piper-joe").main)
    right = 0
    for text, number in _sentences(options.limit, options.seed):
        sound = resampled(b"".join(voice.say(text)), voice.rate, RATE)
        heard = whisper.hear(sound).text
        good = (
            _digits(heard) == number
            or digits_in(heard) == number
            or spoken(heard).lower() == spoken(text).lower()
        )
        right += good
        if not good:
            print(f"  {text!r} -> {heard!r}", flush=True)
    print(f"round trip: {right} of {options.limit} numbers right ({right / options.limit:.1%})")
