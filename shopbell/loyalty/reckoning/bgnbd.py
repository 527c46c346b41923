"""BG/NBD: how often customers come and when they stop, from three numbers of each.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
Marketing Science 24(2). While alive a customer buys at a rate of their own, spread as gamma(r, alpha); after
each purchase they stop for ever with a chance of their own, spread as beta(a, b).
"""

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from scipy.special import betaincinv, betaln, gammaln, hyp2f1, psi

from shopbell.loyalty.reckoning.fitting import Floats, Rows, climb, profile, spread

NAMES = ("r", "alpha", "a", "b")
_STARTS = ((0.5, 0.5, 0.5, 2.5), (1.0, 0.2, 0.2, 5.0), (3.0, 0.3, 1.0, 10.0))
_FEW = 4_000
"""Customers that starts are tried on."""
_SAMPLE = 12_000
"""Customers that profiles are drawn from: with more, the intervals are narrow beyond use."""
_NUDGE = 1e-5
_STIFF = 60.0
"""Parameters above which 2F1 is not computed."""
_POINTS = 48


class Visits(Struct, frozen=True):
    """What is known of customers: float64[n] each, times in days since the first purchase."""

    repeats: Floats
    """Purchases after the first."""
    last: Floats
    """Time of the last one; 0 without repeats."""
    age: Floats
    """Time until the end of the observation."""

    def __len__(self) -> int:
        return len(self.repeats)

    def take(self, rows: Rows) -> "Visits":
        """Return some of the customers."""
        return Visits(self.repeats[rows], self.last[rows], self.age[rows])


class BgNbd(Struct, frozen=True, kw_only=True):
    """A fitted model; alpha is in days."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Floats
    """float64[4, 4] of the parameters' logarithms, in the order of `NAMES`."""

    @property
    def parameters(self) -> Floats:
        """Return float64[4] in the order of `NAMES`."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def log_likelihoods(self, visits: Visits) -> Floats:
        """Return float64[n]: the logarithm of each customer's likelihood."""
        return _terms(self.parameters, visits)[0]

    def alive(self, visits: Visits) -> Floats:
        """Return float64[n]: the chance of each not to have stopped; 1 for who never came again.

        Fader & Hardie (2008), Computing P(alive) Using the BG/NBD Model, written with logarithms.
        """
        x = visits.repeats
        gone = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        gone = gone + (self.r + x) * (np.log(self.alpha + visits.age) - np.log(self.alpha + visits.last))
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(gone, 700))), 1.0)

    def expected(self, visits: Visits, days: float) -> Floats:
        """Return float64[n]: purchases to expect of each within so many days after the observation.

        Formula (10) of the paper. By Euler's transformation of 2F1 the large numbers r + x and b + x cancel:
        (1-z)^(r+x) F(r+x, b+x; c; z) = (1-z)^(a-1) F(a+b-1-r, a-1; c; z), with c = a+b+x-1.
        """
        a, b = _off_pole(self.a, self.a + self.b - 1), self.b
        if max(self.r, self.a, self.b) > _STIFF:
            return self._averaged(visits, days)
        c = a + b + visits.repeats - 1
        z = days / (self.alpha + visits.age + days)
        rest = np.exp((a - 1) * np.log1p(-z)) * hyp2f1(a + b - 1 - self.r, a - 1, c, z)
        return np.asarray(np.maximum(c / (a - 1) * (1 - rest), 0.0) * self.alive(visits))

    def _averaged(self, visits: Visits, days: float) -> Floats:
        """Return the same where customers hardly differ and 2F1 has no digits left.

        Alive, with a chance p to stop, (1 - ((alpha+T) / (alpha+T+p days))^(r+x)) / p purchases are expected;
        this is averaged over the beta of p, at as many quantiles as Gauss and Legendre have points.
        """
        nodes, weights = np.polynomial.legendre.leggauss(_POINTS)
        counts, where = np.unique(visits.repeats, return_inverse=True)
        chances = np.maximum(betaincinv(self.a, self.b + counts[:, None], (nodes + 1) / 2), 1e-12)
        found = np.zeros(len(visits))
        span = days / (self.alpha + visits.age)
        for weight, chance in zip(weights / 2, chances.T, strict=True):
            p = chance[where]
            found += weight * -np.expm1(-(self.r + visits.repeats) * np.log1p(p * span)) / p
        return found * self.alive(visits)

    def returns(self, visits: Visits, days: float) -> Floats:
        """Return float64[n]: the chance of at least one purchase within so many days.

        Alive, a customer's rate is gamma(r + x, alpha + T): 1 - ((alpha+T) / (alpha+T+days))^(r+x). Unlike
        P(alive) it does not take who bought once, long ago, for a sure customer.
        """
        fade = np.log1p(days / (self.alpha + visits.age))
        return -np.expm1(-(self.r + visits.repeats) * fade) * self.alive(visits)


