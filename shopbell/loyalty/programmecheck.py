"""What the form of `programme.toml` cannot say: names that must exist, days in order."""

from collections.abc import Iterator
from decimal import Decimal

from shopbell.loyalty.conditions import When
from shopbell.loyalty.money import minor
from shopbell.loyalty.rules import (
    Cashback,
    Gain,
    Judged,
    Multiply,
    Pack,
    Redemption,
    Referral,
    Rule,
    Spend,
    Stamps,
    Topup,
)
from shopbell.loyalty.terms import Tiers, Version

_FINEST = Decimal("0.01")
_MOST = 100
"""Greatest multiple and per cent."""


def check_version(version: Version, currency: str) -> Iterator[str]:
    """Yield what is wrong with a version, each with its rule and what to do."""
    yield from _ids(version)
    rewards = {reward.id for reward in version.reward}
    for rule in version.rule:
        for problem in (
            *_references(rule, version, rewards),
            *_numbers(rule, currency),
            *_kind(rule, version),
        ):
            yield f"rule {rule.id}: {problem}"
        if isinstance(rule, Judged):
            for problem in _when(rule.when):
                yield f"rule {rule.id}: {problem}"
    for reward in version.reward:
        for key, amount in (("worth", reward.worth), ("money", reward.money)):
            for problem in _coin(key, amount, currency):
                yield f"reward {reward.id}: {problem}"
        if reward.start and reward.until and reward.until < reward.start:
            yield f"reward {reward.id}: it ends on {reward.until}, before it starts on {reward.start}."
    for problem in _range("multiplier", version.limits.multiplier, above=0, most=_MOST):
        yield f"limits: {problem}"
    if version.tiers:
        yield from _tiers(version.tiers, rewards)


def _ids(version: Version) -> Iterator[str]:
    for what, names in (
        ("rules", [rule.id for rule in version.rule]),
        ("rewards", [reward.id for reward in version.reward]),
        ("levels", [tier.id for tier in version.tiers.tier] if version.tiers else []),
    ):
        for name in names:
            if names.count(name) > 1:
                yield f"two {what} are called {name}. Give each an id of its own."


def _references(rule: Rule, version: Version, rewards: set[str]) -> Iterator[str]:
    names = {one.id for one in version.rule}
    tiers = {tier.id for tier in version.tiers.tier} if version.tiers else set()
    if isinstance(rule, Judged):
        for tier in rule.when.tiers:
            if tier not in tiers:
                yield f"when.tiers names {tier!r}, and there is no such level. {_known(tiers)}"
    if isinstance(rule, Multiply):
        for name in rule.of:
            if name not in names:
                yield f"of names {name!r}, and there is no such rule. {_known(names)}"
    if isinstance(rule, Stamps | Gain) and rule.reward and rule.reward not in rewards:
        yield f"reward names {rule.reward!r}, and there is no such reward. {_known(rewards)}"
    if isinstance(rule, Gain) and bool(rule.points) == bool(rule.reward):
        yield "give either points or a reward."


def _numbers(rule: Rule, currency: str) -> Iterator[str]:
    for key, amount in _amounts(rule):
        yield from _coin(key, amount, currency)
    match rule:
        case Spend():
            yield from _range("per", rule.per, above=0)
        case Multiply():
            yield from _range("times", rule.times, above=1, most=_MOST)
        case Cashback():
            yield from _range("percent", rule.percent, above=0, most=_MOST)
        case Redemption():
            yield from _range("percent", rule.percent, above=0)
        case Topup():
            yield from _range("bonus_percent", rule.bonus_percent, most=_MOST)
        case _:
            pass


def _amounts(rule: Rule) -> tuple[tuple[str, Decimal], ...]:
    """Return the amounts of money of a rule, with their keys."""
    if isinstance(rule, Referral):
        return (("min_spend", rule.min_spend),)
    if not isinstance(rule, Judged):
        return ()
    own = (("when.min_spend", rule.when.min_spend),)
    return (*own, ("per", rule.per)) if isinstance(rule, Spend) else own


def _range(key: str, value: Decimal, *, above: int = -1, most: int | None = None) -> Iterator[str]:
    if not value.is_finite() or value <= above or value < 0 or (most is not None and value > most):
        least = "0 or more" if above < 0 else f"above {above}"
        yield f"{key} must be {least}{f', and {most} or less' if most else ''}; it is {value}."
    elif most is not None and value % _FINEST:
        yield f"{key} {value} has more than two decimals; two are counted."


def _coin(key: str, amount: Decimal, currency: str) -> Iterator[str]:
    if not amount.is_finite() or amount < 0:
        yield f"{key} must be an amount of money, 0 or more; it is {amount}."
        return
    try:
        minor(amount, currency)
    except ValueError as error:
        yield f"{key}: {error}. Write a whole number of coins."


def _kind(rule: Rule, version: Version) -> Iterator[str]:
    if isinstance(rule, Topup) and not (version.gift_cards.categories or version.gift_cards.skus):
        yield "it is for gift cards, and version.gift_cards names none. Name their categories or skus there."
    if isinstance(rule, Pack) and rule.refund == "days" and rule.valid is None:
        yield 'refund = "days" needs valid, the time the pack runs.'
    if isinstance(rule, Stamps) and rule.matures:
        yield "stamps count at once; leave matures out."
    if isinstance(rule, Referral) and sum(isinstance(one, Referral) for one in version.rule) > 1:
        yield "there is another of kind referral. Keep one."


def _when(when: When) -> Iterator[str]:
    if when.start and when.until and when.until < when.start:
        yield f"it ends on {when.until}, before it starts on {when.start}."
    for span in when.hours:
        start, end = span.split("-")
        if start >= end or end > "24:00":
            yield f"when.hours {span!r} ends before it starts, or after midnight."


def _tiers(tiers: Tiers, rewards: set[str]) -> Iterator[str]:
    if (tiers.window is None) == (tiers.calendar is None):
        yield "tiers: give either window or calendar."
    if not tiers.tier:
        yield "tiers: name at least one level in [[version.tiers.tier]]."
    limits = [tier.start for tier in tiers.tier]
    if limits != sorted(set(limits)):
        yield "tiers: each level must take more than the one before."
    for tier in tiers.tier:
        if tier.reward and tier.reward not in rewards:
            yield f"level {tier.id}: there is no reward {tier.reward!r}. {_known(rewards)}"
        for problem in _range("times", tier.times, above=0, most=_MOST):
            yield f"level {tier.id}: {problem}"
        if tier.times < 1:
            yield f"level {tier.id}: times is below 1, so the level would take points away. Write 1 or more."


def _known(names: set[str]) -> str:
    return f"There are: {', '.join(sorted(names))}." if names else "There are none."
