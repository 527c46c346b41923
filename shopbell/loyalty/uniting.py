"""Uniting two standings of one person, and parting them again. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

import msgspec

from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.tiers import rank

K = TypeVar("K")
V = TypeVar("V")
_NEVER = date.max


def unite(source: Standing, target: Standing, terms: Terms) -> Standing:
    """Return the standing of both together: what was done is added up, the higher level counts.

    Stamps are the ledger's, and are not touched here.
    """
    higher = max((target, source), key=lambda one: (rank(one.tier, terms), one.grace_until or _NEVER))
    joined = [one.member_since for one in (source, target) if one.member_since]
    firsts = [one.first_purchase for one in (source, target) if one.first_purchase]
    lasts = [one.last_purchase for one in (source, target) if one.last_purchase]
    reviews = [one.reviewed for one in (source, target) if one.reviewed]
    return msgspec.structs.replace(
        target,
        member_since=min(joined, default=None),
        segments=tuple(dict.fromkeys((*target.segments, *source.segments))),
        first_purchase=min(firsts, default=None),
        last_purchase=max(lasts, default=None),
        activity=_both(target.activity, source.activity, _add),
        tier=higher.tier,
        grace_until=higher.grace_until,
        reviewed=max(reviews, default=None),
        entered=tuple(dict.fromkeys((*target.entered, *source.entered))),
        carried=_both(target.carried, source.carried, lambda a, b: a + b),
        visited=_both(target.visited, source.visited, max),
        gained=_both(target.gained, source.gained, lambda a, b: _both(a, b, lambda x, y: x + y)),
        bonuses=_both(target.bonuses, source.bonuses, max),
        referred=target.referred or source.referred,
        packs=(*target.packs, *source.packs),
    )


def part(now: Standing, source: Standing, target: Standing, united: Standing) -> tuple[Standing, Standing]:
    """Return (source, target) after a merge is undone; the first three are as they were around the merge.

    What the source brought goes back with it; what was done since stays with the target.
    """
    own = {pack.id for pack in source.packs}
    back = msgspec.structs.replace(source, packs=tuple(pack for pack in now.packs if pack.id in own))
    if now == united:
        return back, target
    lasts = [now.last_purchase] if now.last_purchase != united.last_purchase else [target.last_purchase]
    kept = msgspec.structs.replace(
        now,
        member_since=target.member_since,
        segments=tuple(one for one in now.segments if one in target.segments or one not in source.segments),
        first_purchase=target.first_purchase or _since(now, united),
        last_purchase=lasts[0],
        activity=_less(now.activity, source.activity),
        tier=target.tier if now.tier == united.tier else now.tier,
        grace_until=target.grace_until if now.tier == united.tier else now.grace_until,
        entered=tuple(one for one in now.entered if one in target.entered or one not in source.entered),
        carried={key: n - source.carried.get(key, 0) for key, n in now.carried.items()},
        visited=_older(now.visited, united.visited, target.visited),
        gained={
            rule: {span: n - source.gained.get(rule, {}).get(span, 0) for span, n in spans.items()}
            for rule, spans in now.gained.items()
        },
        bonuses=_older(now.bonuses, united.bonuses, target.bonuses),
        referred=target.referred if now.referred == united.referred else now.referred,
        packs=tuple(pack for pack in now.packs if pack.id not in own),
    )
    return back, kept


def _since(now: Standing, united: Standing) -> date | None:
    """Return the first day on which something was done that was not there when the two were united."""
    new = [day for day, did in now.activity.items() if did != united.activity.get(day)]
    return min(new, default=None)


def _both(one: Mapping[K, V], two: Mapping[K, V], add: Callable[[V, V], V]) -> dict[K, V]:
    return {
        key: add(one[key], two[key]) if key in one and key in two else (one[key] if key in one else two[key])
        for key in (*one, *(key for key in two if key not in one))
    }


def _older(
    now: Mapping[str, date], united: Mapping[str, date], before: Mapping[str, date]
) -> dict[str, date]:
    """Return the days as they are now where they have changed, else as they were before."""
    changed = {key: day for key, day in now.items() if day != united.get(key)}
    return {**before, **changed}


def _add(one: Activity, two: Activity) -> Activity:
    return Activity(
        spent=one.spent + two.spent, points=one.points + two.points, visits=one.visits + two.visits
    )


def _less(now: Mapping[date, Activity], gone: Mapping[date, Activity]) -> dict[date, Activity]:
    left = {}
    for day, did in now.items():
        off = gone.get(day, Activity())
        one = Activity(
            spent=max(0, did.spent - off.spent),
            points=max(0, did.points - off.points),
            visits=max(0, did.visits - off.visits),
        )
        if one != Activity():
            left[day] = one
    return left