def fit_visits(visits: Visits) -> BgNbd:
    """Return the model of greatest likelihood. Times are scaled meanwhile, so that any unit will do."""
    scale = float(np.median(visits.age)) or 1.0
    scaled = _scaled(visits, scale)
    few = scaled.take(slice(None, None, -(-len(visits) // _FEW)))
    rough = (lambda at: _score(at, few)) if len(few) < len(visits) else None
    top = climb(lambda at: _score(at, scaled), _STARTS, rough)
    r, alpha, a, b = (float(value) for value in top.at)
    return BgNbd(
        r=r,
        alpha=alpha * scale,
        a=a,
        b=b,
        log_likelihood=float(top.log_likelihood - np.sum(visits.repeats) * np.log(scale)),
        covariance=spread(lambda at: _score(at, scaled), top),
    )


def intervals(model: BgNbd, visits: Visits) -> tuple[tuple[float, float], ...]:
    """Return the 95 % interval of each parameter by its profile, in the order of `NAMES`.

    Of more than 12,000 customers every so manieth is taken, and the intervals are those of that many.
    """
    step = -(-len(visits) // _SAMPLE)
    scale = float(np.median(visits.age)) or 1.0
    part = _scaled(visits.take(slice(None, None, step)), scale)
    start = model.parameters / np.array([1, scale, 1, 1])
    top = climb(lambda at: _score(at, part), [tuple(start)])
    found = [profile(lambda at: _score(at, part), top, index) for index in range(len(NAMES))]
    return tuple(
        (low * (scale if n == 1 else 1), high * (scale if n == 1 else 1))
        for n, (low, high) in enumerate(found)
    )


def _scaled(visits: Visits, scale: float) -> Visits:
    return Visits(visits.repeats, visits.last / scale, visits.age / scale)


def _off_pole(a: float, c: float) -> float:
    """Step aside where the formula divides nothing by nothing: a = 1, and a + b = 1 for who came once."""
    return a + _NUDGE if abs(a - 1) < _NUDGE or abs(c) < _NUDGE else a


def _by_count(of: Callable[[Floats], Floats], repeats: Floats) -> Floats:
    """Return what a function has for each whole number, computed once for each: many customers share them."""
    return np.asarray(of(np.arange(repeats.max(initial=0) + 1))[repeats.astype(np.intp)])


def _terms(at: Floats, visits: Visits) -> tuple[Floats, Floats]:
    """Return the log-likelihoods, and the share in each of the term in which the customer has stopped."""
    r, alpha, a, b = at
    x = visits.repeats
    front = _by_count(lambda count: gammaln(r + count) + betaln(a, b + count), x)
    front = front - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    here = -(r + x) * np.log(alpha + visits.age)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + visits.last)
    gone = np.where(x > 0, gone, -np.inf)
    both = np.logaddexp(here, gone)
    return front + both, np.exp(gone - both)


def _score(at: Floats, visits: Visits) -> tuple[float, Floats]:
    r, alpha, a, b = at
    x = visits.repeats
    values, gone = _terms(at, visits)
    here = 1 - gone
    late, early = alpha + visits.age, alpha + visits.last
    by_all = psi(a + b) - _by_count(lambda count: psi(a + b + count), x)
    slope = (
        _by_count(lambda count: psi(r + count), x)
        - psi(r)
        + np.log(alpha)
        - here * np.log(late)
        - gone * np.log(early),
        r / alpha - (r + x) * (here / late + gone / early),
        by_all + gone / a,
        by_all + _by_count(lambda count: psi(b + count), x) - psi(b) - gone / (b + np.maximum(x, 1) - 1),
    )
    return float(values.sum()), np.array([float(each.sum()) for each in slope])
