"""Refuse rules that could give without end.

A customer can turn points into money or points (rewards), and pay with money, which earns points and
cashback. Let one unit of money spent bring a points and b money, and one point spent on a reward bring
back c points and d money. Going round for ever gains nothing only if c < 1, b < 1 and a*d < (1 - b)(1 - c):
then some price of a point in money makes every step a loss.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from shopbell.loyalty.errors import UnboundedRule
from shopbell.loyalty.money import minor, number
from shopbell.loyalty.rules import (
    Cashback,
    Item,
    Multiply,
    Redemption,
    Referral,
    Spend,
    Stamps,
    Topup,
)
from shopbell.loyalty.stacking import multiplied
from shopbell.loyalty.terms import Reward, Version

_SUGGEST = "Lower one of them, or give the rule caps such as `caps = {day = 100}`."


def check_bounds(version: Version, currency: str) -> None:
    """Refuse a version whose rules could give points or money without end.

    Raises UnboundedRule, which names the rules in the loop and what to do.
    """
    for check in (_multiples, _singles, _rounds, _worth, _referrals):
        for problem in check(version, currency):
            raise UnboundedRule(problem)


def greatest(version: Version, rule: str) -> Fraction:
    """Return the greatest multiple a rule can reach when everything comes together."""
    extras: dict[str, Fraction] = {}
    names = multiplied(version.rule)
    tiers = version.tiers.tier if version.tiers and rule in names else ()
    options = [(tier.stack, Fraction(tier.times) - 1) for tier in tiers] or [("best", Fraction(0))]
    for one in version.rule:
        if isinstance(one, Multiply) and rule in (one.of or names):
            extra = Fraction(one.times) - 1
            held = extras.get(one.stack, Fraction(0))
            extras[one.stack] = held + extra if one.stack == "add" else max(held, extra)
    return 1 + max(_sum({**extras}, stack, extra) for stack, extra in options)


def _sum(extras: dict[str, Fraction], stack: str, extra: Fraction) -> Fraction:
    held = extras.get(stack, Fraction(0))
    extras[stack] = held + extra if stack == "add" else max(held, extra)
    return sum(extras.values(), Fraction(0))


def _multiples(version: Version, _currency: str) -> Iterator[str]:
    limit = Fraction(version.limits.multiplier)
    for rule in version.rule:
        most = greatest(version, rule.id)
        if most > limit:
            names = multiplied(version.rule)
            by = [
                one.id for one in version.rule if isinstance(one, Multiply) and rule.id in (one.of or names)
            ]
            yield (
                f"rule {rule.id}: {_and(by)} and the levels together reach {number(most)} times, and "
                f'limits.multiplier is {number(limit)}. Use stack = "best" or one group, or raise the limit.'
            )


def _singles(version: Version, _currency: str) -> Iterator[str]:
    rewards = {reward.id: reward for reward in version.reward}
    for rule in version.rule:
        if isinstance(rule, Topup) and rule.bonus_percent and not rule.caps.limits():
            yield (
                f"rule {rule.id}: a balance could buy a greater balance again and again. "
                "Set bonus_percent = 0, or give the rule caps such as `caps = {month = 5000}`."
            )
        if isinstance(rule, Stamps) and not rule.caps.limits():
            reward = rewards.get(rule.reward)
            if reward and (reward.points or reward.money):
                yield (
                    f"rules {rule.id} and {reward.id}: a full card gives points or money whatever its "
                    f"goods cost, so the cheapest article could buy more than it takes. {_SUGGEST}"
                )


def _rounds(version: Version, currency: str) -> Iterator[str]:
    """Find loops: points to points, money to money, and points to money to points."""
    fed = [rule for rule in version.rule if isinstance(rule, Redemption)]
    refund = sum((Fraction(rule.percent) / 100 for rule in fed), Fraction(0))
    if refund >= 1:
        yield (
            f"rules {_and(rule.id for rule in fed)}: using points gives {number(refund * 100)} % of them "
            "back, so they never run out. Keep the sum of their percent below 100."
        )
    points, money, earners = _earned(version, currency)
    if money >= 1:
        yield f"rules {_and(earners)}: they give back {number(money * 100)} % of what is paid. {_SUGGEST}"
    for reward in version.reward:
        if reward.cost:
            yield from _round(reward, refund, points, money, (earners, fed), version, currency)


def _round(
    reward: Reward,
    refund: Fraction,
    points: Fraction,
    money: Fraction,
    by: tuple[list[str], list[Redemption]],
    version: Version,
    currency: str,
) -> Iterator[str]:
    back = Fraction(reward.points, reward.cost) + refund
    paid = Fraction(minor(reward.money, currency), reward.cost)
    names = [reward.id, *(rule.id for rule in by[1])]
    if reward.points and back >= 1:
        yield (
            f"rules {_and(names)}: {reward.cost} points buy {reward.points} points and more, "
            "Let the reward give fewer points than it costs."
        )
    if paid and (1 - money) * (1 - back) <= points * paid:
        yield (
            f"rules {_and([*names, *by[0]])}: points buy money, the money buys goods, and the goods earn "
            f"as many points again. {_SUGGEST}"
        )
    items = [rule.id for rule in version.rule if isinstance(rule, Item) and not rule.caps.limits()]
    if paid and items:
        yield (
            f"rules {_and([reward.id, *items])}: points come by the piece, whatever a piece costs, and "
            f"buy money that buys more pieces. {_SUGGEST}"
        )


def _earned(version: Version, currency: str) -> tuple[Fraction, Fraction, list[str]]:
    """Return (points, money) that one minor unit spent earns at most, and the rules that give them."""
    sums: dict[str, Fraction] = {"points": Fraction(0), "money": Fraction(0)}
    groups: dict[tuple[str, str], Fraction] = {}
    names = []
    for rule in version.rule:
        if not isinstance(rule, Spend | Cashback) or rule.caps.limits():
            continue
        names.append(rule.id)
        unit = "points" if isinstance(rule, Spend) else "money"
        plain = (
            Fraction(rule.points, minor(rule.per, currency))
            if isinstance(rule, Spend)
            else Fraction(rule.percent) / 100
        )
        rate = plain * greatest(version, rule.id)
        if rule.stack == "add":
            sums[unit] += rate
        else:
            groups[rule.stack, unit] = max(groups.get((rule.stack, unit), Fraction(0)), rate)
    for (_, unit), rate in groups.items():
        sums[unit] += rate
    return sums["points"], sums["money"], names


def _worth(version: Version, currency: str) -> Iterator[str]:
    """Find rewards that are worth as much as was paid for the goods that earned them."""
    points, money, names = _earned(version, currency)
    for reward in version.reward:
        if not reward.cost:
            continue
        value = Fraction(minor(reward.worth, currency) + minor(reward.money, currency), reward.cost)
        if points * value + money >= 1:
            share = number((points * value + money) * 100)
            yield (
                f"rules {_and([*names, reward.id])}: together they give back {share} % of what is paid, so a "
                f"purchase earns more than it costs. Raise the cost of {reward.id}, or give fewer points."
            )


def _referrals(version: Version, currency: str) -> Iterator[str]:
    per_point = max(
        (Fraction(minor(one.worth, currency), one.cost) for one in version.reward if one.cost),
        default=Fraction(0),
    )
    for rule in version.rule:
        if not isinstance(rule, Referral):
            continue
        if rule.min_spend <= 0:
            yield (
                f"rule {rule.id}: invented friends would earn without buying. "
                "Set min_spend above zero: what the friend must pay first."
            )
        if rule.per_year <= 0:
            yield f"rule {rule.id}: there is no end to friends. Set per_year, such as 10."
        given = (rule.friend + rule.referrer) * per_point
        if given >= minor(rule.min_spend, currency):
            yield (
                f"rule {rule.id}: both sides together get as much as the friend pays, so invented friends "
                "pay for themselves. Raise min_spend, or give fewer points."
            )


def _and(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "none"
