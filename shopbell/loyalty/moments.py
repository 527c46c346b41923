"""Dates and times as exports write them, with the shop's zone where they name none."""

import re
from datetime import datetime, time, tzinfo
from enum import StrEnum

EARLIEST = 1990
LATEST = 2100
"""Years outside which a date is a slip."""
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ ,T]+(.+))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?\s*([AaPp])?\.?[Mm]?\.?")
_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)|\s*(?:UTC|GMT|Z)$")


class Order(StrEnum):
    """Which comes first in a date such as 03/04/2026."""

    UNSAID = "unsaid"
    """Told from the date itself; one that reads two ways is refused."""
    DAY = "day-first"
    MONTH = "month-first"


def moment(text: str, zone: tzinfo, *, clock: str = "", order: Order = Order.UNSAID) -> datetime:
    """Return the moment that `text`, and `clock` when the time has a cell of its own, spell.

    ISO 8601 is always read; an hour that comes twice is its first, as summer time ends.
    Raises `ValueError` with a reason and what to do.
    """
    found = _read(text.strip(), order)
    if clock.strip():
        found = datetime.combine(found.date(), _clock(clock.strip()), found.tzinfo)
    if not EARLIEST <= found.year <= LATEST:
        raise ValueError(f'"{text[:30]}" lies outside {EARLIEST} to {LATEST}. Check the year.')
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _read(text: str, order: Order) -> datetime:
    try:
        tidy = _OFFSET.sub(lambda mark: "" if not mark[0].strip() else "+00:00", text)
        if re.match(r"\d{4}[/.-]", tidy):
            return datetime.fromisoformat(tidy[:10].replace("/", "-").replace(".", "-") + tidy[10:])
    except ValueError:
        pass
    if (found := _DATE.fullmatch(text)) is None:
        raise ValueError(f'"{text[:30]}" is no date. Write it as 2026-11-21 14:30.')
    day, month = _day_month(int(found[1]), int(found[2]), order, text)
    year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)  # noqa: PLR2004 - two digits of a year
    try:
        return datetime.combine(datetime(year, month, day), _clock(found[4]) if found[4] else time())  # noqa: DTZ001 - `moment` adds the zone
    except ValueError as fault:
        if "Write" in str(fault):
            raise
        raise ValueError(f'"{text[:30]}" is no day of the calendar. Check the cell.') from None


def _day_month(first: int, second: int, order: Order, text: str) -> tuple[int, int]:
    if order is Order.MONTH or (order is Order.UNSAID and second > 12 >= first):  # noqa: PLR2004 - months
        return second, first
    if order is Order.UNSAID and first <= 12 and first != second:  # noqa: PLR2004 - months
        raise ValueError(
            f'"{text[:30]}" reads two ways. Say in the mapping dates = "day-first" or dates = "month-first".'
        )
    return first, second


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    hour = int(found[1]) if found else 24
    if found and found[4]:
        hour = 24 if not 1 <= hour <= 12 else hour % 12 + 12 * (found[4] in "pP")  # noqa: PLR2004 - hours
    if not found or hour > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:  # noqa: PLR2004 - clock
        raise ValueError(f'"{text[:30]}" is no time of day. Write it as 14:30.')
    return time(hour, int(found[2]), int(found[3] or 0))
