"""Matched: customers who talked with the assistant beside others who bought like them before. Pure.

Each customer is paired, without putting back, with the nearest who had not talked with it yet, by what both
did before the week of the first conversation. Not "who never did": whoever leaves early has less time
to talk, so leavers are many among those (risk-set matching, Li, Propert & Rosenbaum 2001). Either both or
neither bought in that week: without that, whoever talks would be known to be a customer still, and whoever
does not might be lost already. What differs within pairs is taken out by regression on the differences
(Rubin 1979). It shows no cause: whoever asks may be keener in ways no till can see.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import special

from shopbell.assistant.insight.intervals import SURE
from shopbell.loyalty.kpis import Visits

PRIOR = timedelta(days=90)
"""Days before the conversation in which both must have bought, and are compared."""
WEEK = timedelta(days=7)
LATER, HORIZON = timedelta(days=31), timedelta(days=60)
"""Retained: bought again from day 31 to day 60 after the week of the conversation."""
FEATURES = (
    "visits in 90 days",
    "visits in 30 days",
    "paid in 90 days",
    "days since the last visit",
    "days known",
)
CALIPER = 1.5
"""The farthest that two of a pair may be apart, in standard deviations over all features."""
ODD = 0.1
"""Standardised difference of means from which pairs are not alike (Austin 2009)."""
Grid = npt.NDArray[np.float64]


class Pair(Struct, frozen=True):
    """Two customers who bought alike before."""

    user: str
    other: str
    since: date
    """Monday of the week of the conversation."""
    gap: tuple[float, ...]
    """Features of the first less those of the second, in standard deviations."""


class Effect(Struct, frozen=True):
    """A mean difference within pairs, with its interval of 95 %."""

    value: float
    low: float
    high: float
    n: int


def pairs(
    first_talk: Mapping[str, date],
    talked: Mapping[str, date],
    bought: Mapping[str, Visits],
    joined: Mapping[str, date],
    until: date,
) -> tuple[Pair, ...]:
    """Return the pairs; `talked` holds everybody's first talk, `until` is the last day the books know."""
    weeks: dict[date, list[str]] = {}
    for customer, day in sorted(first_talk.items()):
        monday = day - timedelta(days=day.weekday())
        if monday + WEEK + HORIZON <= until:
            weeks.setdefault(monday, []).append(customer)
    others = sorted(bought)
    found: list[Pair] = []
    taken: set[str] = set()
    for monday, users in sorted(weeks.items()):
        for came in (True, False):
            ours = [one for one in users if _came(bought.get(one), monday) is came]
            free = [one for one in others if one not in taken and talked.get(one, until) >= monday + WEEK]
            pool = [one for one in free if _came(bought[one], monday) is came]
            some = _of_week(monday, ours, pool, bought, joined)
            taken.update(pair.other for pair in some)
            found += some
    return tuple(found)


def _came(past: Visits | None, monday: date) -> bool:
    return past is not None and past.between(monday, monday + WEEK)[0] > 0


def _of_week(
    monday: date,
    users: Sequence[str],
    pool: Sequence[str],
    bought: Mapping[str, Visits],
    joined: Mapping[str, date],
) -> list[Pair]:
    ours, mine = _grid(users, monday, bought, joined)
    theirs, rest = _grid(pool, monday, bought, joined)
    if not ours or not theirs:
        return []
    spread = np.vstack([mine, rest]).std(axis=0)
    spread[spread == 0] = 1.0
    mine, rest = mine / spread, rest / spread
    found, free = [], np.ones(len(theirs), dtype=bool)
    for at, user in enumerate(ours):
        apart = np.where(free, np.sqrt(((rest - mine[at]) ** 2).sum(axis=1)), np.inf)
        near = int(apart.argmin())
        if apart[near] <= CALIPER:
            free[near] = False
            gap = tuple(float(x) for x in mine[at] - rest[near])
            found.append(Pair(user, theirs[near], monday, gap))
    return found


def _grid(
    who: Sequence[str], monday: date, bought: Mapping[str, Visits], joined: Mapping[str, date]
) -> tuple[list[str], Grid]:
    rows, names = [], []
    for customer in who:
        past = bought.get(customer)
        known = joined.get(customer, monday)
        before, paid = past.between(monday - PRIOR, monday) if past else (0, 0)
        if past is None or not before:
            continue
        lately, _ = past.between(monday - timedelta(days=30), monday)
        last = past.last_before(monday) or monday
        rows.append(
            (before, lately, np.log1p(paid), (monday - last).days, np.sqrt(max(0, (monday - known).days)))
        )
        names.append(customer)
    return names, np.asarray(rows, dtype=float).reshape(len(rows), len(FEATURES))


def retained(visits: Visits | None, since: date) -> bool:
    """Say whether somebody bought again from day 31 to day 60 after that week."""
    start = since + WEEK
    return visits is not None and visits.between(start + LATER, start + HORIZON)[0] > 0


def paid(visits: Visits | None, since: date) -> int:
    """Return what somebody paid in the 60 days after that week, in minor units."""
    start = since + WEEK
    return visits.between(start, start + HORIZON)[1] if visits is not None else 0


def effect(gaps: Sequence[float], features: Sequence[Sequence[float]]) -> Effect | None:
    """Return the mean of differences within pairs, at equal features; None for too few pairs."""
    n, k = len(gaps), len(FEATURES) + 1
    if n <= k + 1:
        return None
    table = np.column_stack([np.ones(n), np.asarray(features, dtype=float)])
    values = np.asarray(gaps, dtype=float)
    inverse = np.linalg.pinv(table.T @ table)
    slopes = inverse @ table.T @ values
    rest = values - table @ slopes
    lever = np.clip(np.einsum("ij,jk,ik->i", table, inverse, table), 0, 0.99)
    # Spread may differ from pair to pair: the sandwich with HC3 (MacKinnon & White 1985).
    scaled = table * (rest / (1 - lever))[:, None]
    meat = scaled.T @ scaled
    error = float(np.sqrt((inverse @ meat @ inverse)[0, 0]))
    half = float(special.stdtrit(n - k, (1 + SURE) / 2)) * error
    return Effect(float(slopes[0]), float(slopes[0]) - half, float(slopes[0]) + half, n)


def unlike(found: Sequence[Pair]) -> tuple[str, ...]:
    """Return the features by which the pairs are not alike on average, though they were matched."""
    if not found:
        return ()
    means = np.asarray([pair.gap for pair in found]).mean(axis=0)
    return tuple(name for name, mean in zip(FEATURES, means, strict=True) if abs(mean) > ODD)
