from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.moments import Order, moment

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "clock", "at"),
    [
        ("2026-03-15 09:30:22 -0500", "", datetime(2026, 3, 15, 14, 30, 22, tzinfo=UTC)),
        ("2026-03-15T09:30:22+01:00", "", datetime(2026, 3, 15, 8, 30, 22, tzinfo=UTC)),
        ("2026-03-15 09:30:22 UTC", "", datetime(2026, 3, 15, 9, 30, 22, tzinfo=UTC)),
        ("2026-03-15T09:30:22Z", "", datetime(2026, 3, 15, 9, 30, 22, tzinfo=UTC)),
        ("2026/07/18", "12:59:30", datetime(2026, 7, 18, 11, 59, 30, tzinfo=UTC)),
        ("2026-07-18", "12:59:30 PM", datetime(2026, 7, 18, 11, 59, 30, tzinfo=UTC)),
        ("2026-07-18", "12:05 a.m.", datetime(2026, 7, 17, 23, 5, tzinfo=UTC)),
        ("18/07/2026 14:05", "", datetime(2026, 7, 18, 13, 5, tzinfo=UTC)),
        ("7/18/26 2:05 PM", "", datetime(2026, 7, 18, 13, 5, tzinfo=UTC)),
        ("05.05.2026", "", datetime(2026, 5, 4, 23, 0, tzinfo=UTC)),
        ("2026-10-25 01:30", "", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_the_shops_zone_unless_they_name_one(text: str, clock: str, at: datetime) -> None:
    """An hour that comes twice is its first."""
    assert moment(text, LONDON, clock=clock).astimezone(UTC) == at


def test_a_date_that_reads_two_ways_is_asked_about() -> None:
    """03/04 is in March or in April; only the mapping can say."""
    with pytest.raises(ValueError, match="reads two ways"):
        moment("03/04/2026", LONDON)
    assert moment("03/04/2026", LONDON, order=Order.DAY).month == 4
    assert moment("03/04/2026", LONDON, order=Order.MONTH).month == 3


@pytest.mark.parametrize(
    "text", ["", "soon", "31/02/2026", "2026-02-30", "13/13/2026", "1850-01-01", "46022", "2026-01-01 25:00"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """A slip never becomes a day."""
    with pytest.raises(ValueError, match=r"no date|calendar|outside|time of day"):
        moment(text, LONDON)


@given(st.text(max_size=30), st.text(max_size=10))
def test_no_text_breaks_the_reading_of_dates(text: str, clock: str) -> None:
    """Any text is a moment or a reason."""
    with suppress(ValueError):
        assert moment(text, LONDON, clock=clock).tzinfo is not None
