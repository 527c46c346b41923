"""Numbers heard digit by digit."""

import math
import re

import pytest

from shopbell.voice.digits import Counter, Understanding, digits_in, luhn, ranked
from shopbell.voice.requests import Heard, Number


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("oh two oh, seven nine four six", "0207946"),
        ("double five triple 3", "55333"),
        ("07700 900-456", "07700900456"),
        ("nine hundred", "900"),
        ("six, two thousand", "62000"),
        ("Zero One", "01"),
        ("please hold", ""),
    ],
)
def test_digits_are_read_however_they_are_said(said: str, digits: str) -> None:
    """Words, figures, doubles and hundreds."""
    assert digits_in(said) == digits


def test_readings_of_the_same_number_count_together() -> None:
    """Two spellings of one number add up their probability."""
    numbers = ranked([("12", math.log(0.2)), ("13", math.log(0.3)), ("12", math.log(0.2)), ("", 0.0)])
    assert [number.digits for number in numbers] == ["12", "13"]
    assert numbers[0].logprob == pytest.approx(math.log(0.4))


def test_the_check_digit_is_luhns() -> None:
    """The textbook's number passes, its neighbours do not."""
    assert luhn("79927398713")
    assert not any(luhn(f"7992739871{digit}") for digit in "012456789")


def heard(**readings: float) -> Heard:
    return Heard(tuple(Number(digits.removeprefix("n"), logprob) for digits, logprob in readings.items()))


def test_wrong_lengths_and_checks_fall() -> None:
    """The likeliest number that can be one is offered."""
    number = Understanding((6,), check=lambda digits: digits.endswith("1"))
    number.hear(heard(n12345=-0.1, n123456=-0.5, n123451=-2.0))
    assert number.best() == "123451"


def test_what_was_denied_is_not_offered_again() -> None:
    """After a "no", the next reading or the second hearing decides."""
    number = Understanding((2,))
    number.hear(heard(n12=-0.1, n13=-1.0, n14=-1.1))
    assert number.best() == "12"
    number.deny("12")
    number.hear(heard(n12=-0.1, n14=-0.2))
    assert number.best() == "14"
    number.deny("13")
    number.deny("14")
    assert number.best() is None


class Asked:
    """Ears that note what they were asked."""

    def among(
        self, audio: bytes, pattern: re.Pattern[str], *, beams: int, longest: int
    ) -> list[tuple[str, float]]:
        assert all(pattern.fullmatch(token) for token in (" 5", "077", " zero", " double", ",", " "))
        assert not any(pattern.fullmatch(token) for token in (" five hundred", "hello", "0770", ""))
        assert longest >= 18
        return [("0 7 7", -1.0), ("", -0.1)]


def test_the_ears_are_asked_among_digits_alone() -> None:
    """Nothing but digits, their names and commas may be heard."""
    assert Counter(Asked()).heard(b"", (6,)) == Heard((Number("077", -1.0),))
