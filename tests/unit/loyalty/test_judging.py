"""Judging is one function of its arguments: the same twice, more for more, and explained to the point."""

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shopbell.loyalty.explaining import explain
from shopbell.loyalty.judgement import Facts, Judgement
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.sale import Sale
from shopbell.loyalty.standing import Standing
from tests.fakes.programme import NOON, line, member, sale, terms

CLUB = """
[version.points]
expires = "1 year"
matures = "14 days"
[[version.rule]]
kind = "spend"
id = "spend"
name = "Points"
points = 3
per = 2
caps = { day = 400 }
[[version.rule]]
kind = "item"
id = "cakes"
name = "Cakes"
points = 4
every = 2
when = { categories = ["cakes"] }
[[version.rule]]
kind = "multiply"
id = "tue"
name = "Tuesday"
times = 1.5
when = { weekdays = ["tue"] }
[[version.rule]]
kind = "stamps"
id = "card"
name = "Card"
size = 5
reward = "coffee"
when = { categories = ["drinks"] }
[[version.reward]]
id = "coffee"
name = "a coffee"
worth = 3
"""
TERMS = terms(CLUB)
amounts = st.lists(
    st.tuples(st.integers(0, 30_000), st.sampled_from(["Drinks", "Cakes"])), min_size=1, max_size=4
)


def bought(parts: list[tuple[int, str]], extra: int = 0) -> Sale:
    lines = [line(n, amount, category) for n, (amount, category) in enumerate(parts, 1)]
    first = line(1, parts[0][0] + extra, parts[0][1])
    return sale(first, *lines[1:])


def total(judgement: Judgement) -> int:
    return sum(award.points for award in judgement.awards if award.unit == "points")


@settings(deadline=None)
@given(amounts)
def test_judging_is_deterministic_and_survives_the_books(parts: list[tuple[int, str]]) -> None:
    """The same sale gives the same judgement; facts and standing come back from JSON as they were."""
    one, two = (judge(bought(parts), member(), TERMS) for _ in range(2))
    assert one == two
    assert msgspec.json.decode(msgspec.json.encode(one.facts), type=Facts) == one.facts
    assert msgspec.json.decode(msgspec.json.encode(one.standing_after), type=Standing) == one.standing_after


@settings(deadline=None)
@given(amounts, st.integers(0, 5000))
def test_paying_more_never_earns_less(parts: list[tuple[int, str]], extra: int) -> None:
    """Points grow with what is paid."""
    assert total(judge(bought(parts), member(), TERMS)) <= total(judge(bought(parts, extra), member(), TERMS))


@settings(deadline=None)
@given(amounts)
def test_every_point_is_explained(parts: list[tuple[int, str]]) -> None:
    """The table adds up to the awards, and each of them ends its sentence with its number."""
    judgement = judge(bought(parts), member(), TERMS)
    told = explain(judgement, TERMS)
    assert sum(row.points for row in told.rows if row.unit == "points") == total(judgement)
    assert {award.why for award in judgement.awards} <= set(told.sentences)
    assert all(f"{award.points:,}" in award.why or award.points == 1 for award in judgement.awards)


def test_the_whole_story_of_a_purchase() -> None:
    """What a customer reads, word for word."""
    start = judge(
        sale(199, line(2, 300, "Cakes"), at=NOON - timedelta(days=1)), member(), TERMS
    ).standing_after
    judgement = judge(sale(740, line(2, 450, "Cakes", "2"), line(3, 0)), start, TERMS)
    points = (
        "Points: €11.90 at 3 points per €2.00 = 17.85 points; "
        "one and a half times (Tuesday) = 26.775 points; with 0.485 points left from before; "
        "that makes 27 points now, 0.26 points kept for next time."
    )
    cakes = (
        "Cakes: 2 × cakes; counts one and a half times (Tuesday); "
        "with those before 4, and each 2 gives 4 points: 8 points."
    )
    assert explain(judgement, TERMS).sentences == (
        points,
        cakes,
        "Card: 1 × drinks = 1 stamp.",
        "drinks: nothing was paid for it, so it earns nothing.",
    )


def test_times_of_an_award_are_the_shops() -> None:
    """Usable after 14 days, lost after a year, at the same time on the shop's clock."""
    award = judge(sale(1000), member(), TERMS).awards[0]
    assert award.matures_at == NOON + timedelta(days=14)
    assert award.expires_at == NOON.replace(year=2027)
