"""Goods come back: what each award gives back, to the last point, and how the standing is undone.

When a part f of what an award of P points rests on has come back so far, floor(P * f) points have been taken
back. So any sequence of partial returns of everything takes back exactly P. Remainders are undone in the
same way; one that is in use already goes below zero and is filled first.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import msgspec

from shopbell.loyalty.caps import record
from shopbell.loyalty.cards import exchange, unfill
from shopbell.loyalty.judgement import Exchange, Facts, Given, Returned, Take, Undone
from shopbell.loyalty.returns import Back, add_returns, part_of, parts
from shopbell.loyalty.rules import Judged, Stamps
from shopbell.loyalty.sale import Return
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.tierfall import fall


def judge_return(
    facts: Facts,
    returns: Sequence[Return],
    before: Sequence[Returned],
    standing: Standing,
    terms: Terms,
) -> Undone:
    """Say what goods that came back undo; no `returns` means all that had not come back before (and a void).

    `before` is `Undone.returned` of the last return of this sale, `terms` those that judged it.
    Raises ReturnRefused when more comes back than was bought.
    """
    returned = add_returns(facts, returns, before)
    if not facts.member:
        return Undone(returned=returned, standing_after=standing)
    back = Back(before=parts(facts, before), now=parts(facts, returned))
    takes = tuple(
        take
        for number, given in enumerate(facts.given)
        if (take := _take(number, given, back, terms)) is not None
    )
    after = _remainders(facts, back, standing)
    after, reopened = _stamps(takes, after, terms)
    after = _caps(facts, takes, after, terms)
    active = _activity(facts, takes, back, after)
    fallen, lost = fall(facts, active, after, terms)
    return Undone(
        takes=(*takes, *lost),
        reopened=reopened,
        returned=returned,
        standing_after=_whole(facts, back, fallen),
    )


def _taken(given: Given, part: Fraction) -> int:
    return int(given.award.points * part)


def _take(number: int, given: Given, back: Back, terms: Terms) -> Take | None:
    now = part_of(given.shares, back.now)
    points = _taken(given, now) - _taken(given, part_of(given.shares, back.before))
    if not points:
        return None
    award = given.award
    said = amount(award.unit, points, terms) if award.unit == "money" else f"{points:,}"
    left = award.points - _taken(given, now)
    why = f"Goods came back: {said} of the {amount(award.unit, award.points, terms)} they brought taken back"
    return Take(
        rule=award.rule,
        customer=given.customer,
        unit=award.unit,
        points=points,
        line=award.line,
        award=number,
        why=f"{why}, {amount(award.unit, left, terms)} left." if left else f"{why}.",
    )


def _remainders(facts: Facts, back: Back, standing: Standing) -> Standing:
    """Take back what awards, and sales that gave no whole point, left in the remainders."""
    carried = dict(standing.carried)
    for given in facts.given:
        if given.carry:
            rest = _rest(given, part_of(given.shares, back.now))
            rest -= _rest(given, part_of(given.shares, back.before))
            carried[given.carry] = carried.get(given.carry, 0) - rest
    for one in facts.carried:
        rest = int(one.weight * part_of(one.shares, back.now))
        rest -= int(one.weight * part_of(one.shares, back.before))
        carried[one.carry] = carried.get(one.carry, 0) - rest
    return msgspec.structs.replace(standing, carried=carried)


def _rest(given: Given, part: Fraction) -> int:
    """Return what of the remainder goes with a part: the weight that came back, less that of its points."""
    return int(given.weight * part) - _taken(given, part) * given.step // given.gain


def _stamps(takes: Sequence[Take], standing: Standing, terms: Terms) -> tuple[Standing, tuple[Exchange, ...]]:
    stamps, reopened = dict(standing.stamps), []
    for rule in terms.version.rule:
        gone = sum(take.points for take in takes if take.unit == f"stamps:{rule.id}")
        if isinstance(rule, Stamps) and gone:
            cards, stamps[rule.id] = unfill(stamps.get(rule.id, 0), gone, rule.size)
            if cards:
                why = f"{rule.label}: the card is no longer full, so its reward goes back."
                reopened.append(exchange(rule, cards, None, terms, why=why))
    return msgspec.structs.replace(standing, stamps=stamps), tuple(reopened)


def _caps(facts: Facts, takes: Sequence[Take], standing: Standing, terms: Terms) -> Standing:
    gained = dict(standing.gained)
    rules = {rule.id: rule for rule in terms.version.rule if isinstance(rule, Judged)}
    for take in takes:
        rule = rules.get(take.rule)
        if rule is not None and facts.given[take.award].caps:
            gained[rule.id] = record(rule.caps, gained.get(rule.id, {}), facts.day, -take.points)
    return msgspec.structs.replace(standing, gained=gained)


def _activity(facts: Facts, takes: Sequence[Take], back: Back, standing: Standing) -> dict[date, Activity]:
    """Return the customer's days with what came back taken off the day of the purchase."""
    did = standing.activity.get(facts.day)
    if did is None:
        return dict(standing.activity)
    spent = sum(
        int(line.paid * back.now[line.id]) - int(line.paid * back.before[line.id])
        for line in facts.lines
        if line.counts
    )
    points = sum(take.points for take in takes if facts.given[take.award].counts)
    less = Activity(
        spent=max(0, did.spent - spent),
        points=max(0, did.points - points),
        visits=max(0, did.visits - (1 if back.whole else 0)),
    )
    return {**standing.activity, facts.day: less}


def _whole(facts: Facts, back: Back, standing: Standing) -> Standing:
    """Undo what only a whole return undoes: the day's visit, the friend's first purchase; and close packs."""
    gone = tuple(f"/{line}/" for line, part in back.now.items() if part == 1)
    packs = tuple(
        msgspec.structs.replace(pack, closed=True)
        if pack.id in facts.packs and pack.id[: pack.id.rindex("/") + 1].endswith(gone)
        else pack
        for pack in standing.packs
    )
    standing = msgspec.structs.replace(standing, packs=packs)
    if not back.whole:
        return standing
    visited = {
        rule: day
        for rule, day in standing.visited.items()
        if not (rule in facts.visited and day == facts.day)
    }
    referred = standing.referred
    if facts.referral and referred is not None:
        referred = msgspec.structs.replace(referred, paid=False)
    return msgspec.structs.replace(standing, visited=visited, referred=referred)
