"""Judge a sale: what every rule gives, what it withholds, and why. Pure: no clock, no database."""

from collections.abc import Sequence
from datetime import date

import msgspec

from shopbell.loyalty.award import Withheld
from shopbell.loyalty.earners import EARNERS, Result, apply, consider
from shopbell.loyalty.judgement import Bought, Facts, Given, Judgement
from shopbell.loyalty.matching import Paid, inside, net
from shopbell.loyalty.packs import open_packs
from shopbell.loyalty.referrals import refer
from shopbell.loyalty.rules import Pack
from shopbell.loyalty.sale import Sale
from shopbell.loyalty.stacking import multiples
from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.tierentry import entries
from shopbell.loyalty.tiers import climb, reassess


def judge(sale: Sale, standing: Standing, terms: Terms) -> Judgement:
    """Say what a sale gives a customer under the terms in force at its time.

    The level held before the sale counts for it; a level that the sale reaches counts from the next one.
    Judge a customer's sales in the order of their times.
    """
    lines, day = net(sale), terms.day(sale.at)
    facts = _facts(sale, lines, day, terms)
    stranger = _stranger(sale, standing, terms)
    if stranger:
        rules = [rule for rule in terms.version.rule if isinstance(rule, EARNERS)]
        withheld = tuple(Withheld(rule=rule.id, why=stranger) for rule in rules)
        return Judgement(facts=facts, withheld=withheld, standing_after=standing)
    before = reassess(standing, terms, sale.at)
    found = multiples(lines, sale.at, before, terms)
    results, withheld = consider(sale, lines, found, before, terms)
    after, earned = apply(sale, results, before, terms)
    after, packs = _open(results, sale, day, after)
    outcome = refer(lines, sale.at, after, terms)
    spent = sum(line.paid for line in facts.lines if line.counts)
    points = _points(earned.given)
    after, entered = climb(_active(outcome.standing, day, spent, points), terms, day)
    facts = msgspec.structs.replace(
        facts,
        member=True,
        given=(*earned.given, *outcome.given, *entries(entered, sale, terms)),
        carried=earned.carried,
        exchanges=earned.exchanges,
        spent=spent,
        points=points,
        visited=earned.visited,
        tier_before=before.tier,
        tier_after=after.tier,
        packs=packs,
        referral=bool(outcome.given),
    )
    return Judgement(facts=facts, withheld=(*withheld, *outcome.withheld), standing_after=after)


def _facts(sale: Sale, lines: Sequence[Paid], day: date, terms: Terms) -> Facts:
    bought = tuple(
        Bought(
            id=one.line.id,
            quantity=one.line.quantity,
            paid=one.paid,
            amount=one.line.amount,
            counts=_counts(one, terms),
        )
        for one in lines
    )
    return Facts(version=terms.version.start, customer=sale.customer, at=sale.at, day=day, lines=bought)


def _stranger(sale: Sale, standing: Standing, terms: Terms) -> str:
    """Return why the buyer gets nothing at all; empty for a member."""
    if not sale.customer:
        return f"No member of the {terms.club} was named at the till."
    if standing.member_since is None:
        return f"Not a member of the {terms.club}."
    if terms.day(sale.at) < terms.day(standing.member_since):
        return f"Joined the {terms.club} only on {terms.day(standing.member_since):%-d %B %Y}."
    return ""


def _open(
    results: Sequence[Result], sale: Sale, day: date, standing: Standing
) -> tuple[Standing, tuple[str, ...]]:
    name = f"{sale.source}/{sale.external_id}"
    fresh = [
        pack
        for result in results
        if isinstance(result.rule, Pack)
        for one in result.fit.lines
        for pack in open_packs(result.rule, one, name, day)
    ]
    after = msgspec.structs.replace(standing, packs=(*standing.packs, *fresh))
    return after, tuple(pack.id for pack in fresh)


def _counts(one: Paid, terms: Terms) -> bool:
    """Tell whether a line counts towards levels: all but gift cards and what is left out."""
    never = (terms.version.gift_cards, terms.version.excluded)
    return not any(inside(one.line, goods) for goods in never)


def _points(given: Sequence[Given]) -> int:
    return sum(one.award.points for one in given if one.award.unit == "points")


def _active(standing: Standing, day: date, spent: int, points: int) -> Standing:
    """Write the purchase into the customer's days."""
    did = standing.activity.get(day, Activity())
    today = Activity(spent=did.spent + spent, points=did.points + points, visits=did.visits + 1)
    first, last = standing.first_purchase or day, standing.last_purchase or day
    return msgspec.structs.replace(
        standing,
        activity={**standing.activity, day: today},
        first_purchase=min(first, day),
        last_purchase=max(last, day),
    )
