"""How much an earning rule counts: whole numbers throughout, the rest carried to the next purchase."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from shopbell.loyalty.judgement import Share
from shopbell.loyalty.matching import Fit, Paid
from shopbell.loyalty.money import minor
from shopbell.loyalty.rules import Cashback, Earner, Item, Pack, Spend, Stamps, Topup, Visit
from shopbell.loyalty.stacking import ONE, Factor, Multiple, factor, hundredths

MILLI = 1000
"""Goods sold by weight are counted in thousandths."""


class Measure(Struct, frozen=True, kw_only=True):
    """What one rule counts on a receipt, or on one line of it, before anything is rounded.

    `weight` was counted, and each `step` of it makes `gain` of the unit.
    """

    unit: str
    line: str = ""
    shares: tuple[Share, ...]
    base: int
    """Minor units, thousandths of a piece, or visits: what the customer brought."""
    plain: int
    """Weight without multiples."""
    weight: int
    step: int
    gain: int = 1
    carry: bool = True
    factor: Factor = Factor()
    """Its `times` are 0 when not all lines have the same."""


class Count(Struct, frozen=True, kw_only=True):
    """A measure on top of what was left over before."""

    measure: Measure
    before: int
    """Left over from earlier purchases; below zero after a refund."""
    after: int
    points: int
    """Whole units gained."""


def count(measure: Measure, before: int) -> Count:
    """Take the whole units out of a measure and what was carried; nothing is lost, nothing added."""
    total = before + measure.weight if measure.carry else measure.weight
    steps = max(0, total // measure.step)
    after = total - steps * measure.step if measure.carry else before
    return Count(measure=measure, before=before, after=after, points=steps * measure.gain)


def measures(rule: Earner, fit: Fit, found: Sequence[Multiple], currency: str) -> tuple[Measure, ...]:
    """Return what a rule counts: one measure for the receipt (spend, visit, cashback) or one a line."""
    factors = {one.line.id: factor(found, rule.id, one.line.id) for one in fit.lines}
    match rule:
        case Spend():
            return (_spend(rule, fit, factors, minor(rule.per, currency)),)
        case Cashback():
            return (_cashback(rule, fit, factors),)
        case Visit():
            return (_visit(rule, fit, factors),)
        case Item():
            return tuple(_item(rule, one, factors[one.line.id]) for one in fit.lines)
        case Stamps():
            return tuple(_stamps(rule, one, factors[one.line.id]) for one in fit.lines)
        case Topup():
            return tuple(_topup(rule, one) for one in fit.lines)
        case Pack():
            return tuple(_pack(rule, one) for one in fit.lines)


def _shares(fit: Fit, factors: dict[str, Factor]) -> tuple[Share, ...]:
    """Let each line stand for its money, times its multiple."""
    return tuple(Share(line=one.line.id, weight=one.paid * factors[one.line.id].times) for one in fit.lines)


def _common(factors: dict[str, Factor]) -> Factor:
    """Return the lines' factor when they share one; else one without number, with every reason."""
    each = list(factors.values())
    if len({one.times for one in each}) == 1:
        return each[0]
    return Factor(times=0, labels=tuple(dict.fromkeys(label for one in each for label in one.labels)))


def _spend(rule: Spend, fit: Fit, factors: dict[str, Factor], per: int) -> Measure:
    """Count money: exactly, or in full steps of `per`."""
    shares = _shares(fit, factors)
    multiplied = sum(share.weight for share in shares)
    if rule.count == "exact":
        plain, weight = fit.amount * rule.points * ONE, multiplied * rule.points
        step, gain = per * ONE, 1
    elif rule.carry:
        plain, weight, step, gain = fit.amount * ONE, multiplied, per * ONE, rule.points
    else:
        full = fit.amount // per * rule.points
        plain, weight, step, gain = full * ONE, full * multiplied // fit.amount, ONE, 1
    return Measure(
        unit="points",
        shares=shares,
        base=fit.amount,
        plain=plain,
        weight=weight,
        step=step,
        gain=gain,
        carry=rule.carry,
        factor=_common(factors),
    )


def _cashback(rule: Cashback, fit: Fit, factors: dict[str, Factor]) -> Measure:
    percent, shares = hundredths(rule.percent), _shares(fit, factors)
    return Measure(
        unit="money",
        shares=shares,
        base=fit.amount,
        plain=fit.amount * percent * ONE,
        weight=sum(share.weight for share in shares) * percent,
        step=ONE**3,
        carry=rule.carry,
        factor=_common(factors),
    )


def _visit(rule: Visit, fit: Fit, factors: dict[str, Factor]) -> Measure:
    best = max(factors.values(), key=lambda each: each.times)
    return _pieces(rule, fit.lines, base=1, each=ONE, times=best)


def _item(rule: Item, one: Paid, times: Factor) -> Measure:
    return _pieces(rule, (one,), base=int(one.line.quantity * MILLI), each=ONE * MILLI, times=times)


def _pieces(rule: Visit | Item, lines: Sequence[Paid], *, base: int, each: int, times: Factor) -> Measure:
    """Count visits or pieces; `each` is the weight of one, of which `every` give the rule's points."""
    per, gain = (rule.points, 1) if rule.every == 1 else (1, rule.points)
    return Measure(
        unit="points",
        line=lines[0].line.id if isinstance(rule, Item) else "",
        shares=tuple(Share(line=one.line.id, weight=one.paid) for one in lines),
        base=base,
        plain=base * per * ONE,
        weight=base * per * times.times,
        step=rule.every * each,
        gain=gain,
        factor=times,
    )


def _line(unit: str, one: Paid, *, base: int, weight: int, step: int, times: Factor) -> Measure:
    """Measure a line whose count is not carried."""
    return Measure(
        unit=unit,
        line=one.line.id,
        shares=(Share(line=one.line.id, weight=base),),
        base=base,
        plain=base * step,
        weight=weight,
        step=step,
        carry=False,
        factor=times,
    )


def _stamps(rule: Stamps, one: Paid, times: Factor) -> Measure:
    pieces = int(one.line.quantity // Decimal(1))
    unit = f"stamps:{rule.id}"
    return _line(unit, one, base=pieces, weight=pieces * times.times, step=ONE, times=times)


def _topup(rule: Topup, one: Paid) -> Measure:
    weight = one.paid * (ONE * ONE + hundredths(rule.bonus_percent))
    return _line("money", one, base=one.paid, weight=weight, step=ONE * ONE, times=Factor())


def _pack(rule: Pack, one: Paid) -> Measure:
    passes = int(one.line.quantity // Decimal(1)) * rule.passes
    return _line(f"passes:{rule.id}", one, base=passes, weight=passes, step=1, times=Factor())
