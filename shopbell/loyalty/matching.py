"""Which lines of a sale a rule is for, and why not the others."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase

from msgspec import Struct

from shopbell.loyalty.award import Withheld
from shopbell.loyalty.conditions import Goods, When
from shopbell.loyalty.money import money
from shopbell.loyalty.rules import Earner, Judged, Pack, Topup
from shopbell.loyalty.sale import Line, Sale
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Paid(Struct, frozen=True, kw_only=True):
    """A receipt line with goods on it, and what was paid for it in the end."""

    line: Line
    paid: int
    """Minor units; discounts on the whole receipt are shared out."""


class Fit(Struct, frozen=True, kw_only=True):
    """The lines a rule is for; none with the reason, when it does not apply."""

    lines: tuple[Paid, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    @property
    def amount(self) -> int:
        """Minor units paid for these lines."""
        return sum(one.paid for one in self.lines)


def net(sale: Sale) -> tuple[Paid, ...]:
    """Share discounts on the whole receipt (lines below zero) out over the goods, to the last cent."""
    goods = [line for line in sale.lines if line.amount >= 0]
    gross = sum(line.amount for line in goods)
    off = min(gross, -sum(line.amount for line in sale.lines if line.amount < 0))
    paid, seen, shared = [], 0, 0
    for line in goods:
        seen += line.amount
        share = off * seen // gross - shared if gross else 0
        shared += share
        paid.append(Paid(line=line, paid=line.amount - share))
    return tuple(paid)


def among(line: Line, categories: Sequence[str], skus: Sequence[str]) -> bool:
    """Tell whether the line is of one of the categories or article numbers."""
    own = {category.casefold() for category in line.categories}
    if any(category.casefold() in own for category in categories):
        return True
    return any(fnmatchcase(line.sku.casefold(), pattern.casefold()) for pattern in skus)


def inside(line: Line, goods: Goods) -> bool:
    """Tell whether the line is in a set of goods."""
    return among(line, goods.categories, goods.skus)


def wanted(line: Line, when: When) -> bool:
    """Tell whether the line is of the goods a rule is for."""
    if among(line, when.except_categories, when.except_skus):
        return False
    return not (when.categories or when.skus) or among(line, when.categories, when.skus)


def fit(rule: Earner, lines: Sequence[Paid], at: datetime, standing: Standing, terms: Terms) -> Fit:
    """Return the lines an earning rule is for, or the sentence why it gives nothing."""
    reason = moment_missing(rule, at, standing, terms)
    if reason:
        return Fit(withheld=(Withheld(rule=rule.id, why=reason),))
    found, withheld = [], []
    for one in lines:
        if not wanted(one.line, rule.when):
            continue
        why = _barred(rule, one, terms)
        if why:
            withheld.append(Withheld(rule=rule.id, line=one.line.id, why=why))
        else:
            found.append(one)
    fitting = Fit(lines=tuple(found), withheld=tuple(withheld))
    if not found:
        none = Withheld(rule=rule.id, why=f"{rule.label}: none of its goods were bought.", told=False)
        return Fit(withheld=fitting.withheld or (none,))
    least = terms.minor(rule.when.min_spend)
    if fitting.amount < least:
        short = (
            f"{rule.label}: starts at {money(least, terms.currency)}, "
            f"and {money(fitting.amount, terms.currency)} was paid for its goods."
        )
        return Fit(withheld=(*fitting.withheld, Withheld(rule=rule.id, why=short)))
    return fitting


def moment_missing(rule: Judged, at: datetime, standing: Standing, terms: Terms) -> str:
    """Return why a rule does not apply to this customer at this time; empty when it does."""
    when, local = rule.when, at.astimezone(terms.zone)
    day = local.date()
    if (when.start and day < when.start) or (when.until and day > when.until):
        return f"{rule.label}: not on {day:%-d %B %Y}."
    if when.weekdays and _DAYS[day.weekday()] not in when.weekdays:
        return f"{rule.label}: not on a {_DAY_NAMES[day.weekday()]}."
    clock = local.strftime("%H:%M")
    if when.hours and not any(_within(clock, span) for span in when.hours):
        return f"{rule.label}: only {' and '.join(when.hours)}, and it was {clock}."
    if when.tiers and standing.tier not in when.tiers:
        names = [tier.label for name in when.tiers if (tier := terms.tier(name))]
        return f"{rule.label}: only for {' and '.join(names)} members."
    if when.segments and not set(when.segments) & segments(standing, at, terms):
        return f"{rule.label}: not one of the customers it is for."
    return ""


def segments(standing: Standing, at: datetime, terms: Terms) -> set[str]:
    """Return the customer's segments, those of running packs included."""
    day = terms.day(at)
    granted = {rule.id: rule.segment for rule in terms.version.rule if isinstance(rule, Pack)}
    running = {
        granted.get(pack.rule, "")
        for pack in standing.packs
        if pack.left and pack.paused is None and (pack.valid_until is None or day <= pack.valid_until)
    }
    return (set(standing.segments) | running) - {""}


def _within(clock: str, span: str) -> bool:
    start, end = span.split("-")
    return start <= clock < end


def _barred(rule: Earner, one: Paid, terms: Terms) -> str:
    name = one.line.name or one.line.sku
    gift = inside(one.line, terms.version.gift_cards)
    if gift and not isinstance(rule, Topup):
        return f"{name}: buying a gift card earns nothing; spending it does."
    if isinstance(rule, Topup) and not gift:
        return f"{name}: not a gift card."
    if not gift and inside(one.line, terms.version.excluded):
        return f"{name}: left out of the {terms.club}."
    if one.paid <= 0 or one.line.quantity <= Decimal(0):
        return f"{name}: nothing was paid for it, so it earns nothing."
    return ""
