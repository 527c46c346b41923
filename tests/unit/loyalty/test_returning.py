"""Goods that come back: whatever the order and the parts, in the end exactly what was given goes back."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopbell.loyalty.errors import ReturnRefused
from shopbell.loyalty.judgement import Facts, Returned, Undone
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.returning import judge_return
from shopbell.loyalty.sale import Line, Return, Sale
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms
from tests.fakes.programme import line, member, sale, terms

RULES = """
[[version.rule]]
kind = "spend"
id = "spend"
points = 7
per = 3

[[version.rule]]
kind = "spend"
id = "full"
per = 5
points = 3
count = "full"

[[version.rule]]
kind = "spend"
id = "plain"
count = "full"
carry = false
caps = { day = 30 }

[[version.rule]]
kind = "item"
id = "item"
points = 5
every = 3

[[version.rule]]
kind = "visit"
id = "visit"
points = 11
when = { min_spend = 2 }

[[version.rule]]
kind = "cashback"
id = "back"
percent = 3.3

[[version.rule]]
kind = "stamps"
id = "card"
size = 4
reward = "coffee"

[[version.rule]]
kind = "multiply"
id = "cakes"
times = 1.75
when = { categories = ["cakes"] }

[version.tiers]
by = "points"
window = "1 year"
[[version.tiers.tier]]
id = "gold"
from = 40
points = 25
times = 1.2

