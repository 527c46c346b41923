"""How rules go together: `add`, or the greatest of a group.

The order, for every sale: (1) each earning rule counts its own goods; (2) multiples that apply to a line
are gathered, of each group only the greatest, and their extras are added (double and half as much again is
2.5 times, never 3 times); (3) caps; (4) of earning rules of one group and unit only the one that gives most.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from shopbell.loyalty.matching import Paid, inside, moment_missing, wanted
from shopbell.loyalty.rules import Item, Multiply, Rule, Spend, Visit
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

ONE = 100
"""Multiples are counted in hundredths."""


class Multiple(Struct, frozen=True, kw_only=True):
    """A multiple that applies to this sale."""

    label: str
    times: int
    """Hundredths, above 100."""
    stack: str
    of: frozenset[str]
    """Rules it multiplies."""
    lines: frozenset[str]
    """Receipt lines it applies to."""


class Factor(Struct, frozen=True, kw_only=True):
    """What a rule's count for a line is multiplied by, and the names of the reasons."""

    times: int = ONE
    labels: tuple[str, ...] = ()


def hundredths(value: Decimal) -> int:
    """Return a multiple or a per cent as whole hundredths; two decimals were checked on loading."""
    return int(value * ONE)


def multiplied(rules: Sequence[Rule]) -> frozenset[str]:
    """Return the rules that levels multiply, and multiples that name none."""
    return frozenset(rule.id for rule in rules if isinstance(rule, Spend | Visit | Item))


def multiples(lines: Sequence[Paid], at: datetime, standing: Standing, terms: Terms) -> tuple[Multiple, ...]:
    """Return the multiples that apply to a sale, the level's first, then in the order of the file."""
    default = multiplied(terms.version.rule)
    found = []
    tier = terms.tier(standing.tier)
    if tier and tier.times > 1:
        everything = frozenset(one.line.id for one in lines)
        found.append(
            Multiple(
                label=tier.label,
                times=hundredths(tier.times),
                stack=tier.stack,
                of=default,
                lines=everything,
            )
        )
    for rule in terms.version.rule:
        if isinstance(rule, Multiply) and not moment_missing(rule, at, standing, terms):
            fitting = _lines(rule, lines, terms)
            if fitting:
                of = frozenset(rule.of) or default
                times = hundredths(rule.times)
                found.append(Multiple(label=rule.label, times=times, stack=rule.stack, of=of, lines=fitting))
    return tuple(found)


def factor(found: Sequence[Multiple], rule: str, line: str) -> Factor:
    """Return what one rule's count for one line is multiplied by."""
    apply = [one for one in found if rule in one.of and line in one.lines]
    best: dict[str, Multiple] = {}
    for one in apply:
        held = best.get(one.stack)
        if one.stack != "add" and (held is None or one.times > held.times):
            best[one.stack] = one
    chosen = [one for one in apply if one.stack == "add" or best[one.stack] is one]
    extra = sum(one.times - ONE for one in chosen)
    return Factor(times=ONE + extra, labels=tuple(one.label for one in chosen))


def winners(totals: Sequence[tuple[str, str, str, int]]) -> dict[str, str]:
    """Return the rules that lose to another of their group, with the rule that won.

    `totals` holds (rule, stack, unit, points) in the order of the file; the first wins a tie.
    """
    best: dict[tuple[str, str], tuple[str, int]] = {}
    for rule, stack, unit, points in totals:
        held = best.get((stack, unit))
        if stack != "add" and (held is None or points > held[1]):
            best[stack, unit] = (rule, points)
    return {
        rule: best[stack, unit][0]
        for rule, stack, unit, _ in totals
        if stack != "add" and best[stack, unit][0] != rule
    }


def _lines(rule: Multiply, lines: Sequence[Paid], terms: Terms) -> frozenset[str]:
    never = (terms.version.gift_cards, terms.version.excluded)
    fitting = [
        one
        for one in lines
        if wanted(one.line, rule.when) and not any(inside(one.line, goods) for goods in never)
    ]
    if sum(one.paid for one in fitting) < terms.minor(rule.when.min_spend):
        return frozenset()
    return frozenset(one.line.id for one in fitting)
