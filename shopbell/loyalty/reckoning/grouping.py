"""Grouping: which computed segments a customer is in, and why, in a sentence with the figures of the day."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from shopbell.loyalty.money import minor, money
from shopbell.loyalty.reckoning.answers import Kind
from shopbell.loyalty.reckoning.facts import Facts
from shopbell.loyalty.reckoning.rfm import GROUPS, group
from shopbell.loyalty.reckoning.segmentfile import Segment, When, Wishes, fits
from shopbell.loyalty.reckoning.why import told, usual

_WEEKLY, _MONTHLY = 10, 45
"""Usual days between visits, at most."""
_STEADY = 5
_NEW_DAYS = 30
_OFTEN = 0.5
"""Part of the receipts of a year that hold goods of a category, so that it is what somebody comes for."""
_LEAST = 3
Found = tuple["Group", str]


class Group(Struct, frozen=True):
    """A segment, before anybody is in it."""

    name: str
    kind: Kind
    label: str
    rule: str


class Book(Struct, frozen=True, kw_only=True):
    """What the rules need besides the customer."""

    wishes: Wishes
    currency: str
    tiers: Mapping[str, str]
    """Level -> its name."""


def groups_of(facts: Facts, book: Book) -> Iterator[Found]:
    """Yield the segments of a customer with the reason."""
    yield _rfm(facts)
    yield from _spend(facts, book)
    yield from _frequency(facts)
    yield from _risk(facts)
    yield from _tastes(facts)
    if facts.tier:
        label = book.tiers.get(facts.tier, facts.tier)
        rule = f"Is at the level {label}."
        yield Group(f"tier-{slug(facts.tier)}", "tier", f"Level {label}", rule), rule
    for each in book.wishes.segment:
        if holds(each.when, facts, book.currency):
            yield _own(each), _because(facts, book)


def slug(text: str) -> str:
    """Return a name of small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:30] or "other"


def holds(when: When, facts: Facts, currency: str) -> bool:
    """Say whether all that is written holds."""
    bounds = (
        (facts.year_visits, when.visits_from, when.visits_to),
        (facts.away, when.away_from, when.away_to),
        (facts.known, when.known_from, when.known_to),
        (facts.year_spent, _minor(when.spent_from, currency), _minor(when.spent_to, currency)),
        (facts.worth, _minor(when.worth_from, currency), None),
    )
    return (
        all(_between(value, low, high) for value, low, high in bounds)
        and (when.at_risk is None or when.at_risk == facts.at_risk)
        and (not when.tiers or facts.tier in when.tiers)
        and (not when.segments or bool(set(when.segments) & set(facts.by_hand)))
        and (not when.channels or _channel(facts) in when.channels)
        and _bought(when, facts)
    )


def _bought(when: When, facts: Facts) -> bool:
    if not when.categories and not when.skus:
        return True
    wanted = {each.casefold() for each in when.categories}
    times = sum(count for name, count in facts.tastes.categories.items() if name.casefold() in wanted)
    times += sum(
        count for sku, count in facts.tastes.skus.items() if any(fits(each, sku) for each in when.skus)
    )
    return times >= when.times


def _between(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else minor(amount, currency)


def _own(segment: Segment) -> Group:
    return Group(segment.name, "rule", segment.label, f"By the rule {segment.name} in reckoning.toml.")


def _because(facts: Facts, book: Book) -> str:
    return (
        f"{facts.year_visits} visits and {money(facts.year_spent, book.currency)} in 12 months, the last on "
        f"{told(facts.last)}."
    )


def _rfm(facts: Facts) -> Found:
    recency, frequency, spent = facts.rfm
    name = group(recency, frequency, spent, facts.visits)
    rule = "By fifths of all customers in recency, frequency and money; 5 is the best."
    return (
        Group(f"rfm-{name}", "rfm", GROUPS[name], rule),
        f"Recency {recency}, frequency {frequency}, money {spent} of 5; last visit {told(facts.last)}.",
    )


def _spend(facts: Facts, book: Book) -> Iterator[Found]:
    if facts.top_spender:
        rule = "Among the tenth of customers who paid most in the last 12 months."
        paid = money(facts.year_spent, book.currency)
        yield Group("spend-top", "spend", "Top tenth by spending", rule), f"Paid {paid} in 12 months."


def _frequency(facts: Facts) -> Iterator[Found]:
    if facts.gone or facts.gap is None or facts.visits < _STEADY:
        return
    name = "weekly" if facts.gap <= _WEEKLY else "monthly" if facts.gap <= _MONTHLY else "seldom"
    rules = {
        "weekly": ("Come weekly or oftener", f"Usually at most {_WEEKLY} days between two visits."),
        "monthly": ("Come monthly or so", f"Usually {_WEEKLY} to {_MONTHLY} days between two visits."),
        "seldom": ("Come now and then", f"Usually more than {_MONTHLY} days between two visits."),
    }
    label, rule = rules[name]
    reason = f"{facts.visits} visits, usually every {usual(facts.gap)}."
    yield Group(f"frequency-{name}", "frequency", label, rule), reason


def _risk(facts: Facts) -> Iterator[Found]:
    reason = f"{facts.visits} visits, the last on {told(facts.last)}, {facts.away} days ago."
    if facts.at_risk:
        rule = "Came again and again, and is late by their own habit or more likely gone than not."
        yield Group("risk-slipping", "risk", "Slipping away", rule), reason
    elif facts.gone:
        rule = "Came again and again, and has been away longer than 120 days and 8 of their usual gaps."
        yield Group("risk-gone", "risk", "Gone", rule), reason
    if facts.known <= _NEW_DAYS:
        rule = f"First visit in the last {_NEW_DAYS} days."
        yield Group("risk-new", "risk", "New here", rule), f"First visit on {told(facts.first)}."


def _tastes(facts: Facts) -> Iterator[Found]:
    total = sum(facts.tastes.channels.values())
    for name, count in facts.tastes.categories.items():
        share = min(1.0, count / max(total, 1))
        if count >= _LEAST and share >= _OFTEN:
            rule = f"{name} on at least half of the receipts of the last 12 months, and on {_LEAST} or more."
            reason = f"{name} on {count} of {total} receipts in 12 months."
            yield Group(f"products-{slug(name)}", "products", f"Come for {name}", rule), reason
    if channel := _channel(facts):
        count = facts.tastes.channels[channel]
        rule = f"More than half of the receipts of the last 12 months are from {channel}."
        reason = f"{count} of {total} receipts in 12 months are from {channel}."
        yield Group(f"channel-{slug(channel)}", "channel", f"Buy through {channel}", rule), reason


def _channel(facts: Facts) -> str:
    """Return where more than half of the receipts of a year are from; empty: nowhere in particular."""
    counts = facts.tastes.channels
    name, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return name if count * 2 > sum(counts.values()) else ""
