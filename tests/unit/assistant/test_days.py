from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.days import MONTHS, WEEKDAYS, mentioned, without_days

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", [(2026, 11, 21)]),
        ("are you open tonight?", [(2026, 11, 21)]),
        ("this afternoon", [(2026, 11, 21)]),
        ("tomorrow", [(2026, 11, 22)]),
        ("tmrw", [(2026, 11, 22)]),
        ("the day after tomorrow", [(2026, 11, 23)]),
        ("sunday", [(2026, 11, 22)]),
        ("saturday", [(2026, 11, 21)]),
        ("next saturday", [(2026, 11, 28)]),
        ("friday", [(2026, 11, 27)]),
        ("next friday", [(2026, 11, 27)]),
        ("on Tues and Thurs", [(2026, 11, 24), (2026, 11, 26)]),
        ("weds", [(2026, 11, 25)]),
        ("wednesdays", [(2026, 11, 25)]),
        ("monday's", [(2026, 11, 23)]),
        ("monday\N{RIGHT SINGLE QUOTATION MARK}s", [(2026, 11, 23)]),
        ("sun flower", []),
        ("xmas eve", [(2026, 12, 24)]),
        ("xmas", [(2026, 12, 25)]),
        ("christmas day", [(2026, 12, 25)]),
        ("x-mas eve and boxing day", [(2026, 12, 24), (2026, 12, 26)]),
        ("boxing day or christmas", [(2026, 12, 26), (2026, 12, 25)]),
        (
            "christmas opening hours",
            [(2026, 12, 24), (2026, 12, 25), (2026, 12, 26), (2026, 12, 31), (2027, 1, 1)],
        ),
        ("open at christmas eve?", [(2026, 12, 24)]),
        ("new year's eve", [(2026, 12, 31)]),
        ("NYE", [(2026, 12, 31)]),
        ("new years day", [(2027, 1, 1)]),
        ("new year", [(2027, 1, 1)]),
        ("24th of december", [(2026, 12, 24)]),
        ("24 Dec", [(2026, 12, 24)]),
        ("december 24th", [(2026, 12, 24)]),
        ("december the 24th", [(2026, 12, 24)]),
        ("24 december 2026", [(2026, 12, 24)]),
        ("December 24, 2027", [(2027, 12, 24)]),
        ("24 december 2025", []),
        ("sept 5", [(2027, 9, 5)]),
        ("5th sep", [(2027, 9, 5)]),
        ("20 november", [(2027, 11, 20)]),
        ("21 november", [(2026, 11, 21)]),
        ("31 february", []),
        ("29 february", [(2028, 2, 29)]),
        ("the 24th", [(2026, 11, 24)]),
        ("the 20th", [(2026, 12, 20)]),
        ("the 31st", [(2026, 12, 31)]),
        ("the 32nd", []),
        ("saturday, sat, 21 nov", [(2026, 11, 21)]),
        ("I may march in", []),
        ("the sunny monastery was saturated", []),
        ("", []),
    ],
)
def test_days_as_customers_name_them(text: str, expected: list[tuple[int, int, int]]) -> None:
    """Each name is the next such day from today on, in the order of the text."""
    assert mentioned(text, SATURDAY) == tuple(date(*day) for day in expected)


@pytest.mark.parametrize(
    ("today", "text", "expected"),
    [
        (date(2026, 12, 31), "tomorrow", date(2027, 1, 1)),
        (date(2026, 12, 31), "nye", date(2026, 12, 31)),
        (date(2027, 1, 1), "new year's day", date(2027, 1, 1)),
        (date(2027, 1, 1), "xmas", date(2027, 12, 25)),
        (date(2026, 12, 26), "christmas", date(2027, 12, 25)),
        (date(2028, 2, 28), "tomorrow", date(2028, 2, 29)),
        (date(2028, 2, 29), "29 feb", date(2028, 2, 29)),
        (date(2028, 3, 1), "29 feb", date(2032, 2, 29)),
        (date(2096, 3, 1), "29 feb", date(2104, 2, 29)),
        (date(2027, 1, 30), "the 29th", date(2027, 3, 29)),
        (date(2026, 12, 25), "the 5th", date(2027, 1, 5)),
        (date(2026, 11, 27), "next friday", date(2026, 12, 4)),
        (date(2026, 11, 27), "friday", date(2026, 11, 27)),
    ],
)
def test_days_at_the_edges_of_the_calendar(today: date, text: str, expected: date) -> None:
    """Leap days, the turn of the year and short months come out right."""
    assert mentioned(text, today) == (expected,)


@given(st.dates(date(2024, 1, 1), date(2090, 1, 1)), st.integers(0, 366))
def test_a_written_date_is_found(today: date, ahead: int) -> None:
    """Any date within a year, written out, is the date itself."""
    day = today + timedelta(days=ahead)
    if ahead <= 364:
        assert mentioned(f"on {day.day} {MONTHS[day.month - 1]}?", today) == (day,)
    assert mentioned(f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}", today) == (day,)


@given(st.dates(date(2024, 1, 1), date(2090, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_seven_days(today: date, name: str) -> None:
    """A bare weekday may be today; "next" never is."""
    (day,) = mentioned(name, today)
    assert 0 <= (day - today).days < 7
    assert day.strftime("%A").lower() == name
    (coming,) = mentioned(f"next {name}", today)
    assert 1 <= (coming - today).days <= 7


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    """No text breaks the search, and every day found lies ahead."""
    assert all(day >= SATURDAY for day in mentioned(text, SATURDAY))


def test_the_rest_holds_what_is_no_day() -> None:
    """Named days are blanked, dates that do not exist stay."""
    assert without_days("open on 24 December?", SATURDAY).split() == ["open", "on", "?"]
    assert without_days("open on 31 February?", SATURDAY).split() == ["open", "on", "31", "february?"]
