"""The most a rule gives one customer in a day, week, month, year, or ever."""

from collections.abc import Mapping
from datetime import date

from shopbell.loyalty.conditions import Caps
from shopbell.loyalty.span import period

_NAMES = {
    "day": "a day",
    "week": "a week",
    "month": "a month",
    "year": "a year",
    "total": "in all",
}


def room(caps: Caps, gained: Mapping[str, int], day: date) -> tuple[int, str] | None:
    """Return (how much may still be given, the cap in words); None without caps."""
    rooms = [
        (max(0, most - gained.get(period(day, kind), 0)), f"{most:,} {_NAMES[kind]}")
        for kind, most in caps.limits()
    ]
    return min(rooms) if rooms else None


def record(caps: Caps, gained: Mapping[str, int], day: date, points: int) -> dict[str, int]:
    """Add what was given (below zero: taken back) to each period that is capped."""
    after = dict(gained)
    for kind, _ in caps.limits():
        name = period(day, kind)
        after[name] = max(0, after.get(name, 0) + points)
    return after
