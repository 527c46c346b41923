"""Bonuses that the calendar brings: on joining, around the birthday, after a long absence."""

from datetime import date, datetime, timedelta

import msgspec

from shopbell.loyalty.award import Award, Withheld
from shopbell.loyalty.judgement import Due
from shopbell.loyalty.rules import Birthday, Bonus, Gain, Redemption, Welcome, Winback
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.span import later, midnight, shift
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

_DAY = timedelta(days=1)
_YEARLY = timedelta(days=300)
"""A birthday that was moved does not bring a second present before that."""


def prize(rule: Gain, at: datetime, terms: Terms, why: str, *, end: datetime | None = None) -> Award:
    """Make the award of a rule that gives points or a reward; `end` is its last moment, if it has one."""
    unit = f"reward:{rule.reward}" if rule.reward else "points"
    points = 1 if rule.reward else rule.points
    said = f"{rule.label}: {why}: {amount(unit, points, terms)}."
    expires = end or expiry(unit, rule.expires, at, terms)
    return Award(rule=rule.id, unit=unit, points=points, expires_at=expires, why=said)


def expiry(unit: str, own: str | None, at: datetime, terms: Terms) -> datetime | None:
    """Return when a unit given at `at` is lost: by its rule, its reward, or the terms for points."""
    points, (kind, _, name) = terms.version.points, unit.partition(":")
    reward = terms.reward(name) if kind == "reward" else None
    span = own or (reward.valid if reward else None)
    if span is None and unit == "points" and points.expires_after == "earning":
        span = points.expires
    return later(at, span, terms.zone) if span else None


def due_bonuses(standing: Standing, terms: Terms, now: datetime) -> Due:
    """Return the bonuses the calendar brings by `now`, each once; asking again brings nothing new."""
    joined = standing.member_since
    if joined is None or now < joined:
        return Due(standing_after=standing)
    awards, withheld, given = [], [], dict(standing.bonuses)
    for rule in terms.version.rule:
        if not isinstance(rule, Welcome | Birthday | Winback):
            continue
        found = _due(rule, standing, terms, now)
        if isinstance(found, Withheld):
            withheld.append(found)
        elif found is not None:
            award, day = found
            awards.append(award)
            given[rule.id] = day
    after = msgspec.structs.replace(standing, bonuses=given) if awards else standing
    return Due(awards=tuple(awards), withheld=tuple(withheld), standing_after=after)


def _due(
    rule: Bonus, standing: Standing, terms: Terms, now: datetime
) -> tuple[Award, date] | Withheld | None:
    today = terms.day(now)
    match rule:
        case Welcome():
            if rule.id in standing.bonuses:
                return None
            return prize(rule, now, terms, f"welcome to the {terms.club}"), today
        case Birthday():
            return _birthday(rule, standing, terms, now)
        case Winback():
            return _winback(rule, standing, terms, now)


def birthday_in(birthday: tuple[int, int], year: int) -> date:
    """Return the birthday of a year; 29 February is kept on the 28th where there is none."""
    month, day = birthday
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, month, day - 1)


def _birthday(
    rule: Birthday, standing: Standing, terms: Terms, now: datetime
) -> tuple[Award, date] | Withheld | None:
    if standing.birthday is None or standing.member_since is None:
        return None
    today, last = terms.day(now), standing.bonuses.get(rule.id)
    for year in (today.year - 1, today.year, today.year + 1):
        feast = birthday_in(standing.birthday, year)
        if not feast - rule.before * _DAY <= today <= feast + rule.after * _DAY:
            continue
        if last is not None and feast - last < _YEARLY:
            return None
        member = terms.day(standing.member_since)
        if rule.joined and shift(member, rule.joined) > feast:
            why = f"{rule.label}: for members who joined at least {rule.joined} before their birthday."
            return Withheld(rule=rule.id, why=why)
        end = midnight(feast + (rule.after + 1) * _DAY, terms.zone)
        why = f"your birthday on {feast:%-d %B}, good until {feast + rule.after * _DAY:%-d %B}"
        return prize(rule, now, terms, why, end=end), feast
    return None


def _winback(rule: Winback, standing: Standing, terms: Terms, now: datetime) -> tuple[Award, date] | None:
    today, last = terms.day(now), standing.bonuses.get(rule.id)
    bought = standing.last_purchase
    if bought is None or shift(bought, rule.after) > today:
        return None
    if last is not None and (bought <= last or shift(last, rule.again) > today):
        return None
    return prize(rule, now, terms, f"we have not seen you since {bought:%-d %B %Y}"), today


def redeemed(cost: int, at: datetime, terms: Terms) -> tuple[Award, ...]:
    """Return the points that rules of kind redemption give back for a reward that cost `cost` points."""
    awards = []
    for rule in terms.version.rule:
        points = int(cost * rule.percent / 100) if isinstance(rule, Redemption) else 0
        if isinstance(rule, Redemption) and points:
            why = f"{rule.label}: {rule.percent} % of {cost:,} points = {points:,} points."
            expires = expiry("points", rule.expires, at, terms)
            awards.append(Award(rule=rule.id, unit="points", points=points, expires_at=expires, why=why))
    return tuple(awards)
