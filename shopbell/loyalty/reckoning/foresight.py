"""Foresight: what customers will do in the time ahead, drawn many times over, for honest intervals.

Every draw takes other parameters (as the curvature of the likelihood allows), another rate and patience for
each customer given what is known of them, and chance for the rest: so an interval holds what will happen, not
only its mean. The draws begin with a fixed number: the same books give the same figures.
"""

import numpy as np
from msgspec import Struct

from shopbell.loyalty.reckoning.bgnbd import BgNbd, Visits
from shopbell.loyalty.reckoning.fitting import Floats
from shopbell.loyalty.reckoning.gammagamma import GammaGamma

DRAWS = 400
_AT_ONCE = 4_000
"""Customers drawn for together: 400 draws of these are 13 MB an array."""
_SEED = 8
_LOW, _HIGH, _WHOLE = 0.025, 0.975, 0.95
_LEAST_CHANCE = 1e-9


class Drawn(Struct, frozen=True):
    """What came out: float32[n, draws] each."""

    visits: Floats
    spent: Floats


class Foreseen(Struct, frozen=True):
    """Means and the bounds of 95 %: float64[n] each."""

    visits: Floats
    visits_low: Floats
    visits_high: Floats
    spent: Floats
    spent_low: Floats
    spent_high: Floats


class Forecaster:
    """Draws the time ahead of customers, by models that were fitted."""

    def __init__(self, buying: BgNbd, paying: GammaGamma, days: float) -> None:
        self._buying = buying
        self._paying = paying
        self._days = days
        self._random = np.random.default_rng(_SEED)
        self._rates = _parameters(self._random, buying.parameters, buying.covariance)
        self._prices = _parameters(self._random, paying.parameters, paying.covariance)

    def foresee(self, visits: Visits, paid_days: Floats, mean: Floats) -> Foreseen:
        """Return means and intervals of each customer; the means are those of the formulas."""
        expected = self._buying.expected(visits, self._days)
        each = self._paying.expected(paid_days, mean)
        bounds = np.empty((4, len(visits)))
        for start in range(0, len(visits), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            drawn = self.draw(visits.take(part), paid_days[part], mean[part])
            bounds[:2, part], bounds[2:, part] = bounds_of(drawn.visits), bounds_of(drawn.spent)
        return Foreseen(expected, bounds[0], bounds[1], expected * each, bounds[2], bounds[3])

    def draw(self, visits: Visits, paid_days: Floats, mean: Floats) -> Drawn:
        """Draw the visits of each customer in the days ahead, and what is paid at them."""
        r, alpha, a, b = (column[None, :] for column in self._rates.T)
        x, size = visits.repeats[:, None], (len(visits), DRAWS)
        alive = self._random.random(size) < _alive(visits, r, alpha, a, b)
        rate = self._random.gamma(r + x, 1.0, size) / (alpha + visits.age[:, None])
        chance = np.maximum(self._random.beta(a, b + x, size), _LEAST_CHANCE)
        would = self._random.poisson(rate * self._days)
        stops = np.ceil(np.log(1 - self._random.random(size)) / np.log1p(-np.minimum(chance, 1 - 1e-12)))
        count = np.where(alive, np.minimum(would, np.maximum(stops, 1)), 0)
        return Drawn(count, self._spend(count, paid_days, mean))

    def _spend(self, count: Floats, paid_days: Floats, mean: Floats) -> Floats:
        p, q, gamma = (column[None, :] for column in self._prices.T)
        seen = paid_days[:, None]
        scale = self._random.gamma(p * seen + q, 1.0, count.shape) / (gamma + seen * mean[:, None])
        paid = self._random.gamma(np.maximum(p * count, _LEAST_CHANCE)) / scale
        return np.where(count > 0, paid, 0.0)


def bounds_of(drawn: Floats) -> Floats:
    """Return float64[2, n]: between these lie 95 of 100 draws.

    Where nothing at all is likelier than 2.5 %, the interval begins at 0 and all of the 5 % are above it.
    """
    places = np.sort(drawn, axis=1)
    last = places.shape[1] - 1
    middle = places[:, (round(_LOW * last), round(_HIGH * last))]
    none = places[:, round(_LOW * last)] <= 0
    return np.where(none, np.stack((np.zeros(len(places)), places[:, round(_WHOLE * last)])), middle.T)


def _parameters(random: np.random.Generator, at: Floats, covariance: Floats) -> Floats:
    """Return float64[DRAWS, n]: parameters as likely as the books make them, by the curvature at the top."""
    return np.asarray(np.exp(random.multivariate_normal(np.log(at), covariance, DRAWS, method="eigh")))


def _alive(visits: Visits, r: Floats, alpha: Floats, a: Floats, b: Floats) -> Floats:
    """Return float64[n, draws]: P(alive) of BG/NBD under each draw's parameters."""
    x, age, last = visits.repeats[:, None], visits.age[:, None], visits.last[:, None]
    odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * (np.log(alpha + age) - np.log(alpha + last))
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)
