"""Found: everything one reckoning says, computed from the books and not stored yet."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.backroom import About
from shopbell.loyalty.consents import PROFILING
from shopbell.loyalty.reckoning.answers import ComputedSegment, CustomerWorth, Likelihood
from shopbell.loyalty.reckoning.baskets import YEAR_DAYS, TasteBook, Tastes, read_baskets
from shopbell.loyalty.reckoning.copurchase import Counted, Habit
from shopbell.loyalty.reckoning.facts import Facts, Figures, Stands, facts, figures, read_stands
from shopbell.loyalty.reckoning.fitted import parameters
from shopbell.loyalty.reckoning.grouping import Book, Group, groups_of
from shopbell.loyalty.reckoning.histories import Histories, consenting, read_histories
from shopbell.loyalty.reckoning.segmentfile import load_wishes
from shopbell.loyalty.reckoning.why import Coming, why
from shopbell.loyalty.reckoning.worth import Valued, value


class Ground(Struct, frozen=True, kw_only=True):
    """What a reckoning stands on."""

    histories: Histories
    valued: Valued
    known: Figures
    rows: Mapping[str, int]
    """Who agreed -> row of the histories."""
    stands: Mapping[str, Stands]
    tastes: Mapping[str, Tastes]
    book: Book
    end: int
    """The first day that is not looked at."""


class Found(Struct, frozen=True, kw_only=True):
    """What is to be stored."""

    day: date
    customers: int
    purchases: int
    worths: tuple[CustomerWorth, ...]
    members: Mapping[str, Mapping[str, str]]
    """Customer -> computed segment -> reason."""
    segments: tuple[ComputedSegment, ...]
    habits: tuple[Habit, ...]
    parameters: tuple[Likelihood, ...]
    valued: Valued


def find(db: sa.Connection, shop: Path, about: About, day: date, tiers: Mapping[str, str]) -> Found:
    """Reckon everything as of the day, which is the first not looked at. Raises ReckoningRefused."""
    book = Book(wishes=load_wishes(shop), currency=about.currency, tiers=tiers)
    end = day.toordinal()
    histories = read_histories(db).before(end)
    valued = value(histories, end)
    agreed = consenting(db, PROFILING)
    tastes, habits = _receipts(db, about, day, agreed)
    ground = Ground(
        histories=histories,
        valued=valued,
        known=figures(histories, valued, end),
        rows={who: row for row, who in enumerate(histories.customers) if who in agreed},
        stands=read_stands(db),
        tastes=tastes,
        book=book,
        end=end,
    )
    members, worths, labels = _everybody(ground)
    return Found(
        day=day,
        customers=len(histories.customers),
        purchases=len(histories.day),
        worths=worths,
        members=members,
        segments=_segments(labels, members, worths),
        habits=habits,
        parameters=parameters(valued.fitted) if valued.fitted else (),
        valued=valued,
    )


def _receipts(
    db: sa.Connection, about: About, day: date, agreed: frozenset[str]
) -> tuple[Mapping[str, Tastes], tuple[Habit, ...]]:
    tastes, counted = TasteBook(agreed), Counted()
    since = date.fromordinal(day.toordinal() - YEAR_DAYS)
    for basket in read_baskets(db, about.timezone, since, day):
        tastes.add(basket)
        counted.add(basket.at, ((one.sku, one.name, one.category) for one in basket.things))
    return tastes.found(), counted.habits()


def _everybody(
    ground: Ground,
) -> tuple[Mapping[str, Mapping[str, str]], tuple[CustomerWorth, ...], Mapping[str, Group]]:
    members: dict[str, Mapping[str, str]] = {}
    labels: dict[str, Group] = {}
    worths = []
    for who, row in ground.rows.items():
        about = _facts(ground, who, row)
        found = dict(groups_of(about, ground.book))
        members[who] = {group.name: reason for group, reason in found.items()}
        labels.update((group.name, group) for group in found)
        worths.append(_worth(ground, who, row, about, tuple(sorted(members[who]))))
    return members, tuple(worths), labels


def _facts(ground: Ground, who: str, row: int) -> Facts:
    tastes = ground.tastes.get(who) or Tastes({}, {}, {})
    return facts(row, ground.valued, ground.known, ground.stands.get(who, Stands()), tastes, ground.end)


def _worth(ground: Ground, who: str, row: int, about: Facts, segments: tuple[str, ...]) -> CustomerWorth:
    valued, seen = ground.valued, ground.valued.foreseen
    lost = float(valued.lost_days[row])
    last = about.last.toordinal()
    coming = Coming(
        visits=about.visits,
        first=about.first,
        last=about.last,
        today=about.today,
        gap=about.gap,
        longest=int(valued.summary.longest[row]),
        at_risk=about.at_risk,
        gone=about.gone,
    )
    return CustomerWorth(
        customer=who,
        day=about.today,
        visits=about.visits,
        first=about.first,
        last=about.last,
        spent_minor=int(valued.summary.spent[row]),
        gap_days=about.gap,
        enough_history=bool(valued.enough[row]),
        clv_minor=about.worth,
        low_minor=int(seen.spent_low[row]),
        high_minor=int(np.ceil(seen.spent_high[row])),
        expected_visits=round(float(seen.visits[row]), 2),
        visits_low=int(seen.visits_low[row]),
        visits_high=int(seen.visits_high[row]),
        alive=round(float(valued.alive[row]), 4),
        returns=round(float(valued.returns[row]), 4),
        at_risk=about.at_risk,
        gone=about.gone,
        stake_minor=round(float(valued.stake[row])),
        why=why(coming),
        lost_after=about.last if about.at_risk else None,
        lost_before=date.fromordinal(last + int(np.ceil(lost))) if about.at_risk else None,
        rfm="R{}F{}M{}".format(*about.rfm),
        segments=segments,
    )


def still_agreed(found: Found, agreed: frozenset[str]) -> Found:
    """Return what was found without those who do not agree any more: it took minutes to find it."""
    gone = [each for each in found.worths if each.customer not in agreed]
    if not gone:
        return found
    left = {each.customer for each in gone}
    return msgspec.structs.replace(
        found,
        worths=tuple(each for each in found.worths if each.customer not in left),
        members={who: groups for who, groups in found.members.items() if who not in left},
        segments=tuple(_without(segment, gone) for segment in found.segments),
    )


def _without(segment: ComputedSegment, gone: Sequence[CustomerWorth]) -> ComputedSegment:
    members = [each for each in gone if segment.name in each.segments]
    return msgspec.structs.replace(
        segment,
        members=segment.members - len(members),
        clv_minor=segment.clv_minor - sum(each.clv_minor for each in members),
        at_risk=segment.at_risk - sum(each.at_risk for each in members),
    )


def _segments(
    labels: Mapping[str, Group],
    members: Mapping[str, Mapping[str, str]],
    worths: tuple[CustomerWorth, ...],
) -> tuple[ComputedSegment, ...]:
    count = {name: [0, 0, 0] for name in labels}
    for each in worths:
        for name in members[each.customer]:
            sums = count[name]
            sums[0] += 1
            sums[1] += each.clv_minor
            sums[2] += each.at_risk
    return tuple(
        ComputedSegment(
            name=name,
            kind=group.kind,
            label=group.label,
            rule=group.rule,
            members=count[name][0],
            clv_minor=count[name][1],
            at_risk=count[name][2],
        )
        for name, group in sorted(labels.items())
    )
