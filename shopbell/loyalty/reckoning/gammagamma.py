"""Gamma-Gamma: what a customer pays at a visit, from the mean of few visits.

Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value; after Fader, Hardie & Lee (2005), "RFM and
CLV", Journal of Marketing Research 42(4). What is paid at a visit is gamma(p, nu), and nu differs between
customers as gamma(q, gamma). How much is paid is taken not to depend on how often.
"""

import numpy as np
from msgspec import Struct
from scipy.special import gammaln, psi

from shopbell.loyalty.reckoning.fitting import Floats, climb, profile, spread

NAMES = ("p", "q", "gamma")
_STARTS = ((1.0, 2.0, 1.0), (5.0, 4.0, 0.5), (2.0, 10.0, 5.0))
_SAMPLE = 12_000
_FEW = 4_000
"""Customers that starts are tried on."""


class GammaGamma(Struct, frozen=True, kw_only=True):
    """A fitted model; gamma is in the unit of the money it was fitted on."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    covariance: Floats
    """float64[3, 3] of the parameters' logarithms, in the order of `NAMES`."""

    @property
    def parameters(self) -> Floats:
        """Return float64[3] in the order of `NAMES`."""
        return np.array([self.p, self.q, self.gamma])

    def expected(self, count: Floats, mean: Floats) -> Floats:
        """Return float64[n]: what each pays at a visit, on average; formula (5) of the note.

        `count` and `mean` are of the visits known; 0 visits give the mean of all.
        """
        weight = self.p * count + self.q - 1
        return (self.gamma * self.p + self.p * count * mean) / np.maximum(weight, 1e-9)


def fit_spending(count: Floats, mean: Floats) -> GammaGamma:
    """Return the model of greatest likelihood, of customers with one visit or more and a mean above zero."""
    scale = float(np.median(mean)) or 1.0
    part = mean / scale
    every = slice(None, None, -(-len(count) // _FEW))
    rough = (lambda at: _score(at, count[every], part[every])) if len(count) > _FEW else None
    top = climb(lambda at: _score(at, count, part), _STARTS, rough)
    p, q, gamma = (float(value) for value in top.at)
    return GammaGamma(
        p=p,
        q=q,
        gamma=gamma * scale,
        log_likelihood=float(top.log_likelihood - len(mean) * np.log(scale)),
        covariance=spread(lambda at: _score(at, count, part), top),
    )


def intervals(model: GammaGamma, count: Floats, mean: Floats) -> tuple[tuple[float, float], ...]:
    """Return the 95 % interval of each parameter by its profile, of 12,000 customers at most."""
    step = -(-len(count) // _SAMPLE)
    scale = float(np.median(mean)) or 1.0
    few, part = count[::step], mean[::step] / scale
    start = model.parameters / np.array([1, 1, scale])
    top = climb(lambda at: _score(at, few, part), [tuple(start)])
    found = [profile(lambda at: _score(at, few, part), top, index) for index in range(len(NAMES))]
    return tuple(
        (low * (scale if n == 2 else 1), high * (scale if n == 2 else 1))  # noqa: PLR2004 - gamma, the third
        for n, (low, high) in enumerate(found)
    )


def _score(at: Floats, count: Floats, mean: Floats) -> tuple[float, Floats]:
    p, q, gamma = at
    x, total = p * count, count * mean
    both = np.log(gamma + total)
    values = gammaln(x + q) - gammaln(x) - gammaln(q) + q * np.log(gamma)
    values = values + (x - 1) * np.log(mean) + x * np.log(count) - (x + q) * both
    slope = (
        count * (psi(x + q) - psi(x) + np.log(mean) + np.log(count) - both),
        psi(x + q) - psi(q) + np.log(gamma) - both,
        q / gamma - (x + q) / (gamma + total),
    )
    return float(values.sum()), np.array([float(each.sum()) for each in slope])
