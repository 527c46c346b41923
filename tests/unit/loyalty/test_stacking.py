"""How rules go together: add, best, and groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.programmes import judge
from shopbell.loyalty.stacking import ONE, Multiple, factor, winners
from tests.fakes.programme import line, member, sale, terms

SPEND = '[[version.rule]]\nkind="spend"\nid="spend"\n'

CAKE = '[[version.rule]]\nkind="spend"\nid="cake"\nwhen={categories=["cakes"]}\n'


def multiple(name: str, times: str, stack: str, more: str = "") -> str:
    return f'[[version.rule]]\nkind="multiply"\nid="{name}"\ntimes={times}\nstack="{stack}"\n{more}'


@pytest.mark.parametrize(
    ("rules", "points"),
    [
        (multiple("a", "2", "best") + multiple("b", "3", "best"), 30),
        (multiple("a", "2", "add") + multiple("b", "1.5", "add"), 25),
        (multiple("a", "2", "best") + multiple("b", "1.5", "add"), 25),
        (multiple("a", "2", "happy") + multiple("b", "3", "happy") + multiple("c", "2", "best"), 40),
        (multiple("a", "2", "best", 'of=["cake"]\n') + CAKE, 10),
    ],
)
def test_multiples_add_up_and_never_multiply(rules: str, points: int) -> None:
    """The greatest of each group, and extras added: double and half as much again is 2.5 times."""
    judgement = judge(sale(1000), member(), terms(SPEND + rules))
    assert sum(award.points for award in judgement.awards) == points


def test_a_multiple_for_some_goods_counts_only_those() -> None:
    """Double on cakes: 6.00 of drinks and 4.00 of cake are 14 points."""
    rules = SPEND + multiple("cake", "2", "best", 'when={categories=["cakes"]}\nname="Cake week"\n')
    judgement = judge(sale(line(1, 600), line(2, 400, "Cakes")), member(), terms(rules))
    assert judgement.awards[0].points == 14
    assert "for some of the goods × 1.4 (Cake week) = 14 points" in judgement.awards[0].why


def test_of_a_group_only_the_greatest_counts_and_the_other_says_so() -> None:
    """Rules of one group do not go together; the loser keeps its remainder for another day."""
    rules = (
        SPEND + 'stack="one"\n' + SPEND.replace('id="spend"', 'id="big"') + 'points=2\nper=3\nstack="one"\n'
    )
    judgement = judge(sale(1000), member(), terms(rules))
    assert [(award.rule, award.points) for award in judgement.awards] == [("spend", 10)]
    assert "does not go together with spend" in judgement.withheld[0].why
    assert not any(key.startswith("big") for key in judgement.standing_after.carried)


@given(st.lists(st.tuples(st.integers(101, 500), st.sampled_from(["add", "best", "g1", "g2"])), max_size=8))
def test_stacking_is_bounded_by_the_sum_of_extras(parts: list[tuple[int, str]]) -> None:
    """A factor is never below one, never above the sum of all extras, at least the greatest of them."""
    found = [
        Multiple(label=str(n), times=times, stack=stack, of=frozenset({"r"}), lines=frozenset({"1"}))
        for n, (times, stack) in enumerate(parts)
    ]
    times = factor(found, "r", "1").times
    assert max([ONE, *(one for one, _ in parts)]) <= times <= ONE + sum(one - ONE for one, _ in parts)
    assert factor(found, "other", "1").times == ONE


@given(st.lists(st.tuples(st.sampled_from(["add", "best", "g"]), st.integers(0, 50)), max_size=8))
def test_each_group_has_one_winner(parts: list[tuple[str, int]]) -> None:
    """All rules that add stay; of every other group exactly one with the most stays."""
    totals = [(str(n), stack, "points", points) for n, (stack, points) in enumerate(parts)]
    lost = winners(totals)
    for group in {stack for stack, _ in parts}:
        kept = [points for rule, stack, _, points in totals if stack == group and rule not in lost]
        every = [points for _, stack, _, points in totals if stack == group]
        assert kept == (every if group == "add" else [max(every)])
