"""Blending: the order of passages for a message that asks several things."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.blending import blend
from shopbell.knowledge.lexical import Scores


def scores(*values: float) -> Scores:
    """Return the scores of some passages."""
    return np.array(values, dtype=np.float32)


def test_one_question_is_ordered_by_its_scores() -> None:
    assert blend([scores(1.0, 3.0, 2.0)]).tolist() == [1, 2, 0]


def test_each_part_has_its_best_in_front() -> None:
    whole, bread, rye = scores(3.0, 2.0, 1.0, 0.0), scores(0.0, 9.0, 0.0, 0.0), scores(0.0, 0.0, 0.0, 9.0)
    assert set(blend([whole, bread, rye])[:3].tolist()) == {0, 1, 3}


def test_a_part_that_tells_little_gives_way_to_what_the_whole_message_knows() -> None:
    whole, clear, vague = scores(9.0, 8.5, 0.0, 0.0), scores(9.0, 0.0, 0.0, 0.0), scores(0.0, 0.0, 0.3, 0.0)
    assert blend([whole, clear, vague])[:2].tolist() == [0, 1]


@given(st.lists(st.lists(st.floats(-50, 50, width=32), min_size=4, max_size=4), min_size=1, max_size=4))
def test_every_passage_is_there_once_and_the_whole_messages_best_is_first(looks: list[list[float]]) -> None:
    order = blend([scores(*look) for look in looks])
    assert sorted(order.tolist()) == [0, 1, 2, 3]
    assert looks[0][order[0]] == max(looks[0])
