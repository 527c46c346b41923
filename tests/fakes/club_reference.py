"""A reference for the club with one small programme: each point an object, each rule a few plain lines.

The programme: a point for each 1.00, usable after 3 days and lost after 40; gold from 60.00 in a year, with
10 points once; a friend's first purchase of 5.00 gives 5 to the friend and 7 to who brought them.
"""

import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.fakes.loyalty_points import Points

LONDON = ZoneInfo("Europe/London")
GOLD = 60
"""Units of money that make somebody gold; all amounts here are in whole units."""
PROGRAMME = """
club = "Club"
[[version]]
from = 2020-01-01
[version.points]
matures = "3 days"
expires = "40 days"
shortfall = "negative"
[[version.rule]]
kind = "spend"
id = "points"
points = 1
per = 1.00
[[version.rule]]
kind = "referral"
id = "friend"
friend = 5
referrer = 7
min_spend = 5.00
within = "60 days"
per_year = 1000
[version.tiers]
by = "spend"
window = "12 months"
[[version.tiers.tier]]
id = "gold"
from = 60
points = 10
[[version.reward]]
id = "mug"
name = "a mug"
cost = 4
worth = 0.03
"""


def in_days(now: datetime, days: int) -> datetime:
    """Return the same time on the shop's clock so many days later."""
    return (now.astimezone(LONDON) + timedelta(days=days)).astimezone(UTC)


@dataclass
class Standing:
    """Where a customer stands."""

    days: dict[date, int] = field(default_factory=dict)
    gold: bool = False
    entered: bool = False
    last: date | None = None
    reviewed: date | None = None


@dataclass
class Friendship:
    """Who brought a friend, when, and whether it was rewarded."""

    by: str
    at: datetime
    paid: bool = False


@dataclass
class Bought:
    """A sale, and what it gave: (key of the lot, points, customer)."""

    buyer: str
    day: date
    units: int
    gave: list[tuple[str, int]]
    entry: str = ""
    referral: bool = False
    back: int = 0


