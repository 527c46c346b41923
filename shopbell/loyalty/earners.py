"""Earning rules at work on a sale: count, cap, choose among groups, then write it into the standing."""

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct

from shopbell.loyalty.award import Award, Withheld
from shopbell.loyalty.bonuses import expiry
from shopbell.loyalty.caps import record, room
from shopbell.loyalty.cards import exchange, fill
from shopbell.loyalty.counting import Count, Measure, count, measures
from shopbell.loyalty.judgement import Carried, Exchange, Given
from shopbell.loyalty.matching import Fit, Paid, fit
from shopbell.loyalty.rules import Cashback, Earner, Item, Pack, Spend, Stamps, Topup, Visit
from shopbell.loyalty.sale import Sale
from shopbell.loyalty.sentences import amount, earned
from shopbell.loyalty.span import later
from shopbell.loyalty.stacking import Multiple, winners
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

EARNERS = (Spend, Visit, Item, Cashback, Stamps, Topup, Pack)


class Allowed(Struct, frozen=True, kw_only=True):
    """A count, and how much of it the caps let through."""

    count: Count
    points: int
    why: str


class Result(Struct, frozen=True, kw_only=True):
    """What one rule counted on a sale."""

    rule: Earner
    fit: Fit
    allowed: tuple[Allowed, ...]

    @property
    def points(self) -> int:
        """Whole units it gives."""
        return sum(one.points for one in self.allowed)


class Earned(Struct, frozen=True, kw_only=True):
    """What the chosen rules gave."""

    given: tuple[Given, ...] = ()
    carried: tuple[Carried, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    visited: tuple[str, ...] = ()


def consider(
    sale: Sale, lines: Sequence[Paid], found: Sequence[Multiple], standing: Standing, terms: Terms
) -> tuple[tuple[Result, ...], tuple[Withheld, ...]]:
    """Let every earning rule count, and drop those that lose to another of their group."""
    results: list[Result] = []
    withheld: list[Withheld] = []
    for rule in terms.version.rule:
        if not isinstance(rule, EARNERS):
            continue
        fitting = fit(rule, lines, sale.at, standing, terms)
        withheld.extend(fitting.withheld)
        if not fitting.lines:
            continue
        if isinstance(rule, Visit) and standing.visited.get(rule.id) == terms.day(sale.at):
            why = f"{rule.label}: today's visit was counted already."
            withheld.append(Withheld(rule=rule.id, why=why))
            continue
        result, capped = _count(rule, fitting, found, standing, terms.day(sale.at), terms)
        results.append(result)
        withheld.extend(capped)
    return _choose(results, withheld)


def _choose(
    results: list[Result], withheld: list[Withheld]
) -> tuple[tuple[Result, ...], tuple[Withheld, ...]]:
    totals = [(one.rule.id, one.rule.stack, one.allowed[0].count.measure.unit, one.points) for one in results]
    lost, labels = winners(totals), {one.rule.id: one.rule.label for one in results}
    for rule, winner in lost.items():
        why = f"{labels[rule]}: does not go together with {labels[winner]}, which gives more."
        withheld.append(Withheld(rule=rule, why=why))
    return tuple(one for one in results if one.rule.id not in lost), tuple(withheld)


def _count(
    rule: Earner, fitting: Fit, found: Sequence[Multiple], standing: Standing, day: date, terms: Terms
) -> tuple[Result, list[Withheld]]:
    carried, given = dict(standing.carried), 0
    names = {one.line.id: one.line.name or one.line.sku for one in fitting.lines}
    limit = room(rule.caps, standing.gained.get(rule.id, {}), day)
    allowed, withheld = [], []
    for measure in measures(rule, fitting, found, terms.currency):
        key = remainder(rule, measure)
        counted = count(measure, carried.get(key, 0))
        points = counted.points if limit is None else min(counted.points, limit[0] - given)
        why = earned(rule, counted, names.get(measure.line, ""), terms)
        if limit and points < counted.points:
            over = amount(measure.unit, counted.points - points, terms)
            capped = f"{rule.label}: the most is {limit[1]}, so {over} could not be given."
            withheld.append(Withheld(rule=rule.id, line=measure.line, why=capped))
            why = f"{why[:-1]}; the most is {limit[1]}, so {amount(measure.unit, points, terms)}."
        elif not counted.points:
            withheld.append(Withheld(rule=rule.id, line=measure.line, why=why))
        allowed.append(Allowed(count=counted, points=points, why=why))
        carried[key], given = counted.after, given + points
    return Result(rule=rule, fit=fitting, allowed=tuple(allowed)), withheld


def remainder(rule: Earner, measure: Measure) -> str:
    """Name a rule's remainder; when its numbers change it starts anew, as parts of another measure."""
    return f"{rule.id}/{measure.step}/{measure.gain}"


def apply(sale: Sale, results: Sequence[Result], standing: Standing, terms: Terms) -> tuple[Standing, Earned]:
    """Turn counts into awards and write remainders, caps, visits and stamps into the standing."""
    day = terms.day(sale.at)
    carried, stamps = dict(standing.carried), dict(standing.stamps)
    visited, gained = dict(standing.visited), dict(standing.gained)
    given: list[Given] = []
    rests: list[Carried] = []
    exchanges: list[Exchange] = []
    for result in results:
        rule = result.rule
        for one in result.allowed:
            if one.points:
                given.append(_given(rule, one, sale, terms))
            elif one.count.measure.carry:
                weight = one.count.after - one.count.before
                rests.append(
                    Carried(
                        carry=remainder(rule, one.count.measure),
                        weight=weight,
                        shares=one.count.measure.shares,
                    )
                )
            if one.count.measure.carry:
                carried[remainder(rule, one.count.measure)] = one.count.after
        if rule.caps.limits():
            gained[rule.id] = record(rule.caps, gained.get(rule.id, {}), day, result.points)
        if isinstance(rule, Visit):
            # a late receipt must not open a later day again
            visited[rule.id] = max(day, visited.get(rule.id, day))
        if isinstance(rule, Stamps) and result.points:
            cards, stamps[rule.id] = fill(stamps.get(rule.id, 0), result.points, rule.size)
            exchanges.extend([exchange(rule, cards, sale.at, terms)] if cards else [])
    after = msgspec.structs.replace(standing, carried=carried, stamps=stamps, visited=visited, gained=gained)
    seen = tuple(result.rule.id for result in results if isinstance(result.rule, Visit))
    return after, Earned(given=tuple(given), carried=tuple(rests), exchanges=tuple(exchanges), visited=seen)


def _given(rule: Earner, one: Allowed, sale: Sale, terms: Terms) -> Given:
    counted, measure = one.count, one.count.measure
    general = terms.version.points.matures if measure.unit == "points" else None
    matures = rule.matures or general
    taken = one.points * measure.step // measure.gain
    return Given(
        award=Award(
            rule=rule.id,
            unit=measure.unit,
            points=one.points,
            line=measure.line,
            matures_at=later(sale.at, matures, terms.zone) if matures else None,
            expires_at=expiry(measure.unit, rule.expires, sale.at, terms),
            why=one.why,
        ),
        customer=sale.customer,
        shares=measure.shares,
        carry=remainder(rule, measure) if measure.carry else "",
        weight=counted.after - counted.before + taken if measure.carry else 0,
        step=measure.step,
        gain=measure.gain,
        caps=bool(rule.caps.limits()),
        counts=measure.unit == "points",
    )
