"""Hold-out: the same reckoning made some weeks earlier, beside what then happened."""

from datetime import date

import numpy as np

from shopbell.loyalty.reckoning.answers import HeldOut
from shopbell.loyalty.reckoning.fitted import Fitted, returns
from shopbell.loyalty.reckoning.fitting import Floats
from shopbell.loyalty.reckoning.foresight import Forecaster
from shopbell.loyalty.reckoning.histories import Histories
from shopbell.loyalty.reckoning.slipping import Lesson, came_within, rank_auc

_SAMPLE = 4_000
"""Customers whose intervals are looked at."""


def held_out(earlier: Fitted, lesson: Lesson | None, histories: Histories, split: int) -> HeldOut:
    """Return how far off the figures of the day `split` were over the `soon` days that followed."""
    summary, days = earlier.summary, earlier.soon
    came = came_within(histories, earlier.customers, split, days)
    paid = _paid_within(histories, earlier.customers, split, days)
    expected = earlier.buying.expected(summary.visits, days)
    spent = expected * earlier.paying.expected(summary.paid_days, summary.mean)
    average = (summary.visits.repeats.sum() + len(came)) / np.maximum(summary.visits.age, 1).sum() * days
    here = came > 0
    return HeldOut(
        split=date.fromordinal(split),
        days=days,
        customers=len(came),
        mae_visits=float(np.abs(expected - came).mean()),
        mae_mean=float(np.abs(average - came).mean()),
        predicted_visits=float(expected.sum()),
        actual_visits=int(came.sum()),
        mae_minor=round(float(np.abs(spent - paid).mean())),
        within=_within(earlier, paid),
        auc_active=rank_auc(expected, here),
        auc_risk=rank_auc(-returns(earlier, lesson), ~here),
        auc_recency=rank_auc(summary.gaps.since, ~here),
    )


def _within(earlier: Fitted, paid: Floats) -> float:
    step = -(-len(paid) // _SAMPLE)
    part = slice(None, None, step)
    summary = earlier.summary
    seen = Forecaster(earlier.buying, earlier.paying, earlier.soon).foresee(
        summary.visits.take(part), summary.paid_days[part], summary.mean[part]
    )
    return float(((paid[part] >= seen.spent_low) & (paid[part] <= seen.spent_high)).mean())


def _paid_within(histories: Histories, customers: tuple[str, ...], start: int, days: int) -> Floats:
    inside = (histories.day >= start) & (histories.day < start + days)
    sums = np.add.reduceat(np.where(inside, histories.paid, 0), histories.starts[:-1])
    rows = {name: row for row, name in enumerate(histories.customers)}
    return sums[[rows[name] for name in customers]].astype(float)