class ClubReference:
    """Sales, refunds, levels, friends, merges."""

    def __init__(self) -> None:
        self.points = Points()
        self.standings: dict[str, Standing] = {}
        self.friends: dict[str, Friendship] = {}
        self.sales: dict[str, Bought] = {}
        self.entries: list[tuple[str, str]] = []
        self.merges: list[tuple[str, str, Standing, Standing, Standing]] = []

    def who(self, name: str) -> str:
        """Return who a record is now."""
        return next((self.who(target) for source, target, *_ in self.merges if source == name), name)

    def buy(self, key: str, buyer: str, units: int, now: datetime) -> None:
        """Take in a sale of so many units of money."""
        self.review(buyer, now)
        standing, day = self.standings[buyer], now.astimezone(LONDON).date()
        ripe, end = in_days(now, 3), in_days(now, 40)
        sale = Bought(buyer, day, units, [(f"{key}:points", units)])
        gifts = self._referral(sale, key, now)
        standing.days[day] = standing.days.get(day, 0) + units
        standing.last = day
        rises = not standing.gold and _spent(standing, day) >= GOLD
        self.points.earn(f"{key}:points", buyer, units, now, ripe, end)
        for gift, points, whose in gifts:
            self.points.earn(gift, self.who(whose), points, now, now, end)
            sale.gave.append((gift, points))
        if rises and not standing.entered:
            sale.entry = f"{key}:gold"
            self.entries.append((sale.entry, buyer))
            self.points.earn(sale.entry, buyer, 10, now, now, end)
        standing.gold, standing.entered = standing.gold or rises, standing.entered or rises
        self.sales[key] = sale

    def take_back(self, key: str, units: int, now: datetime) -> None:
        """Take goods for so many units of money back."""
        sale = self.sales[key]
        before, sale.back = sale.back, sale.back + units
        for lot, points in sale.gave:
            less = points * sale.back // sale.units - points * before // sale.units
            if less:
                self.points.take_back(lot, less, now, negative=True)
        owner = self.who(sale.buyer)
        standing = self.standings[owner]
        if sale.referral and sale.back == sale.units:
            self.friends[owner].paid = False
        if sale.day in standing.days:
            self._less(sale, owner, units, now)

    def _less(self, sale: Bought, owner: str, units: int, now: datetime) -> None:
        standing = self.standings[owner]
        end = max(sale.day, standing.last or sale.day)
        was = _spent(standing, end) >= GOLD
        standing.days[sale.day] = max(0, standing.days[sale.day] - units)
        if not standing.gold or not was or _spent(standing, end) >= GOLD:
            return
        standing.gold = False
        if standing.entered:
            standing.entered = False
            self._unenter(sale, owner, now)

    def _unenter(self, sale: Bought, owner: str, now: datetime) -> None:
        """Take ten points back: of the sale that brought them, else of the latest that were brought."""
        left = 10
        for key, named in reversed(self.entries):
            mine = self.who(named) == owner
            there = 10 - self.points.taken[key]
            if mine and (not sale.entry or key == sale.entry) and there and left:
                self.points.take_back(key, min(left, there), now, negative=True)
                left -= min(left, there)

    def review(self, name: str, now: datetime) -> None:
        """Look at the level of each day since the last look."""
        standing = self.standings.setdefault(name, Standing())
        today = now.astimezone(LONDON).date()
        if standing.reviewed is not None:
            day = standing.reviewed
            while day < today:
                standing.gold = standing.gold and _spent(standing, day) >= GOLD
                day += timedelta(days=1)
        standing.reviewed = max(today, standing.reviewed or today)

    def gold(self, name: str, now: datetime) -> bool:
        """Say whether a customer is gold, reviews that are due included."""
        seen = copy.deepcopy(self.standings.get(name, Standing()))
        kept = self.standings.get(name)
        self.standings[name] = seen
        self.review(name, now)
        if kept is None:
            del self.standings[name]
        else:
            self.standings[name] = kept
        return seen.gold

    def merge(self, source: str, target: str, now: datetime) -> None:
        """Make two records one."""
        self.points.merge(source, target, now)
        one, two = (self.standings.setdefault(name, Standing()) for name in (source, target))
        kept = copy.deepcopy((one, two))
        both = Standing(
            days={day: one.days.get(day, 0) + two.days.get(day, 0) for day in {**one.days, **two.days}},
            gold=one.gold or two.gold,
            entered=one.entered or two.entered,
            last=max((day for day in (one.last, two.last) if day), default=None),
            reviewed=max((day for day in (one.reviewed, two.reviewed) if day), default=None),
        )
        self.standings[target] = both
        self.merges.append((source, target, *kept, copy.deepcopy(both)))

    def unmerge(self, now: datetime) -> None:
        """Make the last merge undone; what was done since stays with who remained."""
        self.points.unmerge(now)
        source, target, one, two, both = self.merges.pop()
        seen = self.standings[target]
        self.standings[source] = one
        if seen == both:
            self.standings[target] = two
            return
        left = {day: max(0, units - one.days.get(day, 0)) for day, units in seen.days.items()}
        self.standings[target] = Standing(
            days={day: units for day, units in left.items() if units},
            gold=two.gold if seen.gold == both.gold else seen.gold,
            entered=seen.entered and (two.entered or not one.entered),
            last=seen.last if seen.last != both.last else two.last,
            reviewed=seen.reviewed,
        )

    def _referral(self, sale: Bought, key: str, now: datetime) -> list[tuple[str, int, str]]:
        known = self.friends.get(sale.buyer)
        if known is None or known.paid or sale.units < 5 or now > in_days(known.at, 60):
            return []
        known.paid = sale.referral = True
        return [(f"{key}:friend", 5, sale.buyer), (f"{key}:referrer", 7, known.by)]


def _spent(standing: Standing, end: date) -> int:
    """Return what was spent up to a day; the machine's clock never runs for a whole year."""
    return sum(units for day, units in standing.days.items() if day <= end)
