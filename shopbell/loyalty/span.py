"""Lengths of time as an owner writes them ("12 months"), and the shop's own calendar."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

SPAN_FORM = r"^[1-9]\d{0,3} (day|week|month|year)s?$"
Span = Annotated[str, Meta(pattern=SPAN_FORM)]
"""A length of time, such as `14 days`, `2 weeks`, `12 months`, `1 year`."""
_PARTS = re.compile(r"^(\d+) (day|week|month|year)")


def shift(day: date, span: str, times: int = 1) -> date:
    """Return the day `times` spans later (negative: earlier); 31 January and a month is 28 February."""
    match = _PARTS.match(span)
    if match is None:
        raise ValueError(span)
    count, unit = int(match[1]) * times, match[2]
    if unit in {"day", "week"}:
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    month = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def later(moment: datetime, span: str, zone: ZoneInfo) -> datetime:
    """Return the same time on the shop's clock a span later, in UTC."""
    local = moment.astimezone(zone)
    day = shift(local.date(), span)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day on the shop's calendar."""
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the start of a day on the shop's calendar, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def period(day: date, kind: str) -> str:
    """Name the day, week (from Monday), month or year a day is in, or `total`."""
    match kind:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02d}"
        case "month":
            return f"{day:%Y-%m}"
        case "year":
            return str(day.year)
        case _:
            return "total"


def starts(day: date, kind: str) -> bool:
    """Tell whether a month, quarter or year begins on this day; every day begins a day."""
    match kind:
        case "month":
            return day.day == 1
        case "quarter":
            return day.day == 1 and day.month % 3 == 1
        case "year":
            return day.day == 1 and day.month == 1
        case _:
            return True
