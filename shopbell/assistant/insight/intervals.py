"""Intervals of 95 %: of means, quantiles and sums. That of a share is Wilson's, in `privacy.bias`. Pure."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt
from scipy import special

from shopbell.assistant.numbers import percentile
from shopbell.assistant.privacy.bias import wilson

SURE = 0.95
DRAWS = 1_000
"""Of a bootstrap."""
MOST_DRAWN = 400
"""Beyond so many the bootstrap's limit is as good, and quicker."""
Column = npt.NDArray[np.float64]
Span = tuple[float | None, float | None]
"""Low and high; None where there is no end."""

__all__ = ["difference", "mean_span", "quantile_span", "ratio_span", "sum_span", "wilson"]


def mean_span(values: Sequence[float]) -> Span:
    """Return Student's t interval of a mean; open for fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        return None, None
    half = float(special.stdtrit(len(values) - 1, (1 + SURE) / 2)) * stdev(values) / sqrt(len(values))
    mean = fmean(values)
    return mean - half, mean + half


def quantile_span(values: Sequence[float], share: float) -> tuple[float, Span]:
    """Return the nearest-rank percentile and its interval by order statistics; `share` from 0 to 100.

    Conover, Practical Nonparametric Statistics (1999), 3.2: ranks whose binomial tails are at most 2.5 %.
    """
    ordered, n = sorted(values), len(values)
    part, tail = share / 100, (1 - SURE) / 2
    below = special.bdtr(np.arange(n + 1), n, part)
    low = int(np.searchsorted(below, tail, side="right")) - 1  # P(X <= low) <= tail
    high = int(np.searchsorted(below, 1 - tail))  # P(X <= high) >= 1 - tail
    return percentile(values, share), (
        ordered[low] if low >= 0 else None,
        ordered[high] if high < n else None,
    )


def sum_span(values: Sequence[float], seed: int = 1) -> Span:
    """Return the interval of a sum, by drawing its parts with replacement (percentile bootstrap)."""
    if len(values) < 2:  # noqa: PLR2004 - nothing to draw from
        return None, None
    return _drawn(np.asarray(values, dtype=float), np.ones(len(values)), seed, total=True)


def ratio_span(tops: Sequence[float], bottoms: Sequence[float], seed: int = 1) -> Span:
    """Return the interval of sum(tops) / sum(bottoms), drawing the pairs together (percentile bootstrap)."""
    if len(tops) < 2:  # noqa: PLR2004 - nothing to draw from
        return None, None
    return _drawn(np.asarray(tops, dtype=float), np.asarray(bottoms, dtype=float), seed, total=False)


def difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float]:
    """Return the difference of two shares (hits, of) and Newcombe's interval (1998, method 10)."""
    (hits, of), (hits2, of2) = one, other
    share, share2 = hits / of, hits2 / of2
    (low, high), (low2, high2) = wilson(hits, of), wilson(hits2, of2)
    gap = share - share2
    return (
        gap,
        gap - sqrt((share - low) ** 2 + (high2 - share2) ** 2),
        gap + sqrt((high - share) ** 2 + (share2 - low2) ** 2),
    )


def _drawn(tops: Column, bottoms: Column, seed: int, *, total: bool) -> Span:
    n = len(tops)
    if n > MOST_DRAWN:
        return _linear(tops, bottoms, total=total)
    # A resample is the counts of a multinomial: the same draws, without an array of every draw's rows.
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS)
    found = counts @ tops if total else (counts @ tops) / np.maximum(counts @ bottoms, 1e-12)
    low, high = np.quantile(found, [(1 - SURE) / 2, (1 + SURE) / 2])
    return float(low), float(high)


def _linear(tops: Column, bottoms: Column, *, total: bool) -> Span:
    """Return what the bootstrap comes to where there are many: the normal interval of the residuals."""
    n, z = len(tops), float(special.ndtri((1 + SURE) / 2))
    if total:
        half = z * sqrt(n) * float(tops.std(ddof=1))
        return float(tops.sum()) - half, float(tops.sum()) + half
    ratio = float(tops.sum() / bottoms.sum())
    half = z * float((tops - ratio * bottoms).std(ddof=1)) * sqrt(n) / float(bottoms.sum())
    return ratio - half, ratio + half
