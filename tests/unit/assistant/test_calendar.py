from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shopbell.assistant.calendar import OpeningHours, spoken_moment, spoken_spans, spoken_time
from shopbell.assistant.settings import Hours, Settings, Shop
from tests.fakes.shop import SETTINGS

ZONE = ZoneInfo("Europe/London")
HOURS = OpeningHours(SETTINGS)
TWO_SPANS = ((time(7, 30), time(12)), (time(13), time(17, 30)))
MIDNIGHT = time()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type,misc]  # year to minute, in order


@pytest.mark.parametrize(
    ("day", "spans", "reason"),
    [
        (date(2026, 11, 23), TWO_SPANS, ""),
        (date(2026, 11, 27), ((time(7, 30), MIDNIGHT),), ""),
        (date(2026, 11, 22), (), ""),
        (date(2026, 12, 24), ((time(7, 30), time(14)),), "Christmas Eve"),
        (date(2026, 12, 25), (), "Christmas"),
        (date(2026, 12, 26), (), "Christmas"),
        (date(2026, 12, 31), ((time(7, 30), time(12)),), ""),
        (date(2027, 1, 1), ((time(9), time(15)),), "New Year's Day"),
        (date(2027, 5, 3), ((time(9), time(15)),), "May Day"),
        (date(2028, 2, 29), TWO_SPANS, ""),
    ],
)
def test_the_hours_of_a_date(day: date, spans: tuple[tuple[time, time], ...], reason: str) -> None:
    """An exception goes before a public holiday, which goes before the weekday."""
    hours = HOURS.on(day)
    assert (hours.date, hours.spans, hours.reason) == (day, spans, reason)


@pytest.mark.parametrize(
    ("rule", "spans"), [("open", TWO_SPANS), ("closed", ()), ("10:00-11:00", ((time(10), time(11)),))]
)
def test_public_holidays_follow_the_shops_rule(rule: str, spans: tuple[tuple[time, time], ...]) -> None:
    """A holiday is an ordinary day, a closed one, or one with hours of its own."""
    hours = OpeningHours(
        replace(SETTINGS, hours=replace(SETTINGS.hours, public_holidays=rule, exceptions=()))
    )
    assert hours.on(date(2027, 5, 3)).spans == spans


def test_a_shop_without_a_country_knows_no_holidays() -> None:
    """Only what `shop.toml` says counts."""
    hours = OpeningHours(replace(SETTINGS, shop=Shop(name="X", timezone="Europe/London")))
    assert hours.on(date(2027, 5, 3)).spans == TWO_SPANS


@pytest.mark.parametrize(
    ("moment", "span"),
    [
        (at(2026, 11, 23, 7, 29), None),
        (at(2026, 11, 23, 7, 30), TWO_SPANS[0]),
        (at(2026, 11, 23, 12, 0), None),
        (at(2026, 11, 23, 13, 0), TWO_SPANS[1]),
        (at(2026, 11, 23, 17, 30), None),
        (at(2026, 11, 27, 23, 59), (time(7, 30), MIDNIGHT)),
        (at(2026, 11, 28, 0, 0), None),
        (at(2026, 12, 24, 15, 0), None),
    ],
)
def test_open_from_the_first_minute_to_before_the_last(
    moment: datetime, span: tuple[time, time] | None
) -> None:
    """Opening counts, closing does not, and 24:00 is the end of the day."""
    assert HOURS.open_at(moment) == span


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        (at(2026, 11, 23, 6, 0), at(2026, 11, 23, 7, 30)),
        (at(2026, 11, 23, 7, 30), at(2026, 11, 23, 13, 0)),
        (at(2026, 11, 23, 18, 0), at(2026, 11, 24, 7, 30)),
        (at(2026, 11, 21, 18, 0), at(2026, 11, 23, 7, 30)),
        (at(2026, 12, 24, 14, 0), at(2026, 12, 28, 9, 0)),
        (at(2026, 12, 31, 23, 59), at(2027, 1, 1, 9, 0)),
        (at(2027, 1, 31, 12, 0), at(2027, 3, 16, 7, 30)),
        (at(2027, 6, 1, 12, 0), None),
        (at(2028, 2, 28, 18, 0), at(2028, 2, 29, 7, 30)),
        (at(2027, 3, 27, 18, 0), at(2027, 3, 29, 9, 0)),
        (at(2026, 10, 24, 18, 0), at(2026, 10, 26, 7, 30)),
    ],
)
def test_the_next_opening(moment: datetime, opening: datetime | None) -> None:
    """Nights, closures and the change of the clocks are passed over; None when shut for 60 days."""
    assert HOURS.next_opening(moment) == opening


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31)])
def test_hours_hold_by_the_wall_clock_when_the_clocks_change(day: tuple[int, int, int]) -> None:
    """On the two Sundays of summer time the shop opens at the time on its door."""
    week: Hours = Hours(sun=("09:00-16:00",))
    hours = OpeningHours(Settings(shop=Shop(name="X", timezone="Europe/London"), hours=week))
    assert hours.open_at(at(*day, 8, 59)) is None
    assert hours.open_at(at(*day, 9, 0)) is not None
    assert hours.open_at(at(*day, 15, 59)) is not None
    assert hours.open_at(at(*day, 16, 0)) is None
    assert hours.next_opening(at(*day, 0, 30)) == at(*day, 9, 0)


@pytest.mark.parametrize(
    ("moment", "span"),
    [
        (at(2026, 11, 23, 12, 30), (time(8), time(17))),
        (at(2026, 11, 23, 17, 0), None),
        (at(2026, 11, 22, 12, 0), None),
        (at(2026, 12, 24, 13, 0), (time(8), time(14))),
        (at(2026, 12, 24, 15, 0), None),
        (at(2027, 1, 1, 16, 0), None),
        (at(2026, 12, 25, 12, 0), None),
    ],
)
def test_nobody_is_promised_when_the_shop_is_shut(moment: datetime, span: tuple[time, time] | None) -> None:
    """On a day with other hours a person is there only within them, and never on a closed one."""
    assert HOURS.staffed_at(moment) == span


def test_the_next_time_somebody_is_in() -> None:
    """After hours, over a closed Sunday and over a closure it is the next staffed day."""
    assert HOURS.next_staffed(at(2026, 11, 21, 18, 0)) == at(2026, 11, 23, 8, 0)
    assert HOURS.next_staffed(at(2027, 6, 2, 9, 0)) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 5, 1)))  # noqa: DTZ001 - the zone comes next
def test_the_shop_is_open_at_its_next_opening(naive: datetime) -> None:
    """The next opening lies ahead, the shop is open then, and closed the minute before."""
    moment = naive.replace(tzinfo=ZONE)
    opening = HOURS.next_opening(moment)
    assert opening is not None
    assert opening > moment
    span = HOURS.open_at(opening)
    assert span is not None
    assert span[0] == opening.time()


def test_times_in_words() -> None:
    """Times are written the way the shop writes them."""
    assert spoken_time(time(7, 5)) == "07:05"
    assert spoken_spans(TWO_SPANS) == "from 07:30 to 12:00 and from 13:00 to 17:30"
    assert spoken_spans(()) == ""
    now = at(2026, 12, 31, 23, 0)
    assert spoken_moment(at(2026, 12, 31, 23, 30), now) == "today at 23:30"
    assert spoken_moment(at(2027, 1, 1, 9, 0), now) == "tomorrow at 09:00"
    assert spoken_moment(at(2027, 1, 2, 9, 0), now) == "Saturday 2 January at 09:00"
