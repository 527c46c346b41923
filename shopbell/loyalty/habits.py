"""Habits: how often, when and what the kinds of customers of the simulated shop buy."""

from datetime import date, time
from enum import StrEnum
from random import Random

from msgspec import Struct

_CLOSED = frozenset({(1, 1), (12, 25), (12, 26)})
_WEEKDAYS = (0.8, 0.9, 0.95, 1.0, 1.15, 1.45, 0.75)
"""How busy Monday to Sunday are, beside the average."""
_MONTHS = (0.9, 0.92, 0.97, 1.0, 1.02, 1.0, 0.95, 0.9, 1.0, 1.05, 1.1, 1.3)
"""How busy January to December are."""
_OPENS, _CLOSES = 7.5, 18.0
"""Hours of the day."""


class Sort(StrEnum):
    """What a customer is, which the shop does not know."""

    REGULAR = "regular"
    MONTHLY = "monthly"
    TOURIST = "tourist"
    CHURNER = "churner"
    SEASONAL = "seasonal"


class Habit(Struct, frozen=True, kw_only=True):
    """When somebody comes."""

    sort: Sort
    visits: float
    """A week, on an average day of their time."""
    hour: float
    """Of the day they mostly come at."""
    months: frozenset[int] = frozenset()
    """In which they come; empty: all."""
    first: date
    last: date
    """Between these they come; a churner's `last` is the day they are lost."""


_SHARES = (
    (Sort.REGULAR, 0.36),
    (Sort.MONTHLY, 0.24),
    (Sort.TOURIST, 0.14),
    (Sort.CHURNER, 0.16),
    (Sort.SEASONAL, 0.10),
)


def sort_of(random: Random) -> Sort:
    """Return a kind of customer, as often as there are such."""
    return random.choices([sort for sort, _ in _SHARES], [share for _, share in _SHARES])[0]


def habit(random: Random, sort: Sort, joined: date, year: int) -> Habit:
    """Return the habit of one customer of the kind who joined then."""
    first = max(joined, date(year, 1, 1))
    last = date(year, 12, 31)
    visits, months = 0.0, frozenset[int]()
    match sort:
        case Sort.REGULAR:
            visits = random.uniform(1.2, 2.6)
        case Sort.MONTHLY:
            visits = random.uniform(0.2, 0.35)
        case Sort.TOURIST:
            last = first
        case Sort.CHURNER:
            visits = random.uniform(1.2, 2.4)
            days = (last - first).days
            last = date.fromordinal(first.toordinal() + random.randint(min(40, days), max(40, days - 75)))
        case Sort.SEASONAL:
            visits = random.uniform(0.8, 1.6)
            months = frozenset(random.choice([(11, 12), (6, 7, 8), (10, 11, 12)]))
    return Habit(sort=sort, visits=visits, hour=_hour(random), months=months, first=first, last=last)


def comes(random: Random, habit: Habit, day: date) -> bool:
    """Say whether they come that day."""
    if not habit.first <= day <= habit.last or not is_open(day):
        return False
    if habit.sort is Sort.TOURIST or day == habit.first:
        return True
    if habit.months and day.month not in habit.months:
        return False
    return random.random() < habit.visits / 7 * _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]


def walk_ins(random: Random, day: date) -> int:
    """Return how many come that nobody knows."""
    return (
        round(random.uniform(3, 8) * _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]) if is_open(day) else 0
    )


def is_open(day: date) -> bool:
    """Say whether the shop is open."""
    return (day.month, day.day) not in _CLOSED


def clock(random: Random, hour: float) -> time:
    """Return a time about `hour`, while the shop is open."""
    seconds = int(min(max(random.gauss(hour, 0.7), _OPENS), _CLOSES - 0.01) * 3600)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _hour(random: Random) -> float:
    """Return an hour to come at: before work, at lunch, or in the afternoon."""
    return random.choices([8.3, 10.5, 12.7, 15.5, 17.0], [4, 2, 3, 2, 1])[0] + random.uniform(-0.4, 0.4)
