"""Worth: what each customer will come and pay in the year ahead, and who is slipping away."""

import numpy as np
from msgspec import Struct

from shopbell.loyalty.reckoning.answers import HeldOut
from shopbell.loyalty.reckoning.fitted import Fitted, fit, returns, study
from shopbell.loyalty.reckoning.fitting import Floats
from shopbell.loyalty.reckoning.foresight import Forecaster, Foreseen, bounds_of
from shopbell.loyalty.reckoning.histories import Histories, Summary, summarise
from shopbell.loyalty.reckoning.holdout import held_out
from shopbell.loyalty.reckoning.slipping import Flags, lost_within

AHEAD_DAYS = 365
SOON_DAYS = 60
LEAST_VISITS = 3
_STEADY_VISITS = 5
_LATE = 3.0
"""Usual times away after which a steady customer is at risk, whatever any model says."""
_PATIENCE = 0.05
_LEAST_AWAY = 14
"""Days within which nobody is called late: even who comes daily has a week off."""
_AWAY_DAYS, _AWAY_GAPS = 120, 8
"""Away longer than both: gone, and no news."""
_BUCKETS = (30, 90, 180)
_PRIOR = 20
"""Customers that the mean of all with few visits counts for, beside those of the same group."""
_DRAWN_FOR = 400


class Valued(Struct, frozen=True, kw_only=True):
    """Figures of all customers, in the order of `Histories.customers`: arrays of n each."""

    summary: Summary
    foreseen: Foreseen
    enough: Flags
    alive: Floats
    returns: Floats
    at_risk: Flags
    gone: Flags
    stake: Floats
    """Minor units."""
    lost_days: Floats
    """If lost, within so many days after the last visit; 0 where not at risk."""
    fitted: Fitted | None
    held_out: HeldOut | None


def value(histories: Histories, end: int) -> Valued:
    """Reckon everybody as of the day `end`, which is the first that is not looked at."""
    fitted = fit(histories, end, SOON_DAYS)
    if fitted is None:
        return _plain(histories, end)
    split = end - SOON_DAYS
    earlier = fit(histories, split, SOON_DAYS)
    tried = held_out(earlier, study(earlier, histories, split), histories, split) if earlier else None
    return _with_models(fitted, returns(fitted, study(fitted, histories, end)), tried)


def _with_models(fitted: Fitted, chance: Floats, tried: HeldOut | None) -> Valued:
    summary = fitted.summary
    enough = summary.visits.repeats + 1 >= LEAST_VISITS
    caster = Forecaster(fitted.buying, fitted.paying, AHEAD_DAYS)
    foreseen = caster.foresee(summary.visits, summary.paid_days, summary.mean)
    alive = fitted.judged.alive
    at_risk, gone = _slipping(summary, alive, chance, fitted.judged.patience)
    if_here = foreseen.spent / np.maximum(fitted.buying.alive(summary.visits), 1e-6)
    lost = np.zeros(len(chance))
    rows = np.flatnonzero(at_risk)
    lost[rows] = lost_within(fitted.rhythm, summary, rows)
    return Valued(
        summary=summary,
        foreseen=_shrunken(caster, fitted, foreseen, ~enough),
        enough=enough,
        alive=alive,
        returns=chance,
        at_risk=at_risk,
        gone=gone,
        stake=if_here * chance,
        lost_days=lost,
        fitted=fitted,
        held_out=tried,
    )


def _slipping(summary: Summary, alive: Floats, chance: Floats, patience: Floats) -> tuple[Flags, Flags]:
    visits, since = summary.visits.repeats + 1, summary.gaps.since
    gap = np.nan_to_num(summary.gap, nan=np.inf)
    steady = (visits >= _STEADY_VISITS) & (since >= _LEAST_AWAY)
    late = steady & ((since >= _LATE * gap) | (patience < _PATIENCE))
    unlikely = (visits >= LEAST_VISITS) & (chance < 0.5) & (alive < 0.5)  # noqa: PLR2004 - more likely not
    away = (visits >= LEAST_VISITS) & (since > _AWAY_DAYS) & (since > _AWAY_GAPS * gap)
    return (late | unlikely) & ~away, away


def _shrunken(caster: Forecaster, fitted: Fitted, each: Foreseen, few: Flags) -> Foreseen:
    """Give who has too few visits the figures of others like them: as often here, and as long ago."""
    summary = fitted.summary
    group = np.where(few, summary.visits.repeats * 10 + np.digitize(summary.gaps.since, _BUCKETS), -1)
    columns = [np.array(column, float) for column in (each.visits, each.spent)]
    whole = [float(column[few].mean()) if few.any() else 0.0 for column in columns]
    bounds = np.stack((each.visits_low, each.visits_high, each.spent_low, each.spent_high))
    for name in np.unique(group[few]):
        rows = np.flatnonzero(group == name)
        for column, mean in zip(columns, whole, strict=True):
            column[rows] = (column[rows].sum() + _PRIOR * mean) / (len(rows) + _PRIOR)
        some = rows[:: -(-len(rows) // _DRAWN_FOR)]
        drawn = caster.draw(summary.visits.take(some), summary.paid_days[some], summary.mean[some])
        for at, one in ((0, drawn.visits), (2, drawn.spent)):
            bounds[at : at + 2, rows] = bounds_of(one.reshape(1, -1))
    return Foreseen(columns[0], bounds[0], bounds[1], columns[1], bounds[2], bounds[3])


def _plain(histories: Histories, end: int) -> Valued:
    """Value everybody at the average of all: the books are too short for more."""
    past = histories.before(end)
    count = len(past.customers)
    nothing, no = np.zeros(count), np.zeros(count, dtype=bool)
    summary = summarise(past, end)
    rates = AHEAD_DAYS / np.maximum(summary.visits.age, SOON_DAYS)
    columns = [(summary.visits.repeats + 1) * rates, summary.spent * rates]
    flat = [np.full(count, column.mean() if count else 0.0) for column in columns]
    edges = [np.quantile(c, (0.025, 0.975)) if count else np.zeros(2) for c in columns]
    spans = [np.full(count, edge) for pair in edges for edge in pair]
    return Valued(
        summary=summary,
        foreseen=Foreseen(flat[0], spans[0], spans[1], flat[1], spans[2], spans[3]),
        enough=no,
        alive=np.full(count, 0.5),
        returns=np.full(count, 0.5),
        at_risk=no,
        gone=no,
        stake=nothing,
        lost_days=nothing,
        fitted=None,
        held_out=None,
    )
