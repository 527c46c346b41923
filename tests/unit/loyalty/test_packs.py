"""Prepaid packs and subscriptions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty import packs
from shopbell.loyalty.errors import PackRefused
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.returning import judge_return
from shopbell.loyalty.rules import Pack
from shopbell.loyalty.sale import Return
from shopbell.loyalty.standing import PackHeld
from tests.fakes.programme import line, member, sale, terms

TEN = Pack(id="ten", name="Ten coffees", passes=10, valid="1 year", max_pause="2 months")
POST = Pack(id="post", passes=6, every="2 weeks", valid="6 months", max_pause="6 months", refund="days")
START = date(2026, 1, 31)


def held(rule: Pack, price: int = 2999) -> PackHeld:
    return PackHeld(
        id="till/1/1/1",
        rule=rule.id,
        passes=rule.passes,
        price=price,
        bought=START,
        valid_until=date(2027, 1, 31),
        next_due=date(2026, 2, 14) if rule.every else None,
    )


def test_buying_opens_a_pack_for_each_piece() -> None:
    """Two packs for 59.99: twenty passes, two packs, the cents add up."""
    rule = '[[version.rule]]\nkind="pack"\nid="ten"\npasses=10\nvalid="1 year"\nwhen={skus=["TEN"]}\n'
    judgement = judge(sale(line(1, 5999, quantity="2", sku="TEN")), member(), terms(rule))
    assert [(one.unit, one.points) for one in judgement.awards] == [("passes:ten", 20)]
    opened = judgement.standing_after.packs
    assert [(one.passes, one.price) for one in opened] == [(10, 2999), (10, 3000)]
    assert opened[0].valid_until == date(2027, 11, 24)


def test_a_pack_brought_back_is_closed() -> None:
    """The passes go back and the packs are over."""
    rule = '[[version.rule]]\nkind="pack"\nid="ten"\npasses=10\nwhen={skus=["TEN"]}\n'
    judged = terms(rule)
    judgement = judge(sale(line(1, 3000, sku="TEN"), 500), member(), judged)
    undone = judge_return(judgement.facts, (Return(line="1"),), (), judgement.standing_after, judged)
    assert [(one.unit, one.points) for one in undone.takes] == [("passes:ten", 10)]
    assert undone.standing_after.packs[0].left == 0


def test_ten_coffees_are_ten() -> None:
    """The eleventh is refused with what is left."""
    pack = held(TEN)
    for _ in range(10):
        pack = packs.use(pack, START)
    with pytest.raises(PackRefused, match="0 are left"):
        packs.use(pack, START)


def test_after_its_time_it_is_over() -> None:
    """The last day counts, the next does not."""
    assert packs.use(held(TEN), date(2027, 1, 31)).used == 1
    with pytest.raises(PackRefused, match="ended on 31 January 2027"):
        packs.use(held(TEN), date(2027, 2, 1))


def test_a_pause_is_added() -> None:
    """Ten days of pause move the end by ten days; passes wait; it goes on by itself."""
    paused = packs.pause(held(TEN), TEN, date(2026, 3, 1), date(2026, 3, 11))
    with pytest.raises(PackRefused, match="paused since 1 March 2026"):
        packs.use(paused, date(2026, 3, 5))
    assert packs.resume(paused, date(2026, 3, 5)).valid_until == date(2027, 2, 4)
    assert packs.use(paused, date(2026, 3, 11)).valid_until == date(2027, 2, 10)


@pytest.mark.parametrize("until", [date(2026, 3, 1), date(2026, 5, 2)])
def test_a_pause_has_an_end_within_reason(until: date) -> None:
    """Not today, not longer than the rule says."""
    with pytest.raises(PackRefused, match="1 May 2026 at the latest"):
        packs.pause(held(TEN), TEN, date(2026, 3, 1), until)


def test_a_subscription_comes_due_skips_and_pauses() -> None:
    """Every other Saturday; a skipped parcel is not used up; a pause moves the days."""
    pack, days = packs.due(held(POST), POST, date(2026, 3, 1))
    assert days == (date(2026, 2, 14), date(2026, 2, 28))
    assert packs.due(pack, POST, date(2026, 3, 1))[1] == ()
    pack = packs.skip(pack, POST, date(2026, 3, 1))
    assert (pack.next_due, pack.left) == (date(2026, 3, 28), 4)
    pack = packs.pause(pack, POST, date(2026, 3, 2), date(2026, 3, 9))
    pack, days = packs.due(pack, POST, date(2026, 12, 1))
    assert days[0] == date(2026, 4, 4)
    assert (len(days), pack.left) == (4, 0)


@given(st.integers(0, 100_000), st.integers(0, 10))
def test_leaving_gives_back_the_passes_left_and_no_more(price: int, used: int) -> None:
    """Pro rata, rounded down; the shop keeps at least what was used; nothing twice."""
    pack = held(TEN, price)
    if used:
        pack = packs.use(pack, START, used)
    closed, back = packs.leave(pack, TEN, START)
    assert back == price * (10 - used) // 10
    assert 0 <= back <= price
    with pytest.raises(PackRefused, match="closed"):
        packs.leave(closed, TEN, START)


@given(st.integers(0, 365))
def test_by_days_the_refund_falls_with_time(days: int) -> None:
    """A membership is given back by days left, never more than was paid."""
    price = 36_500
    back = packs.refund(held(POST, price), POST, START + timedelta(days=days))
    assert back == price * (365 - days) // 365
    assert packs.refund(held(POST, price), Pack(id="p", passes=1, refund="none"), START) == 0


def test_a_pack_by_weight_opens_whole_ones_only() -> None:
    """Half a pack is none."""
    rule = '[[version.rule]]\nkind="pack"\nid="ten"\npasses=10\nwhen={skus=["TEN"]}\n'
    judgement = judge(sale(line(1, 5999, quantity="0.5", sku="TEN")), member(), terms(rule))
    assert (judgement.awards, judgement.standing_after.packs) == ((), ())
