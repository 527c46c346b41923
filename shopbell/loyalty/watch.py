"""The watch: patterns that a person should look at. Pure; the thresholds are the `Limits`.

A flag accuses nobody: it names a card, the staff account behind it if there is one, and the figures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from msgspec import Struct

from shopbell.loyalty.answers import Flag, FlagKind


class Limits(Struct, frozen=True, kw_only=True):
    """From where on something is flagged."""

    uses_a_day: int = 6
    """Of one card with one cashier on one day: more than anybody drinks."""
    uses_a_week: int = 20
    """Of one card with one cashier in the days looked at."""
    outlier: int = 8
    """Times the median distance from the median of points earned."""
    least_members: int = 20
    """Fewer earn too little to tell an outlier."""
    soon: timedelta = timedelta(days=2)
    """From a correction upwards to spending it."""
    returns: int = 3
    """Of one card in the days looked at."""


class Use(Struct, frozen=True, kw_only=True):
    """One purchase of a member."""

    customer: str
    cashier: str
    at: datetime
    day: date
    points: int
    """Given to the buyer."""


class Move(Struct, frozen=True, kw_only=True):
    """A correction upwards, something spent, or goods that came back."""

    customer: str
    actor: str
    points: int
    at: datetime


def shared_cards(uses: Sequence[Use], limits: Limits) -> list[Flag]:
    """Flag a card that one cashier uses more often than a customer comes: their own, or a friend's."""
    by_pair: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for use in uses:
        by_pair[use.customer, use.cashier].append(use)
    flags = []
    for (customer, cashier), found in by_pair.items():
        busiest = max(Counter(use.day for use in found).values())
        if cashier and (busiest >= limits.uses_a_day or len(found) >= limits.uses_a_week):
            why = (
                f"{cashier} used the card of {customer} {len(found)} times, up to {busiest} a day. "
                "Is it the customer who pays?"
            )
            flags.append(_flag("shared-card", customer, cashier, len(found), [use.at for use in found], why))
    return flags


def top_cards(uses: Sequence[Use], limits: Limits) -> list[Flag]:
    """Flag those who earn far more than others: beyond `outlier` median distances over the median."""
    points: Counter[str] = Counter()
    times: dict[str, list[datetime]] = defaultdict(list)
    for use in uses:
        points[use.customer] += use.points
        times[use.customer].append(use.at)
    if len(points) < limits.least_members:
        return []
    middle = median(points.values())
    spread = max(1.0, float(median(abs(one - middle) for one in points.values())))
    return [
        _flag(
            "top-card",
            customer,
            "",
            earned,
            times[customer],
            f"{customer} earned {earned:,} points; half of all members earned {middle:,.0f} or fewer.",
        )
        for customer, earned in points.items()
        if earned > middle + limits.outlier * spread
    ]


def adjusted_and_spent(given: Iterable[Move], spent: Sequence[Move], limits: Limits) -> list[Flag]:
    """Flag points given by hand that were spent soon after."""
    flags = []
    for one in given:
        after = [
            move
            for move in spent
            if move.customer == one.customer and one.at <= move.at <= one.at + limits.soon
        ]
        if after:
            used = sum(move.points for move in after)
            why = (
                f"{one.actor} gave {one.customer} {one.points:,} points by hand, "
                f"and {used:,} were spent within {limits.soon.days} days."
            )
            times = [one.at, *(move.at for move in after)]
            flags.append(_flag("adjust-then-redeem", one.customer, one.actor, used, times, why))
    return flags


def refund_cycles(returns: Sequence[Move], uses: Sequence[Use], limits: Limits) -> list[Flag]:
    """Flag a card with many returns, and at least one for every two purchases."""
    bought = Counter(use.customer for use in uses)
    by_card: dict[str, list[Move]] = defaultdict(list)
    for move in returns:
        by_card[move.customer].append(move)
    flags = []
    for customer, found in by_card.items():
        if customer and len(found) >= limits.returns and 2 * len(found) >= bought[customer]:
            (actor, most), *_ = Counter(move.actor for move in found).most_common(1)
            why = f"{customer} brought goods back {len(found)} times and bought {bought[customer]} times" + (
                f"; {actor} took back {most} of them." if actor else "."
            )
            flags.append(_flag("refund-cycling", customer, actor, len(found), [m.at for m in found], why))
    return flags


def _flag(kind: FlagKind, customer: str, actor: str, count: int, times: Sequence[datetime], why: str) -> Flag:
    return Flag(
        kind=kind, customer=customer, actor=actor, count=count, since=min(times), until=max(times), why=why
    )
