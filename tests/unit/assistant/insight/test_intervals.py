"""Intervals beside numbers from books and papers."""

import random

import pytest

from shopbell.assistant.insight.intervals import (
    difference,
    mean_span,
    quantile_span,
    ratio_span,
    sum_span,
    wilson,
)


def test_a_share_has_wilsons_interval() -> None:
    """Seven of ten: 0.397 to 0.892."""
    assert wilson(7, 10) == pytest.approx((0.3968, 0.8922), abs=5e-5)


def test_a_mean_has_students_interval() -> None:
    """Of 1 to 5: 3 plus or minus 2.776 x 1.581 / sqrt(5)."""
    assert mean_span([1, 2, 3, 4, 5]) == pytest.approx((1.0368, 4.9632), abs=5e-5)
    assert mean_span([3]) == (None, None)


def test_a_median_lies_between_ordered_values() -> None:
    """Of ten values, between the second and the ninth (Conover's table)."""
    value, span = quantile_span(list(range(1, 11)), 50)
    assert value == 5
    assert span == (2, 9)


def test_a_tail_of_few_values_has_no_upper_end() -> None:
    """The 95th percentile of twenty values may lie beyond all of them."""
    assert quantile_span(list(range(20)), 95)[1][1] is None
    assert quantile_span(list(range(100)), 95)[1][1] is not None


def test_two_shares_differ_as_newcombe_says() -> None:
    """56 of 70 beside 48 of 80: 0.2, from 0.0524 to 0.3339 (Newcombe 1998, table II, a)."""
    assert difference((56, 70), (48, 80)) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_sums_and_ratios_are_drawn_and_near_the_normal_limit() -> None:
    """The bootstrap of 400 rows and its limit at 401 say nearly the same; the same seed says the same."""
    drawn = random.Random(1)
    values = [drawn.uniform(0, 10) for _ in range(401)]
    ones = [1.0] * 401
    assert sum_span(values[:400]) == sum_span(values[:400])
    few, many = ratio_span(values[:400], ones[:400]), ratio_span(values, ones)
    assert few == pytest.approx(many, abs=0.1)
    assert sum_span([1.0]) == (None, None)


def test_intervals_cover() -> None:
    """Of 400 samples of thirty, the interval of a ratio holds the truth about as often as it says."""
    drawn = random.Random(7)
    held = 0
    for _ in range(400):
        tops, bottoms = [], []
        for _ in range(30):
            bottom = drawn.uniform(1, 3)
            bottoms.append(bottom)
            tops.append(bottom * drawn.choice((0.0, 1.0)))
        low, high = ratio_span(tops, bottoms)
        held += low is not None and high is not None and low <= 0.5 <= high
    assert 0.90 <= held / 400 <= 0.99
