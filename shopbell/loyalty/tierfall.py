"""A level that was reached with goods that came back goes back with them, and so does its entry reward."""

from collections.abc import Mapping
from datetime import date

import msgspec

from shopbell.loyalty.judgement import Facts, Take
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.terms import Terms, Tier
from shopbell.loyalty.tierentry import PREFIX
from shopbell.loyalty.tiers import rank, reached


def fall(
    facts: Facts, activity: Mapping[date, Activity], standing: Standing, terms: Terms
) -> tuple[Standing, tuple[Take, ...]]:
    """Write the days into the standing; take the level back when they, and not time, are what it lacks."""
    end = max(facts.day, standing.last_purchase or facts.day)
    before = reached(standing, terms, end)
    after = msgspec.structs.replace(standing, activity=activity)
    now = reached(after, terms, end)
    held = rank(standing.tier, terms)
    tiers = terms.version.tiers
    if tiers is None or rank(now, terms) >= held or rank(before, terms) < held:
        return after, ()
    lost = tuple(tier for tier in tiers.tier[rank(now, terms) : held] if tier.id in standing.entered)
    gone = {tier.id for tier in lost}
    entered = tuple(name for name in standing.entered if name not in gone)
    after = msgspec.structs.replace(after, tier=now, grace_until=None, entered=entered)
    return after, tuple(take for tier in lost for take in _entries(tier, facts, terms))


def _entries(tier: Tier, facts: Facts, terms: Terms) -> tuple[Take, ...]:
    """Take back what entering a level brought; its rule and unit name the award wherever it was given."""
    rule = f"{PREFIX}{tier.id}"
    where = {given.award.unit: n for n, given in enumerate(facts.given) if given.award.rule == rule}
    brought = (("points", tier.points), (f"reward:{tier.reward}", 1 if tier.reward else 0))
    return tuple(
        Take(
            rule=rule,
            customer=facts.customer,
            unit=unit,
            points=points,
            award=where.get(unit, -1),
            why=f"Without the goods that came back {tier.label} is not reached, "
            f"so {amount(unit, points, terms)} for reaching it are taken back.",
        )
        for unit, points in brought
        if points
    )
