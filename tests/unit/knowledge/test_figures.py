import math

import pytest

from shopbell.knowledge.figures import Figures, best_of, figures, refusals, verbatim


def test_measures_ranked_lists() -> None:
    """Hits, recall, reciprocal rank and discounted gain are means over questions."""
    found = [["a", "b", "c"], ["x", "y", "a"], ["z"]]
    result = figures("one", found, [["a"], ["a", "b"], ["q"]])
    assert result.hit_1 == pytest.approx(1 / 3)
    assert result.hit_3 == result.hit_5 == pytest.approx(2 / 3)
    assert result.recall_10 == pytest.approx((1.0 + 0.5 + 0.0) / 3)
    assert result.mrr == pytest.approx((1.0 + 1 / 3 + 0.0) / 3)
    second = (1 / math.log2(4)) / (1 / math.log2(2) + 1 / math.log2(3))
    assert result.ndcg_10 == pytest.approx((1.0 + second) / 3)


def test_no_questions_are_all_nought() -> None:
    """Without a question every figure is nought, not a fault."""
    assert figures("none", [], []) == Figures("none", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_counts_refusals() -> None:
    """Precision is of the refused, recall of the unanswerable; without any there is no figure."""
    result = refusals([True, True, False, False], [False, True, False, True])
    assert (result.precision, result.recall, result.false_refusals) == (0.5, 0.5, 0.5)
    assert refusals([False], [True]).precision is None
    assert refusals([False], [True]).recall is None


def test_the_best_variant_is_by_hit_1() -> None:
    """Of an engine's variants the better one stands for it."""
    low, high = figures("bm25 title", [["b"]], [["a"]]), figures("bm25 title+text", [["a"]], [["a"]])
    assert best_of((low, high), "bm25") == high


def test_counts_what_is_given_verbatim() -> None:
    """Precision is over what was sure; with nothing sure there is none."""
    result = verbatim([True, True, False, False], [True, False, True, False])
    assert (result.given, result.share, result.precision) == (2, 0.5, 0.5)
    assert verbatim([False], [True]).precision is None
    assert verbatim([], []).share is None
