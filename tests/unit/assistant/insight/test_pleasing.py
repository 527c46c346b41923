"""Satisfaction, counted by hand, and silent where there are too few."""

import pytest

from shopbell.assistant.insight.counting import Counted
from shopbell.assistant.insight.pleasing import Score, pleasing, recommending
from shopbell.assistant.insight.talks import Talk
from tests.fakes.talks import FIVE, NOW, part, talk


def counted(talks: list[Talk], scores: tuple[int, ...] = ()) -> dict[str, Counted]:
    votes = [Score(customer=f"c{n}", at=NOW, score=score) for n, score in enumerate(scores)]
    return {one.figure.id: one for one in pleasing(talks, votes, FIVE)}


def test_the_assistant_stands_beside_the_staff() -> None:
    """Four of five were satisfied with the assistant, three of five with the staff; no stars do not count."""
    talks = [talk(n, stars=stars) for n, stars in enumerate((5, 5, 4, 4, 1))]
    talks += [talk(10 + n, stars=stars, staffed=True) for n, stars in enumerate((5, 5, 4, 3, 2))]
    found = counted([*talks, talk(20)])
    assert found["csat"].figure.whole.value == 0.7
    assert part(found["csat"], "assistant").value == 0.8
    assert part(found["csat"], "staff").value == 0.6
    assert part(found["stars"], "assistant").value == pytest.approx(3.8)
    assert found["stars"].figure.whole.value == pytest.approx(3.8)


def test_nps_is_promoters_less_detractors() -> None:
    """Five of ten promote, two detract: +30, and the interval is that of +1, 0 and -1."""
    nps = counted([], (10, 10, 9, 9, 9, 8, 7, 7, 6, 0))["nps"].figure.whole
    assert nps.value == pytest.approx(30)
    assert nps.text == "+30"
    assert (nps.low, nps.high) == pytest.approx((-28.9, 88.9), abs=0.1)
    assert recommending([10, 0]) == 0


def test_the_last_answer_of_a_customer_counts() -> None:
    """Who said 0 and later 10 is a promoter."""
    votes = [Score(customer=f"c{n}", at=NOW, score=0) for n in range(5)]
    votes += [Score(customer=f"c{n}", at=NOW, score=10) for n in range(5)]
    whole = {one.figure.id: one for one in pleasing([], votes, FIVE)}["nps"].figure.whole
    assert (whole.value, whole.n) == (100, 5)


@pytest.mark.parametrize("figure", ["csat", "stars", "nps"])
def test_a_figure_of_too_few_says_nothing(figure: str) -> None:
    """Three answers are too few."""
    talks = [talk(n, stars=5) for n in range(3)]
    whole = counted(talks, (10, 10, 10))[figure].figure.whole
    assert whole.value is None
    assert whole.silent == "too few: 3 of 5"
