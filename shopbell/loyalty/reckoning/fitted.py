"""Fitted: all that is learned of a shop's customers as they stood on one day."""

import numpy as np
from msgspec import Struct

from shopbell.loyalty.reckoning import bgnbd, gammagamma
from shopbell.loyalty.reckoning.answers import Likelihood
from shopbell.loyalty.reckoning.bgnbd import BgNbd, fit_visits
from shopbell.loyalty.reckoning.fitting import Floats
from shopbell.loyalty.reckoning.gammagamma import GammaGamma, fit_spending
from shopbell.loyalty.reckoning.histories import Histories, Summary, summarise
from shopbell.loyalty.reckoning.rhythm import Judged, Rhythm, fit_rhythm
from shopbell.loyalty.reckoning.slipping import Lesson, came_within, learn, signs

LEAST_CUSTOMERS = 50
"""With fewer nothing is fitted."""
LEAST_REPEATS = 30
"""Customers who came again and paid, likewise."""
_LOOKS, _LOOK_DAYS = 9, 15
"""Earlier days that are learned from, and days between them: four months, for one day may be in a holiday."""
_PUPILS = 4_000
"""Customers that are learned from; a handful of weights needs no more."""


class Fitted(Struct, frozen=True, kw_only=True):
    """The models, and what they were fitted on."""

    summary: Summary
    customers: tuple[str, ...]
    buying: BgNbd
    paying: GammaGamma
    rhythm: Rhythm
    judged: Judged
    """Looking `soon` days ahead."""
    soon: int


def fit(histories: Histories, end: int, soon: int) -> Fitted | None:
    """Learn from what happened before the day `end`; None when that is too little."""
    past = histories.before(end)
    if len(past.customers) < LEAST_CUSTOMERS:
        return None
    summary = summarise(past, end)
    paying = summary.paid_days > 0
    again = summary.visits.repeats > 0
    if int((again & paying).sum()) < LEAST_REPEATS:
        return None
    rhythm = fit_rhythm(summary.gaps)
    return Fitted(
        summary=summary,
        customers=past.customers,
        buying=fit_visits(summary.visits),
        paying=fit_spending(summary.paid_days[paying], summary.mean[paying]),
        rhythm=rhythm,
        judged=rhythm.judged(summary.gaps, soon),
        soon=soon,
    )


def study(fitted: Fitted, histories: Histories, end: int) -> Lesson | None:
    """Return what the days before `end`, the day of the fit, teach: what was said, and who then came."""
    some = histories.before(end).every(-(-len(histories.customers) // _PUPILS))
    said, came = [], []
    for look in range(_LOOKS):
        start = end - fitted.soon - look * _LOOK_DAYS
        past = some.before(start)
        if len(past.customers):
            summary = summarise(past, start)
            judged = fitted.rhythm.judged(summary.gaps, fitted.soon)
            said.append(signs(summary, fitted.buying, judged, fitted.soon))
            came.append(came_within(some, past.customers, start, fitted.soon) > 0)
    return learn(np.concatenate(said), np.concatenate(came)) if said else None


def returns(fitted: Fitted, lesson: Lesson | None) -> Floats:
    """Return float64[n]: the chance of each to come within `soon` days; untaught, by the rhythm."""
    return fitted.judged.returns if lesson is None else lesson.returns(_signs(fitted))


def parameters(fitted: Fitted) -> tuple[Likelihood, ...]:
    """Return the parameters with their profile intervals; alpha is in days, gamma in minor units."""
    summary, paid = fitted.summary, fitted.summary.paid_days > 0
    buying = bgnbd.intervals(fitted.buying, summary.visits)
    paying = gammagamma.intervals(fitted.paying, summary.paid_days[paid], summary.mean[paid])
    names = (*bgnbd.NAMES, *gammagamma.NAMES)
    values = np.concatenate((fitted.buying.parameters, fitted.paying.parameters))
    return tuple(
        Likelihood(name=name, value=float(value), low=low, high=high)
        for name, value, (low, high) in zip(names, values, (*buying, *paying), strict=True)
    )


def _signs(fitted: Fitted) -> Floats:
    return signs(fitted.summary, fitted.buying, fitted.judged, fitted.soon)
