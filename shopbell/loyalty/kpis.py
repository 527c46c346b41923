"""KPIs of a loyalty programme: the counting alone, without intervals. No clock, no store."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from shopbell.loyalty.takings import Purse, Taking


class Visits(Struct, frozen=True):
    """One customer's days with a purchase, in order, and what was paid on each."""

    days: tuple[date, ...]
    paid: tuple[int, ...]

    def between(self, first: date, last: date) -> tuple[int, int]:
        """Return on how many days they came, and what they paid, from `first` to before `last`."""
        start, end = bisect_left(self.days, first), bisect_left(self.days, last)
        return end - start, sum(self.paid[start:end])

    def last_before(self, day: date) -> date | None:
        """Return the last day before `day` on which they came."""
        at = bisect_left(self.days, day)
        return self.days[at - 1] if at else None


def visits(sales: Iterable[Taking]) -> dict[str, Visits]:
    """Return the visits of every customer who is known; several sales on one day are one visit."""
    paid: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for sale in sales:
        if sale.customer:
            paid[sale.customer][sale.day] += sale.amount
    return {
        customer: Visits(tuple(sorted(by_day)), tuple(by_day[day] for day in sorted(by_day)))
        for customer, by_day in paid.items()
    }


def repeaters(sales: Iterable[Taking]) -> dict[str, bool]:
    """Return, for each customer who bought, whether they came on at least two days."""
    return {customer: len(one.days) > 1 for customer, one in visits(sales).items()}


def members_share(sales: Iterable[Taking]) -> dict[date, tuple[int, int]]:
    """Return for each day what members paid, and what everybody paid."""
    found: dict[date, tuple[int, int]] = {}
    for sale in sales:
        ours, all_of_it = found.get(sale.day, (0, 0))
        found[sale.day] = ours + (sale.amount if sale.customer else 0), all_of_it + sale.amount
    return found


def redemption(purses: Mapping[str, Purse]) -> list[tuple[int, int]]:
    """Return for each customer points redeemed and points issued; nobody without either."""
    return [(one.redeemed, one.issued) for one in purses.values() if one.redeemed or one.issued]


def breakage(purses: Mapping[str, Purse]) -> list[tuple[int, int]]:
    """Return for each customer points expired, and points that came to an end: expired or redeemed."""
    return [
        (one.expired, one.expired + one.redeemed) for one in purses.values() if one.expired or one.redeemed
    ]


def after(
    sales: Iterable[Taking], talked: Mapping[str, Iterable[datetime]], within: timedelta
) -> list[tuple[Taking, datetime]]:
    """Return the sales to customers who talked with the assistant shortly before, with when they did."""
    found = []
    for sale in sales:
        at = datetime.fromisoformat(sale.at) if sale.customer in talked else None
        if at is None:
            continue
        before = [talk for talk in talked[sale.customer] if timedelta() <= at - talk <= within]
        if before:
            found.append((sale, max(before)))
    return found
