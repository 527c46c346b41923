"""Rhythm: is somebody late by their own habits, or gone? A weekly customer is missed after three weeks.

The time between two visits is gamma(k, k nu): k says how regular a customer is (1: at random, 16: like a
clock), nu how often they come, spread between customers as gamma(q, beta). After each visit they stop for
ever with a chance of their own, spread as beta(a, b). That is the MBG/CNBD-k model of Platzer & Reutterer
(2016), "Ticking Away the Moments", Marketing Science 35(5), with k of each customer's own: a mixture over
`SHAPES`, as Wheat & Morrison (1990) found that regularity differs between people. And now and then people
have a holiday or are ill, however regular they are: one time in fifty the time away is that of a break.
"""

import numpy as np
from msgspec import Struct
from scipy.optimize import minimize
from scipy.special import betainc, betaln, gammaln, logsumexp

from shopbell.loyalty.reckoning.fitting import Floats, Rows

SHAPES = np.array([1.0, 2.5, 7.0, 20.0])
"""How regular customers may be."""
_SAMPLE = 2_000
"""Customers that the model is fitted on; the few numbers of it need no more."""
_START = (0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0)
_BOUND = 9.0
_TINY = 1e-12
_BREAKS, _BREAK_DAYS = 0.02, 30.0
"""How often a time between visits is a break, and how long one is on average: about what a weekly customer
with a holiday a year has. Without it whoever comes like a clock is given up in the first week of one."""


class Gaps(Struct, frozen=True):
    """The times between visits, of customers: float64[n] each, in days."""

    count: Floats
    total: Floats
    """From the first visit to the last."""
    logs: Floats
    """Sum of the logarithms of the times."""
    since: Floats
    """From the last visit to the end of the observation."""

    def __len__(self) -> int:
        return len(self.count)

    def take(self, rows: Rows) -> "Gaps":
        """Return some of the customers."""
        return Gaps(self.count[rows], self.total[rows], self.logs[rows], self.since[rows])


class Rhythm(Struct, frozen=True, kw_only=True):
    """A fitted model; beta is in days."""

    q: float
    beta: float
    a: float
    b: float
    shares: Floats
    """float64[len(SHAPES)]: how many customers are so regular."""
    log_likelihood: float

    def judged(self, gaps: Gaps, days: float) -> "Judged":
        """Return what the rhythm says of each, looking ahead so many days."""
        weights = self._weights(gaps)
        parts = self._parts(gaps)
        here = _still(parts, gaps.since)
        later = _still(parts, gaps.since + days)
        odds = self.a / (self.b + gaps.count)  # of having stopped, against coming again
        alive_each = here / np.maximum(here + odds, _TINY)
        share = 1 - later / np.maximum(here, _TINY)
        return Judged(
            alive=np.sum(weights * alive_each, axis=0),
            returns=np.sum(weights * alive_each * np.clip(share, 0, 1), axis=0),
            patience=np.sum(self._own(gaps) * here, axis=0),
        )

    def usual_at(self, gaps: Gaps, days: Floats) -> Floats:
        """Return float64[n]: the chance that a time between visits is longer; breaks aside."""
        return np.asarray(np.sum(self._own(gaps) * _usual(self._parts(gaps), days), axis=0))

    def _own(self, gaps: Gaps) -> Floats:
        """Return how regular each is by the times between visits alone, without how long they are away."""
        own = np.log(np.maximum(self.shares, _TINY))[:, None] + _likelihood(self._parts(gaps), gaps)
        return np.asarray(np.exp(own - logsumexp(own, axis=0)))

    def _weights(self, gaps: Gaps) -> Floats:
        found = _joint(np.log(np.maximum(self.shares, _TINY)), self._parts(gaps), self.a, self.b, gaps)
        return np.asarray(np.exp(found - logsumexp(found, axis=0)))

    def _parts(self, gaps: Gaps) -> "_Parts":
        return _parts(self.q, self.beta, gaps, _BREAK_DAYS)


class Judged(Struct, frozen=True):
    """What the rhythm says: float64[n] each."""

    alive: Floats
    """Chance not to have stopped."""
    returns: Floats
    """Chance to come within the days asked for."""
    patience: Floats
    """Chance that a time between visits is as long as the one now, by the own rhythm."""


class _Parts(Struct, frozen=True):
    """Of each shape and customer: the rate is gamma(`shape`, `scale`) given the times seen."""

    q: float
    beta: float
    shape: Floats
    scale: Floats
    pause: float
    """Length of a break, in the unit of the times."""


def fit_rhythm(gaps: Gaps) -> Rhythm:
    """Return the model of greatest likelihood, of every so manieth customer when there are many."""
    part = gaps.take(slice(None, None, -(-len(gaps) // _SAMPLE)))
    unit = float(np.median((gaps.total / np.maximum(gaps.count, 1))[gaps.count > 0]))
    part = Gaps(part.count, part.total / unit, part.logs - part.count * np.log(unit), part.since / unit)

    def down(at: Floats) -> float:
        q, beta, a, b = np.exp(at[:4])
        shares = np.append(at[4:], 0.0)
        shares = shares - logsumexp(shares)
        return -float(
            logsumexp(_joint(shares, _parts(q, beta, part, _BREAK_DAYS / unit), a, b, part), axis=0).sum()
        )

    found = minimize(down, _START, method="SLSQP", bounds=[(-_BOUND, _BOUND)] * len(_START))
    q, beta, a, b = (float(value) for value in np.exp(found.x[:4]))
    shares = np.append(found.x[4:], 0.0)
    return Rhythm(
        q=q,
        beta=beta * unit,
        a=a,
        b=b,
        shares=np.asarray(np.exp(shares - logsumexp(shares))),
        log_likelihood=-float(found.fun) - float(part.count.sum()) * float(np.log(unit)),
    )


def _parts(q: float, beta: float, gaps: Gaps, pause: float) -> _Parts:
    k = SHAPES[:, None]
    return _Parts(q, beta, q + k * gaps.count, beta + k * gaps.total, pause)


def _likelihood(parts: _Parts, gaps: Gaps) -> Floats:
    """Return float64[shapes, n]: the logarithm of the likelihood of the times between visits."""
    k = SHAPES[:, None]
    own = gaps.count * (k * np.log(k) - gammaln(k)) + (k - 1) * gaps.logs
    rate = parts.q * np.log(parts.beta) - gammaln(parts.q)
    return np.asarray(own + rate + gammaln(parts.shape) - parts.shape * np.log(parts.scale))


def _still(parts: _Parts, since: Floats) -> Floats:
    """Return float64[shapes, n]: the chance that a time between visits is longer than `since`."""
    return np.asarray((1 - _BREAKS) * _usual(parts, since) + _BREAKS * np.exp(-since / parts.pause))


def _usual(parts: _Parts, since: Floats) -> Floats:
    """Return the same where it is no break."""
    k = SHAPES[:, None]
    return np.asarray(betainc(parts.shape, k, parts.scale / (parts.scale + k * since)))


def _joint(shares: Floats, parts: _Parts, a: float, b: float, gaps: Gaps) -> Floats:
    """Return float64[shapes, n]: the logarithm of share times likelihood, stopped or not."""
    here = betaln(a, b + gaps.count + 1) + np.log(np.maximum(_still(parts, gaps.since), 1e-300))
    stay = np.logaddexp(here, betaln(a + 1, b + gaps.count)) - betaln(a, b)
    return np.asarray(shares[:, None] + _likelihood(parts, gaps) + stay)
