"""Numbers heard digit by digit: loyalty and telephone numbers.

Whisper by itself hears one single digit in four wrong: it expects sentences. So it is asked among digits
alone, several readings are kept, those of a wrong length or with a wrong check digit fall, and what the
customer denied once is not offered again.
"""

import math
import re
from collections.abc import Callable, Iterable
from typing import Protocol

from shopbell.assistant.numerals import SMALL
from shopbell.voice.requests import Heard, Number

BEAMS = 8
"""Readings kept."""

TOKENS_A_DIGIT = 3
"""At most: a word, a comma, a space."""

_NAMES = {name: str(value) for value, name in enumerate(SMALL[:10])} | {"oh": "0", "o": "0", "nought": "0"}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_TEENS = {name: str(value) for value, name in enumerate(SMALL) if value > 9}  # noqa: PLR2004 - ten and on
_TENS = {
    name: str(value)
    for value, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_PART = re.compile(r"[a-z]+|\d")
_TOKEN = re.compile(rf"\s?(?:\d{{1,3}}|[,.\-]|{'|'.join((*_NAMES, *_TIMES))})|\s", re.IGNORECASE)
"""What a token of a spoken number may be."""


class Among(Protocol):
    """Hears, among the tokens of a pattern alone; `stt.Whisper` does."""

    def among(
        self, audio: bytes, pattern: re.Pattern[str], *, beams: int, longest: int
    ) -> list[tuple[str, float]]:
        """Return readings with their log-probability."""
        ...


class Counter:
    """Hears numbers."""

    def __init__(self, ears: Among) -> None:
        self._ears = ears

    def heard(self, audio: bytes, lengths: tuple[int, ...]) -> Heard:
        """Return the readings of an allowed length, likeliest first."""
        longest = TOKENS_A_DIGIT * max(lengths)
        drafts = self._ears.among(audio, _TOKEN, beams=BEAMS, longest=longest)
        return Heard(ranked((digits_in(text), logprob) for text, logprob in drafts if text))


def digits_in(text: str) -> str:
    """Return the digits of what was said: "oh two, double five", "07700", "nine hundred"."""
    found: list[str] = []
    times = 1
    for part in _PART.findall(text.lower()):
        if part in _TIMES:
            times = _TIMES[part]
        elif part == "hundred" and found:
            found.append("00")
        elif part == "thousand" and found:
            found.append("000")
        else:
            value = part if part.isdigit() else _NAMES.get(part) or _TEENS.get(part) or _TENS.get(part, "")
            found.append(value * times)
            times = 1
    return "".join(found)


def ranked(drafts: Iterable[tuple[str, float]]) -> tuple[Number, ...]:
    """Add up the readings of the same digits, and put the likeliest first."""
    total: dict[str, float] = {}
    for digits, logprob in drafts:
        if digits:
            total[digits] = float(logaddexp(total.get(digits, -math.inf), logprob))
    return tuple(Number(digits, total[digits]) for digits in sorted(total, key=lambda one: -total[one]))


def logaddexp(a: float, b: float) -> float:
    """Return the logarithm of the sum of two probabilities given as logarithms."""
    high, low = max(a, b), min(a, b)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check of the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004
    return bool(digits) and total % 10 == 0


class Understanding:
    """What a customer's number may be, over one hearing or two. Pure."""

    UNHEARD = -12.0
    """Log-probability of a reading that one of the hearings did not bring up."""

    def __init__(self, lengths: tuple[int, ...], check: Callable[[str], bool] = lambda _: True) -> None:
        """Accept numbers of these lengths that pass `check`."""
        self._lengths = lengths
        self._check = check
        self._hearings: list[dict[str, float]] = []
        self._denied: set[str] = set()

    def hear(self, heard: Heard) -> None:
        """Take one hearing of the number."""
        self._hearings.append({number.digits: number.logprob for number in heard.numbers})

    def deny(self, digits: str) -> None:
        """Take note that the number read back was wrong."""
        self._denied.add(digits)

    def best(self) -> str | None:
        """Return the likeliest number still possible; None: ask again, or offer the keys."""
        known = {digits for hearing in self._hearings for digits in hearing}
        possible = {digits for digits in known if len(digits) in self._lengths and self._check(digits)}
        return max(sorted(possible - self._denied), key=self._weight, default=None)

    def _weight(self, digits: str) -> float:
        return sum(hearing.get(digits, self.UNHEARD) for hearing in self._hearings)
