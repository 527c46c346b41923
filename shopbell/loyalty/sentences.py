"""The arithmetic of an award in a sentence a customer understands."""

from fractions import Fraction

from shopbell.loyalty.counting import MILLI, Count, Measure
from shopbell.loyalty.money import money, number, plural
from shopbell.loyalty.rules import Cashback, Earner, Item, Pack, Spend, Stamps, Topup, Visit
from shopbell.loyalty.stacking import ONE
from shopbell.loyalty.terms import Terms


def amount(unit: str, count: int | Fraction, terms: Terms) -> str:
    """Say so many of a unit: "74 points", "€1.00", "2 stamps", "1 reward"."""
    if unit == "money":
        return money(int(count), terms.currency)
    kind, _, name = unit.partition(":")
    if kind == "reward":
        reward = terms.reward(name)
        what = reward.name if reward else name
        return what if count == 1 else f"{count} times {what}"
    one = {"points": terms.version.points.name, "stamps": "stamp", "passes": "pass"}.get(kind, unit)
    if isinstance(count, int) or count.denominator == 1:
        return plural(int(count), one) if one != "pass" else f"{count} {'pass' if count == 1 else 'passes'}"
    return f"{number(count)} {one}s"


def earned(rule: Earner, counted: Count, name: str, terms: Terms) -> str:
    """Say how a count was reached, with every number in it."""
    measure = counted.measure
    head = f"{rule.label}: {_head(rule, measure, name, terms)}"
    if isinstance(rule, Topup | Pack):
        return f"{head}."
    if _in_steps(rule):
        return f"{head}{_times(measure)}{_steps(rule, counted, terms)}."
    return f"{head}{_exact(rule, counted, terms)}."


def _in_steps(rule: Earner) -> bool:
    if isinstance(rule, Spend):
        return rule.count == "full" and rule.carry
    return isinstance(rule, Visit | Item) and rule.every > 1


def _head(rule: Earner, measure: Measure, name: str, terms: Terms) -> str:
    match rule:
        case Spend():
            return _spend_head(rule, measure, terms)
        case Cashback():
            paid = money(measure.base, terms.currency)
            return f"{number(rule.percent)} % of {paid}"
        case Visit():
            return "your visit today"
        case Item():
            return f"{number(Fraction(measure.base, MILLI))} × {name}"
        case Stamps():
            return f"{measure.base} × {name} = {amount(measure.unit, measure.base, terms)}"
        case Topup():
            paid = money(measure.base, terms.currency)
            bonus = f" with {number(rule.bonus_percent)} % on top" if rule.bonus_percent else ""
            credit = money(measure.weight // measure.step, terms.currency)
            return f"{paid} paid{bonus} = {credit} on your balance"
        case Pack():
            return f"{name}: {amount(measure.unit, measure.base, terms)} in it"


def _spend_head(rule: Spend, measure: Measure, terms: Terms) -> str:
    paid, per = money(measure.base, terms.currency), terms.minor(rule.per)
    each = plural(rule.points, terms.version.points.name)
    step = money(per, terms.currency)
    if rule.count == "exact":
        return f"{paid} at {each} per {step}"
    if rule.carry:
        return f"{paid} towards {each} for each {step}"
    return f"{paid} holds {measure.base // per} full {step} at {each} each"


def _times(measure: Measure) -> str:
    if measure.factor.times == ONE:
        return ""
    reasons = " and ".join(measure.factor.labels)
    return f"; counts {_multiple(measure)} ({reasons})"


def _multiple(measure: Measure) -> str:
    names = {150: "one and a half times", 200: "double", 300: "three times"}
    times = measure.factor.times or (measure.weight * ONE // measure.plain if measure.plain else ONE)
    return names.get(times, f"× {number(Fraction(times, ONE))}")


def _exact(rule: Earner, counted: Count, terms: Terms) -> str:
    """Say base, multiple, remainder before, result, remainder after."""
    measure = counted.measure
    unit, step = measure.unit, measure.step
    parts = []
    if not isinstance(rule, Stamps):
        parts.append(f" = {_value(unit, Fraction(measure.plain, step), terms)}")
    if measure.weight != measure.plain:
        reasons = " and ".join(measure.factor.labels)
        worth = _value(unit, Fraction(measure.weight, step), terms)
        some = "" if measure.factor.times else "for some of the goods "
        parts.append(f"; {some}{_multiple(measure)} ({reasons}) = {worth}")
    if measure.carry and counted.before:
        parts.append(_before(unit, Fraction(counted.before, step), terms))
    result = amount(unit, counted.points, terms)
    if measure.carry and counted.after > 0:
        rest = _value(unit, Fraction(counted.after, step), terms)
        parts.append(f"; that makes {result} now, {rest} kept for next time")
    elif measure.carry and counted.before:
        parts.append(f"; that makes {result}")
    elif measure.weight % step:
        parts.append(f", rounded down to {result}")
    return "".join(parts)


def _before(unit: str, left: Fraction, terms: Terms) -> str:
    if left > 0:
        return f"; with {_value(unit, left, terms)} left from before"
    return f"; less {_value(unit, -left, terms)} for goods that came back"


def _value(unit: str, value: Fraction, terms: Terms) -> str:
    if value.denominator == 1:
        return amount(unit, int(value), terms)
    if unit == "money":
        return f"{number(value)} of the smallest coin"
    return amount(unit, value, terms)


def _steps(rule: Earner, counted: Count, terms: Terms) -> str:
    """Say how far a step of several visits, pieces or pounds has come."""
    measure = counted.measure
    have = _brought(rule, Fraction(counted.before + measure.weight, ONE), terms)
    need = _brought(rule, Fraction(measure.step, ONE), terms)
    kept = (
        f"; {_brought(rule, Fraction(counted.after, ONE), terms)} kept for next time"
        if counted.after > 0
        else ""
    )
    gain, given = (amount(measure.unit, points, terms) for points in (measure.gain, counted.points))
    return f"; with those before {have}, and each {need} gives {gain}: {given}{kept}"


def _brought(rule: Earner, value: Fraction, terms: Terms) -> str:
    if isinstance(rule, Spend):
        return money(int(value), terms.currency)
    if isinstance(rule, Item):
        return number(value / MILLI)
    return f"{number(value)} visit{'' if value == 1 else 's'}"
