"""Levels of membership: up at once, down at a review and only after grace.

A rolling window of a span ends with the day looked at and begins the day after the same day a span earlier.
A review looks at the window that ended the day before, so that the hour of the review does not matter.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec

from shopbell.loyalty.money import money, plural
from shopbell.loyalty.span import shift, starts
from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.terms import Terms, Tier, Tiers

_DAY = timedelta(days=1)


def gathered(tiers: Tiers, activity: Mapping[date, Activity], end: date) -> int:
    """Return points, minor units or visits gathered in the window that ends on `end`, that day included."""
    first = _first(tiers, end)
    inside = [did for day, did in activity.items() if first <= day <= end]
    match tiers.by:
        case "points":
            return sum(did.points for did in inside)
        case "spend":
            return sum(did.spent for did in inside)
        case "visits":
            return sum(min(1, did.visits) for did in inside)


def _first(tiers: Tiers, end: date) -> date:
    """Return the first day of the window that ends on `end`."""
    match tiers.calendar:
        case "month":
            return end.replace(day=1)
        case "quarter":
            return end.replace(month=(end.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return end.replace(month=1, day=1)
        case _:
            return shift(end, tiers.window or "1 year", -1) + _DAY


def needed(tier: Tier, tiers: Tiers, terms: Terms) -> int:
    """Return what a level takes, in the measure of `gathered`."""
    return terms.minor(Decimal(tier.start)) if tiers.by == "spend" else tier.start


def reached(standing: Standing, terms: Terms, end: date) -> str:
    """Return the id of the level that the window ending on `end` gives; empty for the first."""
    tiers = terms.version.tiers
    if tiers is None:
        return ""
    have = gathered(tiers, standing.activity, end)
    fitting = [tier.id for tier in tiers.tier if have >= needed(tier, tiers, terms)]
    return fitting[-1] if fitting else ""


def rank(name: str, terms: Terms) -> int:
    """Return how high a level is; 0 for the first, and for one that this version does not know."""
    tiers = terms.version.tiers
    names = [tier.id for tier in tiers.tier] if tiers else []
    return names.index(name) + 1 if name in names else 0


def climb(standing: Standing, terms: Terms, day: date) -> tuple[Standing, tuple[Tier, ...]]:
    """Move up as far as the window goes; return the levels entered for the first time, skipped ones too."""
    tiers, target = terms.version.tiers, reached(standing, terms, day)
    if tiers is None or rank(target, terms) < rank(standing.tier, terms):
        return standing, ()
    if target == standing.tier:
        return msgspec.structs.replace(standing, grace_until=None), ()
    passed = tiers.tier[rank(standing.tier, terms) : rank(target, terms)]
    fresh = tuple(tier for tier in passed if tier.id not in standing.entered)
    entered = (*standing.entered, *(tier.id for tier in fresh))
    after = msgspec.structs.replace(standing, tier=target, grace_until=None, entered=entered)
    return after, fresh


def reassess(standing: Standing, terms: Terms, now: datetime) -> Standing:
    """Hold every review due up to `now`; calling it often, late or twice makes no difference."""
    tiers, today = terms.version.tiers, terms.day(now)
    if standing.reviewed is not None and today <= standing.reviewed:
        return standing
    if tiers is None:
        return msgspec.structs.replace(standing, reviewed=today)
    if rank(standing.tier, terms) == 0:
        standing = msgspec.structs.replace(standing, tier="", grace_until=None)
    for day in _reviews(tiers, standing, today):
        if not standing.tier:
            break
        standing = _review(standing, terms, tiers, day)
    kept = _recent(tiers, standing.activity, today)
    return msgspec.structs.replace(standing, reviewed=today, activity=kept)


def _reviews(tiers: Tiers, standing: Standing, today: date) -> Iterator[date]:
    if standing.reviewed is None:
        return
    day = standing.reviewed + _DAY
    while day <= today:
        if starts(day, tiers.calendar or tiers.review):
            yield day
        day += _DAY


def _review(standing: Standing, terms: Terms, tiers: Tiers, day: date) -> Standing:
    earned = reached(standing, terms, day - _DAY)
    if rank(earned, terms) >= rank(standing.tier, terms):
        return msgspec.structs.replace(standing, grace_until=None)
    if tiers.grace and standing.grace_until is None:
        return msgspec.structs.replace(standing, grace_until=shift(day, tiers.grace))
    if standing.grace_until is not None and day < standing.grace_until:
        return standing
    return msgspec.structs.replace(standing, tier=earned, grace_until=None)


def _recent(tiers: Tiers, activity: Mapping[date, Activity], today: date) -> dict[date, Activity]:
    """Keep two windows: one to count, one for refunds and late receipts."""
    span = tiers.window or {"month": "2 months", "quarter": "6 months"}.get(tiers.calendar or "", "2 years")
    oldest = shift(today, span, -2)
    return {day: did for day, did in activity.items() if day >= oldest}


def tell(standing: Standing, terms: Terms, day: date) -> str:
    """Say the level and what the next one takes."""
    tiers = terms.version.tiers
    if tiers is None:
        return ""
    have, held = gathered(tiers, standing.activity, day), terms.tier(standing.tier)
    name = held.label if held else tiers.base
    above = tiers.tier[rank(standing.tier, terms) :]
    if not above:
        return f"{name}: the highest level."
    short = max(0, needed(above[0], tiers, terms) - have)
    said = {
        "spend": money(short, terms.currency),
        "points": plural(short, terms.version.points.name),
        "visits": plural(short, "visit"),
    }[tiers.by]
    return f"{name}: {said} more to {above[0].label}."
