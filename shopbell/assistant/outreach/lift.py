"""Lift: what a campaign changed, told from those who were held out by lot. Pure.

Everybody who was drawn counts where the draw put them, whether the message went or not (intention to treat):
so staff who refuse a draft, or an address that bounces, cannot make a campaign look better. The difference of
the shares that came is given with Newcombe's interval (1998, method 10), that of what was spent with Hall's.
"""

from collections.abc import Sequence
from math import copysign, sqrt
from statistics import fmean, stdev

from msgspec import Struct
from scipy import special

from shopbell.assistant.insight.intervals import SURE, difference

LEAST = 20
"""Customers in each group below which nothing is said."""


class Drawn(Struct, frozen=True):
    """What one customer did in the days after the draw."""

    came: bool
    spent: int
    """Minor units."""


class Span(Struct, frozen=True):
    """A figure with the interval of 95 %."""

    value: float
    low: float
    high: float


class Lift(Struct, frozen=True, kw_only=True):
    """What a campaign changed; empty where there are too few to say."""

    campaign: str
    treated: int
    held: int
    sent: int
    """Of those treated, who got it, or may have."""
    came_treated: int
    came_held: int
    visits: Span | None = None
    """More customers in 100 who came, treated less held out."""
    spent: Span | None = None
    """Minor units more per customer."""
    extra: Span | None = None
    """Customers who came because of it."""
    cost_minor: int = 0
    """Of all messages that went."""
    per_extra_minor: Span | None = None
    """Cost of one customer more; none while it is not clear that there was one."""
    note: str = ""


def lift(
    campaign: str, treated: Sequence[Drawn], held: Sequence[Drawn], *, sent: int, each_minor: int
) -> Lift:
    """Compare the groups; `each_minor` is what one message costs."""
    came, came_held = sum(one.came for one in treated), sum(one.came for one in held)
    cost = sent * each_minor
    known = Lift(
        campaign=campaign,
        treated=len(treated),
        held=len(held),
        sent=sent,
        came_treated=came,
        came_held=came_held,
        cost_minor=cost,
    )
    if min(len(treated), len(held)) < LEAST:
        return _noted(known, f"Too few to say: at least {LEAST} in each group are needed.")
    gap, low, high = difference((came, len(treated)), (came_held, len(held)))
    extra = Span(gap * len(treated), low * len(treated), high * len(treated))
    per = Span(cost / extra.value, cost / extra.high, cost / extra.low) if extra.low > 0 else None
    return Lift(
        **{name: getattr(known, name) for name in _COUNTS},
        visits=Span(100 * gap, 100 * low, 100 * high),
        spent=skewed([one.spent for one in treated], [one.spent for one in held]),
        extra=extra,
        per_extra_minor=per,
        note="" if per else "It is not clear that anybody came because of it: the interval holds nought.",
    )


_STRAIGHT = 1e-6
"""A skew below which there is none."""
_COUNTS = ("campaign", "treated", "held", "sent", "came_treated", "came_held", "cost_minor")


def _noted(known: Lift, note: str) -> Lift:
    return Lift(**{name: getattr(known, name) for name in _COUNTS}, note=note)


def skewed(one: Sequence[float], other: Sequence[float]) -> Span:
    """Return the difference of two means and its interval, for groups of unlike size, spread and skew.

    Few come and some spend much, so the difference is skewed: Hall's monotone transformation of Welch's
    statistic takes that out (P. Hall, J. R. Statist. Soc. B 54, 1992); Student's quantile is for few.
    """
    parts = (stdev(one) ** 2 / len(one), stdev(other) ** 2 / len(other))
    gap, error = fmean(one) - fmean(other), sqrt(sum(parts))
    if not error:
        return Span(gap, gap, gap)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(other) - 1))
    quantile = float(special.stdtrit(freedom, (1 + SURE) / 2))
    skew = (_third(one) / len(one) ** 2 - _third(other) / len(other) ** 2) / error**3
    return Span(gap, gap - error * _hall(quantile, skew), gap - error * _hall(-quantile, skew))


def _third(values: Sequence[float]) -> float:
    """Return the third central moment."""
    mean = fmean(values)
    return fmean((each - mean) ** 3 for each in values)


def _hall(quantile: float, skew: float) -> float:
    if abs(skew) < _STRAIGHT:
        return quantile
    inner = 1 + skew * (quantile - skew / 6)
    return 3 / skew * (copysign(abs(inner) ** (1 / 3), inner) - 1)
