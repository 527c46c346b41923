import numpy as np
import pytest

from shopbell.knowledge.calibration import (
    FEWEST,
    SIGNALS,
    Calibration,
    Sample,
    calibrate,
    fit,
    none_below,
    signals_of,
    sure_from,
)
from shopbell.knowledge.fusion import FIELDS, Evidence
from shopbell.knowledge.passage import Outcome
from shopbell.knowledge.weights import FIRST, NONE, SURE

STRONG = (1.0, 1.4, 2.0, 0.9, 1.0, 1.0, 0.7)
WEAK = (1.0, 0.2, 0.0, 0.1, 0.0, 0.0, 0.05)


def samples(count: int) -> list[Sample]:
    """Strong searches that are right and weak ones that are not, with some noise."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(count):
        good = number % 2 == 0
        signals = np.array(STRONG if good else WEAK) * rng.uniform(0.8, 1.0, len(SIGNALS))
        made.append(Sample((1.0, *signals[1:].tolist()), first=good, about=good, answerable=good))
    return made


def test_a_shop_with_few_questions_keeps_the_prior() -> None:
    """Below the fewest questions nothing is learnt and the prior's thresholds stand."""
    learnt = calibrate(samples(2 * FEWEST - 2), "key")
    assert learnt == Calibration(key="key", questions=FEWEST - 1)
    assert (learnt.sure, learnt.none, learnt.first) == (SURE, NONE, FIRST)


def test_learns_to_tell_good_from_poor() -> None:
    """Strong searches become sure and hopeless ones none."""
    learnt = calibrate(samples(200), "key")
    assert learnt.judge(STRONG) is Outcome.SURE
    assert learnt.judge(WEAK) is Outcome.NONE
    assert learnt.confidence(STRONG) > 0.9
    assert learnt.confidence(WEAK) < 0.1


def test_questions_whose_answer_is_not_found_make_nothing_known() -> None:
    """However many of them a shop has: what is called unknown depends on those whose answer was found."""
    lost = Sample((1.0, *[0.0] * (len(SIGNALS) - 1)), first=False, about=False, answerable=True)
    assert calibrate([*samples(200), *[lost] * 60], "key").none > 0.2


def test_more_of_a_signal_never_lowers_confidence() -> None:
    """Even where a shop's own questions suggest it, no signal speaks against a match."""
    table = np.array([[1.0, 0.9], [1.0, 0.8], [1.0, 0.1], [1.0, 0.2]] * 20)
    found = fit(table, np.array([False, False, True, True] * 20), np.ones(80), np.array([0.0, 1.0]))
    assert found[1] == 0.0


def test_a_fit_settles_where_no_small_change_is_better() -> None:
    """On signals that say much the same, the slope at what is found is nothing."""
    rng = np.random.default_rng(36)
    base = rng.random((400, 1))
    noise = 0.1 * rng.normal(size=(400, 5)) * rng.uniform(0.2, 2.0, 5)
    table = np.column_stack([np.ones(400), base + noise])
    right = rng.random(400) < 1 / (1 + np.exp(-6 * (base[:, 0] - 0.6)))
    weights = np.full(400, 20.0)
    found = fit(table, right, weights, np.zeros(6))
    slope = table.T @ (weights * (1 / (1 + np.exp(-table @ found)) - right)) + 2.0 * found
    assert np.abs(slope[found != 0]).max() < 1e-3 * weights.sum()
    assert (slope[found == 0] > 0).all()


def test_sure_begins_where_answers_are_right_often_enough() -> None:
    """The threshold is the lowest probability above which nearly all are right."""
    chance = np.array([0.9] * 50 + [0.7] * 50 + [0.5] * 50)
    right = np.array([True] * 50 + [True] * 48 + [False] * 52)
    assert sure_from(chance, right, np.ones(150)) == pytest.approx(0.7)


def test_none_spares_what_can_be_answered() -> None:
    """Nearly no question with an answer falls under the threshold."""
    known = np.linspace(0.0, 1.0, 1001)
    found = known > 0.2
    threshold = none_below(known, found)
    assert (known[found] < threshold).mean() <= 0.01


def test_an_empty_index_has_no_signals() -> None:
    """Without passages every signal but the constant is nothing."""
    empty = Evidence(np.zeros((0, len(FIELDS)), dtype=np.float32), np.zeros(0, dtype=np.float32), 0.0)
    assert signals_of(empty) == (1.0,) + (0.0,) * (len(SIGNALS) - 1)


def test_one_passage_alone_has_signals() -> None:
    """A shop with a single passage can still be judged."""
    alone = Evidence(np.ones((1, len(FIELDS)), dtype=np.float32), np.ones(1, dtype=np.float32), 0.0)
    assert np.isfinite(signals_of(alone)).all()