[[version.reward]]
id = "coffee"
name = "a coffee"
worth = 3
"""
MANY = terms(RULES)
SPEND = terms('[[version.rule]]\nkind="spend"\nid="spend"\nper=50\n')
KEY = "spend/500000/1"

lines = st.builds(
    lambda amount, category, quantity: line(1, amount, category, str(quantity)),
    st.integers(0, 5000),
    st.sampled_from(["Drinks", "Cakes", "Delivery", "Gift cards"]),
    st.sampled_from([1, 2, 3, 7, Decimal("0.5")]),
)
sales = st.lists(lines, min_size=1, max_size=4).map(
    lambda each: sale(
        *(
            Line(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "id": str(n)})
            for n, one in enumerate(each)
        )
    )
)


def taken(undone: Undone) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for take in undone.takes:
        counted[take.rule, take.unit] += take.points
    return counted


def gave(facts: Facts) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for one in facts.given:
        counted[one.award.rule, one.award.unit] += one.award.points
    return counted


def buy(start: Standing, terms: Terms, *sales: Sale) -> tuple[Standing, list[Facts]]:
    facts = []
    for one in sales:
        judgement = judge(one, start, terms)
        start = judgement.standing_after
        facts.append(judgement.facts)
    return start, facts


@settings(deadline=None, max_examples=150)
@given(st.lists(sales, min_size=1, max_size=4), st.data())
def test_partial_returns_add_up_to_what_was_given(bought: list[Sale], data: st.DataObject) -> None:
    """Any sequence of partial returns of everything, sales mixed, takes back exactly everything."""
    standing, facts = buy(member(), MANY, *bought)
    before: list[tuple[Returned, ...]] = [() for _ in facts]
    got: Counter[tuple[str, str]] = Counter()
    for _ in range(data.draw(st.integers(0, 6))):
        n = data.draw(st.integers(0, len(facts) - 1))
        part = _some(facts[n], before[n], data)
        if part is not None:
            undone = judge_return(facts[n], (part,), before[n], standing, MANY)
            standing, before[n] = undone.standing_after, undone.returned
            got += taken(undone)
            assert 0 <= standing.stamps.get("card", 0) < 4
            assert all(take.points > 0 for take in undone.takes)
    for n in data.draw(st.permutations(range(len(facts)))):
        undone = judge_return(facts[n], (), before[n], standing, MANY)
        standing = undone.standing_after
        got += taken(undone)
    assert got == sum((gave(one) for one in facts), Counter())
    assert not any(standing.carried.values())
    assert not any(standing.stamps.values())
    assert standing.tier == ""
    assert standing.entered == ()
    assert all(not (did.points or did.spent or did.visits) for did in standing.activity.values())
    assert not any(count for each in standing.gained.values() for count in each.values())


def _some(facts: Facts, before: tuple[Returned, ...], data: st.DataObject) -> Return | None:
    one = data.draw(st.sampled_from(facts.lines))
    held = next((each for each in before if each.line == one.id), Returned(line=one.id))
    if data.draw(st.booleans()):
        left = one.amount - held.amount
        return Return(line=one.id, amount=data.draw(st.integers(0, left))) if left > 0 else None
    rest = one.quantity - held.quantity
    return Return(line=one.id, quantity=rest / data.draw(st.sampled_from([1, 2, 4]))) if rest > 0 else None


@settings(deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=8), st.data())
def test_remainders_conserve(amounts: list[int], data: st.DataObject) -> None:
    """Points and what is left over are always worth what was paid and kept, returns in between too."""
    standing, points, kept = member(), 0, 0
    facts: list[Facts] = []
    for amount in amounts:
        judgement = judge(sale(amount), standing, SPEND)
        standing, kept = judgement.standing_after, kept + amount
        points += sum(award.points for award in judgement.awards)
        facts.append(judgement.facts)
        if data.draw(st.booleans()):
            back = facts.pop(data.draw(st.integers(0, len(facts) - 1)))
            part = data.draw(st.integers(0, back.lines[0].amount))
            undone = judge_return(back, (Return(line="1", amount=part),), (), standing, SPEND)
            standing, kept = undone.standing_after, kept - part
            points -= sum(take.points for take in undone.takes)
        assert points * 5000 * 100 + standing.carried.get(KEY, 0) == kept * 100


def test_a_third_and_two_thirds() -> None:
    """Ten points on three pieces: two pieces back take six, the last takes four."""
    standing, (facts,) = buy(member(), SPEND, sale(line(1, 50_000, quantity="3")))
    first = judge_return(facts, (Return(line="1", quantity=Decimal(2)),), (), standing, SPEND)
    rest = judge_return(facts, (), first.returned, first.standing_after, SPEND)
    assert [take.points for take in (*first.takes, *rest.takes)] == [6, 4]
    assert first.takes[0].why == "Goods came back: 6 of the 10 points they brought taken back, 4 points left."


def test_a_remainder_in_use_is_owed_and_filled_first() -> None:
    """30 and 20 made a point; the 30 come back: the point stays, and 30 are owed."""
    standing, (first, _) = buy(member(), SPEND, sale(3000), sale(2000))
    undone = judge_return(first, (), (), standing, SPEND)
    assert undone.takes == ()
    assert undone.standing_after.carried[KEY] == -3000 * 100
    after, facts = buy(undone.standing_after, SPEND, sale(5000), sale(3000))
    assert [len(one.given) for one in facts] == [0, 1]
    assert after.carried[KEY] == 0


def test_a_full_card_is_opened_again() -> None:
    """The stamp that filled the card comes back: the reward goes, three stamps are on the card."""
    standing, (facts,) = buy(member(stamps={"card": 2}), MANY, sale(line(1, 600, quantity="2")))
    assert standing.stamps["card"] == 0
    undone = judge_return(facts, (Return(line="1", quantity=Decimal(1)),), (), standing, MANY)
    assert [(one.unit, one.points, one.award.unit) for one in undone.reopened] == [
        ("stamps:card", 4, "reward:coffee")
    ]
    assert undone.standing_after.stamps["card"] == 3


def test_a_level_reached_with_goods_that_came_back_goes_back() -> None:
    """Level and entry reward go, though a second purchase was made in between, and can be earned again."""
    standing, (first, second) = buy(member(), MANY, sale(2000), sale(1500))
    assert (first.tier_after, standing.tier) == ("gold", "gold")
    one = judge_return(first, (), (), standing, MANY)
    two = judge_return(second, (), (), one.standing_after, MANY)
    entry = [take for undone in (one, two) for take in undone.takes if take.rule == "tier:gold"]
    assert [(take.unit, take.points) for take in entry] == [("points", 25)]
    assert two.standing_after.tier == ""
    assert buy(two.standing_after, MANY, sale(2000))[0].entered == ("gold",)


@pytest.mark.parametrize(
    "back",
    [
        Return(line="9"),
        Return(line="1", quantity=Decimal(2)),
        Return(line="1", amount=5001),
        Return(line="1", amount=-1),
    ],
)
def test_more_than_was_bought_cannot_come_back(back: Return) -> None:
    """Refused with the line and the numbers."""
    standing, (facts,) = buy(member(), SPEND, sale(5000))
    with pytest.raises(ReturnRefused, match=r"[Ll]ine"):
        judge_return(facts, (back,), (), standing, SPEND)


def test_a_strangers_purchase_has_nothing_to_undo() -> None:
    """A return without a member takes nothing back."""
    judgement = judge(sale(5000, customer=""), member(), SPEND)
    undone = judge_return(judgement.facts, (), (), member(), SPEND)
    assert (undone.takes, undone.standing_after) == ((), member())
