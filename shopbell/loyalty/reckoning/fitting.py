"""Fitting: the top of a log-likelihood, and how far each parameter may lie from it.

Parameters are all above zero and are searched by their logarithm, which keeps them there.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy.optimize import brentq, minimize

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rows = slice | npt.NDArray[np.int64]
"""Some customers, by their positions."""
Score = Callable[[Floats], tuple[float, Floats]]
"""Parameters -> log-likelihood, and its derivative by each of them."""
_LEAST, _MOST = -12.0, 12.0
"""Logarithms of the smallest and the greatest parameter."""
_DROP = 1.920729
"""Half the 95 % point of chi-square with one degree of freedom."""
_STEPS = 60


class Top(Struct, frozen=True):
    """Where the likelihood is greatest."""

    at: Floats
    """The parameters."""
    log_likelihood: float


def climb(score: Score, starts: Sequence[Sequence[float]], rough: Score | None = None) -> Top:
    """Return the best top that is found from these starts.

    With `rough`, the score of a few customers, the starts are tried on those, and only the best goes on.
    """
    if rough is not None:
        starts = [tuple(climb(rough, starts).at)]
    tops = [_climb(score, np.log(np.asarray(start, float))) for start in starts]
    return max(tops, key=lambda top: top.log_likelihood)


def profile(score: Score, top: Top, index: int) -> tuple[float, float]:
    """Return the 95 % interval of one parameter: where its profile falls by half of chi-square's 3.84.

    Venzon & Moolgavkar (1988), "A method for computing profile-likelihood-based confidence intervals".
    """
    best = float(np.log(top.at[index]))
    step = 2 * float(np.sqrt(spread(score, top)[index, index]))
    return (
        _edge(score, top, index, best, _LEAST, -step),
        _edge(score, top, index, best, _MOST, step),
    )


def spread(score: Score, top: Top) -> Floats:
    """Return the covariance of the parameters' logarithms at the top, from the curvature there.

    A direction in which the likelihood is flat is given a standard deviation of 2 at most.
    """
    at = np.log(top.at)
    step = 1e-4
    rows = [
        (_by_log(score, at + step * one)[1] - _by_log(score, at - step * one)[1]) / (2 * step)
        for one in np.eye(len(at))
    ]
    curve = -np.asarray(rows)
    values, vectors = np.linalg.eigh((curve + curve.T) / 2)
    return np.asarray((vectors / np.maximum(values, 0.25)) @ vectors.T)


def _climb(score: Score, start: Floats) -> Top:
    size = max(1.0, abs(_by_log(score, start)[0]))  # so that the tolerance is one of the part, not of the sum

    def down(at: Floats) -> tuple[float, Floats]:
        value, slope = _by_log(score, at)
        return -value / size, -slope / size

    found = minimize(
        down,
        start,
        jac=True,
        method="SLSQP",  # L-BFGS-B waits for threads at each of its steps on a busy machine
        bounds=[(_LEAST, _MOST)] * len(start),
        options={"maxiter": 500, "ftol": 1e-13},
    )
    return Top(np.exp(np.asarray(found.x)), -float(found.fun) * size)


def _by_log(score: Score, at: Floats) -> tuple[float, Floats]:
    value, slope = score(np.exp(at))
    return value, slope * np.exp(at)


def _edge(score: Score, top: Top, index: int, best: float, limit: float, step: float) -> float:
    """Walk from the top towards `limit` until the profile has fallen enough, then close in."""
    rest = np.delete(np.log(top.at), index)

    def short(value: float) -> float:
        nonlocal rest

        def others(at: Floats) -> tuple[float, Floats]:
            whole = np.insert(at, index, value)
            height, slope = _by_log(score, whole)
            return -height, -np.delete(slope, index)

        found = minimize(others, rest, jac=True, method="SLSQP", bounds=[(_LEAST, _MOST)] * len(rest))
        rest = np.asarray(found.x)
        return float(top.log_likelihood + found.fun - _DROP)

    near = best
    for _ in range(_STEPS):
        far = near + step
        if abs(far - best) >= abs(limit - best):
            return float(np.exp(limit))
        if short(far) > 0:
            return float(np.exp(brentq(short, near, far, xtol=3e-3)))
        near = far
    return float(np.exp(limit))
