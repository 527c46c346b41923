"""A comparison: what the same sales cost under the rules that were and under others."""

from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from shopbell.loyalty.house import Shop
from shopbell.loyalty.judgement import Facts, Undone
from shopbell.loyalty.money import minor


class Month(Struct, frozen=True, kw_only=True):
    """One month of both; for the plot."""

    month: str
    """Such as 2025-03."""
    points_before: int
    points_after: int
    cost_before: int
    """Minor units; so is the next."""
    cost_after: int


class Change(Struct, frozen=True, kw_only=True):
    """What one customer gains or loses."""

    customer: str
    points_before: int
    points_after: int
    cost_before: int
    cost_after: int


class Replay(Struct, frozen=True, kw_only=True):
    """The same sales under both rules, less returns; cost is that of points, balances and rewards given."""

    since: date
    until: date | None
    sales: int
    points_before: int
    points_after: int
    cost_before: int
    """Minor units; so is the next."""
    cost_after: int
    gaining: int
    """Customers who would have got more, by cost."""
    losing: int
    months: tuple[Month, ...]
    changes: tuple[Change, ...]
    """By customer, the greatest change of cost first."""


class Sums:
    """Units given less those taken back, by customer and by month."""

    def __init__(self) -> None:
        self.people: dict[str, Counter[str]] = defaultdict(Counter)
        self.months: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, customer: str, day: date, unit: str, points: int) -> None:
        """Count so many of a unit, or less when it is taken back."""
        self.people[customer][unit] += points
        self.months[f"{day:%Y-%m}"][unit] += points

    def give(self, facts: Facts, owner: str) -> None:
        """Count what a sale gave."""
        for given in facts.given:
            whose = owner if given.customer == facts.customer else given.customer
            self.add(whose, facts.day, given.award.unit, given.award.points)
        for full in facts.exchanges:
            self.add(owner, facts.day, full.award.unit, full.award.points)

    def take(self, undone: Undone, day: date, owner: str) -> None:
        """Count what a return took back; `day` is that of the sale."""
        for take in undone.takes:
            self.add(take.customer, day, take.unit, -take.points)
        for one in undone.reopened:
            self.add(owner, day, one.award.unit, -one.award.points)


def compare(
    before: Sums, after: Sums, shops: tuple[Shop, Shop], since: date, until: date | None, sales: int
) -> Replay:
    """Make the table; `shops` say what a unit costs under each."""
    was, would = (_costs(shop) for shop in shops)
    months = tuple(
        Month(
            month=name,
            points_before=before.months[name]["points"],
            points_after=after.months[name]["points"],
            cost_before=_cost(before.months[name], was),
            cost_after=_cost(after.months[name], would),
        )
        for name in sorted({*before.months, *after.months})
    )
    people = [
        Change(
            customer=name,
            points_before=before.people[name]["points"],
            points_after=after.people[name]["points"],
            cost_before=_cost(before.people[name], was),
            cost_after=_cost(after.people[name], would),
        )
        for name in sorted({*before.people, *after.people})
    ]
    return Replay(
        since=since,
        until=until,
        sales=sales,
        points_before=sum(one.points_before for one in months),
        points_after=sum(one.points_after for one in months),
        cost_before=sum(one.cost_before for one in months),
        cost_after=sum(one.cost_after for one in months),
        gaining=sum(one.cost_after > one.cost_before for one in people),
        losing=sum(one.cost_after < one.cost_before for one in people),
        months=months,
        changes=tuple(sorted(people, key=lambda one: (-abs(one.cost_after - one.cost_before), one.customer))),
    )


def _costs(shop: Shop) -> dict[str, Decimal]:
    """Return what one of a unit costs in minor units; of rewards, as in the latest version."""
    rewards = {
        f"reward:{one.id}": Decimal(minor(one.worth, shop.programme.currency))
        for version in shop.programme.versions
        for one in version.reward
    }
    return {"points": shop.house.point_worth, "money": Decimal(1), **rewards}


def _cost(units: Counter[str], costs: dict[str, Decimal]) -> int:
    cost = sum((costs.get(unit, Decimal(0)) * points for unit, points in units.items()), Decimal(0))
    return int(cost.to_integral_value(ROUND_HALF_UP))
