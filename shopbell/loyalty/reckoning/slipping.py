"""Slipping away: who will come back soon, learned from how it went before; who is at risk, and why.

No single rule fits a bakery and a furniture shop. So the chance to come back is learned from the shop's own
past: what the models, the rhythm and the plain days since the last visit said of every customer on earlier
days, in more than one season, and who then came. Whoever bought but once is judged by the same experience as
all others.
"""

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.optimize import minimize
from scipy.special import expit

from shopbell.loyalty.reckoning.bgnbd import BgNbd
from shopbell.loyalty.reckoning.fitting import Floats
from shopbell.loyalty.reckoning.histories import Histories, Summary
from shopbell.loyalty.reckoning.rhythm import Judged, Rhythm

Flags = npt.NDArray[np.bool_]
FEW = 60
"""Times that somebody must have come, and that somebody must have stayed away, before anything is learned."""
_RIDGE = 1.0
_EPS = 1e-9
_STEPS = 128
"""Parts of the time away that the day of leaving is looked for in."""
_SURE = 0.95


class Lesson(Struct, frozen=True, kw_only=True):
    """What the past taught: a logistic regression on four signs."""

    mean: Floats
    spread: Floats
    weights: Floats
    """float64[5]: the base, then one for each sign."""

    def returns(self, signs: Floats) -> Floats:
        """Return float64[n]: the chance of each to come back in time."""
        score = self.weights[0] + (signs - self.mean) / self.spread @ self.weights[1:]
        return np.asarray(expit(score))


def signs(summary: Summary, buying: BgNbd, judged: Judged, days: float) -> Floats:
    """Return float64[n, 4]: logarithms of expected visits, rhythm's chance, days away, patience."""
    expected = buying.expected(summary.visits, days)
    chance = np.clip(judged.returns, _EPS, 1 - _EPS)
    return np.stack(
        (
            np.log(expected + 1e-6),
            np.log(-np.log1p(-chance)),
            -np.log1p(summary.gaps.since),
            np.log(judged.patience + 1e-6),
        ),
        axis=1,
    )


def learn(found: Floats, came: Flags) -> Lesson | None:
    """Return what these signs said of who came; None when too few came or stayed away."""
    if min(int(came.sum()), int((~came).sum())) < FEW:
        return None
    mean, spread = found.mean(axis=0), found.std(axis=0) + _EPS
    rows = np.column_stack((np.ones(len(found)), (found - mean) / spread))

    def down(weights: Floats) -> tuple[float, Floats]:
        score = rows @ weights
        held = np.append(0.0, weights[1:])
        cost = np.logaddexp(0, score).sum() - score[came].sum() + _RIDGE / 2 * (held**2).sum()
        return float(cost), rows.T @ (expit(score) - came) + _RIDGE * held

    best = minimize(down, np.zeros(rows.shape[1]), jac=True, method="SLSQP")
    return Lesson(mean=mean, spread=spread, weights=np.asarray(best.x))


def came_within(histories: Histories, customers: tuple[str, ...], start: int, days: int) -> Floats:
    """Return float64[n]: days with a purchase within so many days from `start`, of these customers."""
    inside = (histories.day >= start) & (histories.day < start + days)
    counts = np.add.reduceat(inside, histories.starts[:-1], dtype=np.int64)
    rows = {name: row for row, name in enumerate(histories.customers)}
    return counts[[rows[name] for name in customers]].astype(float)


def lost_within(rhythm: Rhythm, summary: Summary, some: npt.NDArray[np.int64]) -> Floats:
    """Return within how many days after the last visit whoever is lost was lost, with 95 %.

    Whoever left did so on some day before the visit that never came, each day as likely as another: the time
    since the last event at a random moment of a renewal process (Cox 1962, "Renewal Theory", chapter 5),
    which has the chance that a time between visits is longer as its density.
    """
    gaps = summary.gaps.take(some)
    most = np.maximum(gaps.since, 1.0)
    steps = np.linspace(0.0, 1.0, _STEPS + 1)
    density = np.stack([rhythm.usual_at(gaps, step * most) for step in steps])
    within = np.cumsum((density[1:] + density[:-1]) / 2, axis=0)
    wanted = _SURE * within[-1]
    place, rows = np.argmax(within >= wanted, axis=0), np.arange(len(gaps))
    before = np.where(place > 0, within[place - 1, rows], 0.0)
    part = (wanted - before) / np.maximum(within[place, rows] - before, _EPS)
    return np.asarray((place + part) / _STEPS * most)


def rank_auc(score: Floats, positive: Flags) -> float | None:
    """Return the chance that one of the positives scores above one of the others; ties count half.

    Mann & Whitney (1947). None when there are none of either.
    """
    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        return None
    _, place, many = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(many) - (many - 1) / 2
    return float((ranks[place][positive].sum() - yes * (yes + 1) / 2) / (yes * no))
