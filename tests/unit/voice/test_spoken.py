"""What is written, as a person says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.spoken import spoken
from shopbell.voice.worded import cardinal, ordinal, year


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("£3.40", "three pounds forty"),
        ("£1", "one pound"),
        ("£0.85", "eighty-five pence"),
        ("85p", "eighty-five pence"),
        ("£3.05", "three pounds and five pence"),
        ("£1,250.50", "one thousand two hundred and fifty pounds fifty"),
        ("£3-£5", "three to five pounds"),
        ("£12–£15.50", "twelve pounds to fifteen pounds fifty"),
        ("$4.99", "four dollars and ninety-nine cents"),
        ("20 EUR", "twenty euros"),
        ("€1.50", "one euro fifty"),
        ("07:30-17:30", "seven thirty a.m. to five thirty p.m."),
        ("9-5pm", "nine to five p.m."),
        ("Wednesdays 3:30 to 4:45", "Wednesdays three thirty to four forty-five"),
        ("Wednesdays 15:30 to 04:45", "Wednesdays three thirty p.m. to four forty-five a.m."),
        ("9.30am to 5pm", "nine thirty a.m. to five p.m."),
        ("18:05", "six oh five p.m."),
        ("12:00", "noon"),
        ("24/12/2026", "the twenty-fourth of December twenty twenty-six"),
        ("2026-12-25", "the twenty-fifth of December twenty twenty-six"),
        ("24-26 December", "the twenty-fourth to the twenty-sixth of December"),
        ("the 3rd of May 2027", "the third of May twenty twenty-seven"),
        ("Ready on 14 October.", "Ready on the fourteenth, of October."),
        ("Ready on 14 Oct. at noon", "Ready on the fourteenth, of October at noon"),
        ("Dec 31", "the thirty-first of December"),
        ("020 7946 0018", "zero two zero, seven nine four six, zero, zero one eight"),
        ("07700900456", "zero seven, seven zero, zero, nine zero, zero, four five six"),
        ("K7M2P-9QXAB", "K seven M two P, nine Q X eh B"),
        ("order #10482", "order number one zero four eight two"),
        ("250g bags", "two hundred and fifty gram bags"),
        ("2,000 points", "two thousand points"),
        ("1,000,000 beans", "one million beans"),
        ("a 15lbs bag of 5 lbs", "a fifteen pounds bag of five pounds"),
        ("20% off", "twenty per cent off"),
        ("3–5 working days", "three to five working days"),
        ("-3°C", "minus three degrees"),
        ("1.5 litres", "one point five litres"),
        ("9x13 cm", "nine by thirteen centimetres"),
        ("Mon-Fri", "Monday to Friday"),
        ("12 Lantern St. Bring it.", "twelve Lantern Street. Bring it."),
        ("St Mary", "Saint Mary"),
        ("e.g. tea & cake, etc.", "for example tea and cake, et cetera"),
        ("hello@lantern.example", "hello at lantern dot example"),
        ("**Bold** and [a link](https://x.example/y).", "Bold and a link."),
        ("since 1998", "since nineteen ninety-eight"),
        ("24/7", "twenty-four seven"),
        ("order 776-846", "order seven seven six, eight four six"),
        ("#5557", "number five five five seven"),
        ("Open 08:15-17:15.", "Open quarter past eight a.m. to quarter past five p.m."),
        ("13:15 or 13:50", "quarter past one p.m. or one fifty p.m."),
        ("the 4th of May, and 24 May", "the fourth of May, and the twenty-fourth of May"),
        ("the 21st", "the twenty-first"),
    ],
)
def test_it_is_said_as_a_person_says_it(written: str, said: str) -> None:
    """Prices, times, dates, numbers, codes and abbreviations are put in words."""
    assert spoken(written) == said


@given(st.text(max_size=80))
def test_no_text_fails_and_no_digit_is_left(text: str) -> None:
    """Whatever is written can be said, and ASCII digits between spaces are always words."""
    assert spoken(text) is not None
    assert not any(part.isascii() and part.isdigit() for part in spoken(f"a {text} b").split())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (105, "one hundred and five"),
        (1_000, "one thousand"),
        (2_001, "two thousand and one"),
        (1_250_300, "one million two hundred and fifty thousand three hundred"),
        (-7, "minus seven"),
    ],
)
def test_numbers_are_counted_as_in_britain(number: int, said: str) -> None:
    """An "and" stands before tens and ones."""
    assert cardinal(number) == said


def test_ordinals_and_years() -> None:
    """Irregular ones too."""
    assert [ordinal(n) for n in (1, 2, 3, 5, 8, 9, 12, 20, 31, 100)] == [
        "first", "second", "third", "fifth", "eighth", "ninth", "twelfth", "twentieth", "thirty-first",
        "one hundredth",
    ]  # fmt: skip
    assert [year(n) for n in (1900, 1998, 2000, 2005, 2026, 1805)] == [
        "nineteen hundred", "nineteen ninety-eight", "two thousand", "two thousand and five",
        "twenty twenty-six",
        "eighteen oh five",
    ]  # fmt: skip
