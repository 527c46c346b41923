"""Quantities: the same fact in two spellings is one fact."""

import pytest

from shopbell.assistant.quantities import is_stated, quantities

SAME = [
    ("30 days", "thirty days"),
    ("two weeks", "14 days"),
    ("a fortnight", "2 weeks"),
    ("2-year guarantee", "guarantee of two years"),
    ("12 months", "1 year"),
    ("half an hour", "30 minutes"),
    ("within a week", "within 7 days"),
    ("30 to 45 minutes", "30-45 minutes"),
    ("three working days", "3 business days"),
    ("7.30am", "07:30"),
    ("5:30 pm", "17:30"),
    ("5pm", "17:00"),
    ("9-5pm", "09:00-17:00"),
    ("half past seven", "07:30"),
    ("half past seven", "19:30"),
    ("5 o'clock", "5pm"),
    ("noon", "12:00"),
    ("£12", "12.00"),
    ("£12.50", "12.5 pounds"),
    ("50p", "£0.50"),
    ("£1,250", "1,250.00"),
    ("10%", "ten per cent"),
    ("24th December", "24/12"),
    ("December 24", "2026-12-24"),
    ("3 and 4 December", "between 3 December and 4 December"),
    ("in August", "from 3 August"),
    ("on Tuesday", "Monday to Friday"),
    ("on Sundays", "open every day"),
    ("at the weekend", "Saturday and Sunday"),
    ("01632 960142", "+44 1632 960142"),
    ("1 kg", "1000 g"),
    ("93°C", "93 degrees"),
    ("the 3rd floor", "the third floor"),
]
DIFFERENT = [
    ("3 days", "30 days, 3 bags at 3pm"),
    ("30 hours", "30 days"),
    ("24 hours", "1 day"),
    ("5am", "5pm"),
    ("7:30", "19:30"),
    ("£12", "$12"),
    ("£12", "£120, £1.20"),
    ("£12", "12 bags"),
    ("10%", "10 days"),
    ("24 December", "25 December, 24 November"),
    ("on Sunday", "Monday to Friday"),
    ("in May", "in March, on 3 June"),
    ("01632 960142", "01632 960143"),
    ("2 bags", "one bag on 2 May at 2pm"),
    ("the first Monday", "the second Monday"),
]


@pytest.mark.parametrize(("said", "source"), SAME)
def test_same(said: str, source: str) -> None:
    """The same fact is recognised in another spelling."""
    assert quantities(said)
    assert all(is_stated(fact, quantities(source)) for fact in quantities(said))


@pytest.mark.parametrize(("said", "source"), DIFFERENT)
def test_different(said: str, source: str) -> None:
    """Another number, unit, half of the day or currency is another fact."""
    assert not all(is_stated(fact, quantities(source)) for fact in quantities(said))


@pytest.mark.parametrize(
    "text", ["one of them", "we sat in the sun", "you may bring it", "many marks", "24 juniors"]
)
def test_no_dates_in_plain_words(text: str) -> None:
    """Words that look like days, months or numbers state no date."""
    assert {fact.kind for fact in quantities(text)} <= {"amount"}


def test_every_character_is_read_once() -> None:
    """A time is not read again as two numbers."""
    assert [fact.kind for fact in quantities("07:30")] == ["time"]
