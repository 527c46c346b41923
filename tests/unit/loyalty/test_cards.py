"""Punch cards cannot overfill."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.cards import fill, lapses, unfill
from shopbell.loyalty.programmes import judge
from tests.fakes.programme import line, member, sale, terms

CARD = """
[version.points]
expires = "18 months"
expires_after = "last-purchase"
[[version.rule]]
kind = "stamps"
id = "card"
name = "Coffee card"
size = 9
reward = "coffee"
lapses = "12 months"
when = { categories = ["drinks"] }
[[version.reward]]
id = "coffee"
name = "a free coffee"
worth = 4
valid = "1 month"
"""


def test_the_overflow_opens_the_next_card() -> None:
    """Eight stamps and three coffees: one reward, two stamps on the next card."""
    judgement = judge(sale(line(1, 900, quantity="3")), member(stamps={"card": 8}), terms(CARD))
    assert [(one.unit, one.points) for one in judgement.awards] == [("stamps:card", 3), ("reward:coffee", 1)]
    assert [(one.unit, one.points) for one in judgement.facts.exchanges] == [("stamps:card", 9)]
    assert judgement.standing_after.stamps == {"card": 2}
    reward = judgement.awards[1]
    assert reward.expires_at == datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert reward.why == "Coffee card: 9 stamps fill a card, and a full card is worth: a free coffee."


def test_many_cards_at_once() -> None:
    """Twenty coffees fill two cards."""
    judgement = judge(sale(line(1, 6000, quantity="20")), member(), terms(CARD))
    assert judgement.awards[-1].points == 2
    assert judgement.standing_after.stamps == {"card": 2}


def test_nine_hundred_and_fifty_uses_of_one_card_are_one_hundred_and_five_rewards() -> None:
    """However often a card is stamped, it never holds more than it has room for."""
    standing, rewards = member(), 0
    for number in range(950):
        judgement = judge(sale(300, name=str(number)), standing, terms_of_card)
        standing = judgement.standing_after
        assert standing.stamps["card"] < 9
        rewards += sum(one.points for one in judgement.awards if one.unit == "reward:coffee")
    assert (rewards, standing.stamps["card"]) == (105, 5)


terms_of_card = terms(CARD)


@given(st.integers(0, 40), st.integers(0, 500), st.integers(1, 40))
def test_cards_never_overfill_and_lose_no_stamp(held: int, more: int, size: int) -> None:
    """What was stamped is on full cards or on the open one; taking it off again leads back."""
    start = held % size
    cards, rest = fill(start, more, size)
    assert 0 <= rest < size
    assert cards * size + rest == start + more
    assert unfill(rest, more, size) == (cards, start)


def test_stamps_and_points_lapse_after_long_absence() -> None:
    """Stamps after 12 months without a visit, points after 18, to the day."""
    standing = member(last_purchase=date(2024, 2, 29), stamps={"card": 3})
    judged = terms_of_card
    assert lapses(standing, judged, date(2025, 2, 27)) == ()
    assert [one.unit for one in lapses(standing, judged, date(2025, 2, 28))] == ["stamps:card"]
    assert [one.unit for one in lapses(standing, judged, date(2025, 8, 29))] == ["stamps:card", "points"]
