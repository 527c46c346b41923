"""What earning rules give, against tables worked out by hand."""

from datetime import UTC, datetime

import pytest

from shopbell.loyalty.judgement import Judgement
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.sale import Sale
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms
from tests.fakes.programme import NOON, line, member, sale, terms

TEN = '[[version.rule]]\nkind="spend"\nid="spend"\nname="Points"\npoints=10\nper=1\n'
FIFTY = '[[version.rule]]\nkind="spend"\nid="spend"\nper=50\n'
TUESDAY = (
    '[[version.rule]]\nkind="multiply"\nid="tue"\nname="Double Tuesday"\ntimes=2\nwhen={weekdays=["tue"]}\n'
)


def given(judgement: Judgement, unit: str = "points") -> int:
    return sum(award.points for award in judgement.awards if award.unit == unit)


def run(terms: Terms, *sales: Sale, start: Standing | None = None) -> list[int]:
    standing, out = start or member(), []
    for one in sales:
        judgement = judge(one, standing, terms)
        standing = judgement.standing_after
        out.append(given(judgement))
    return out


def test_thirty_and_twenty_count_at_fifty() -> None:
    """What is left over is carried: 30 and 20 count at 50."""
    assert run(terms(FIFTY), sale(3000), sale(2000), sale(4999), sale(1)) == [0, 1, 0, 1]


def test_nothing_is_carried_when_told_so() -> None:
    """Each receipt stands alone with carry = false."""
    assert run(terms(FIFTY + "carry=false\n"), sale(3000), sale(2000), sale(5000)) == [0, 0, 1]


def test_the_sentence_shows_the_arithmetic() -> None:
    """A customer reads amount, rate, multiple and result."""
    judgement = judge(sale(740), member(), terms(TEN + TUESDAY))
    assert [award.why for award in judgement.awards] == [
        "Points: €7.40 at 10 points per €1.00 = 74 points; double (Double Tuesday) = 148 points."
    ]
    assert given(judgement) == 148


def test_only_full_steps_count_when_told_so() -> None:
    """Count = full leaves the 40 cents out, or keeps them for next time."""
    assert run(terms(TEN + 'count="full"\ncarry=false\n'), sale(740), sale(60)) == [70, 0]
    assert run(terms(TEN + 'count="full"\n'), sale(740), sale(60)) == [70, 10]


def test_a_visit_counts_once_a_day_of_the_shop() -> None:
    """The day is the shop's: 23:30 UTC in summer is tomorrow in London."""
    rule = '[[version.rule]]\nkind="visit"\nid="visit"\npoints=5\n'
    evening = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # 23:30 in London
    night = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # 00:30 the next day
    assert run(terms(rule), sale(100, at=evening), sale(100, at=evening), sale(100, at=night)) == [5, 0, 5]


def test_every_third_visit() -> None:
    """Visits are carried until there are enough."""
    rule = '[[version.rule]]\nkind="visit"\nid="visit"\npoints=50\nevery=3\n'
    days = [sale(100, at=datetime(2026, 6, day, 12, tzinfo=UTC)) for day in range(1, 8)]
    assert run(terms(rule), *days) == [0, 0, 50, 0, 0, 50, 0]


def test_items_count_by_piece_and_weight() -> None:
    """Two and a half kilograms at 4 points each are 10, and half a point is kept for next time."""
    rule = '[[version.rule]]\nkind="item"\nid="beans"\npoints=1\nwhen={categories=["beans"]}\n'
    judged = terms(rule)
    kilos = sale(line(1, 4000, "Beans", "2.5"), 300)
    assert run(judged, kilos, kilos) == [2, 3]


def test_cashback_is_money_to_the_cent() -> None:
    """5 % of 19.99 is 99 cents, and the 95 hundredths of one are kept."""
    judged = terms('[[version.rule]]\nkind="cashback"\nid="back"\npercent=5\n')
    first = judge(sale(1999), member(), judged)
    second = judge(sale(1), first.standing_after, judged)
    assert (given(first, "money"), given(second, "money")) == (99, 1)


def test_a_gift_card_earns_nothing_but_its_own_amount() -> None:
    """A gift card sold is money on the balance, no points, no cashback."""
    rules = (
        TEN
        + '[[version.rule]]\nkind="topup"\nid="card"\n'
        + ('[[version.rule]]\nkind="cashback"\nid="back"\npercent=5\n')
    )
    judgement = judge(sale(line(1, 5000, "Gift cards")), member(), terms(rules))
    assert [(award.unit, award.points) for award in judgement.awards] == [("money", 5000)]
    assert "buying a gift card earns nothing" in judgement.withheld[0].why


def test_goods_left_out_and_free_goods_earn_nothing() -> None:
    """Delivery and a free drink are named, and earn nothing."""
    judgement = judge(sale(line(1, 350, "Delivery"), line(2, 0)), member(), terms(TEN))
    assert judgement.awards == ()
    assert [one.why for one in judgement.withheld] == [
        "delivery: left out of the Club.",
        "drinks: nothing was paid for it, so it earns nothing.",
    ]


def test_a_discount_on_the_receipt_is_shared_out() -> None:
    """A line below zero lowers what the goods cost; excluded goods bear their part of it."""
    whole = sale(line(1, 1000), line(2, 1000, "Delivery"), line(3, -100, "Discount"))
    assert run(terms(TEN), whole) == [95]


@pytest.mark.parametrize(("amount", "points"), [(100, 10), (1000, 100), (1500, 120), (5000, 120)])
def test_caps_cut_and_say_so(amount: int, points: int) -> None:
    """No more than the cap in a day, however much is bought."""
    judged = terms(TEN + "caps={day=120}\n")
    judgement = judge(sale(amount), member(), judged)
    assert given(judgement) == points
    assert any("the most is 120 a day" in one.why for one in judgement.withheld) == (amount > 1200)
    assert run(judged, sale(amount), sale(100_000))[1] == 120 - points


def test_caps_begin_anew_each_week() -> None:
    """A week runs from Monday to Sunday, over the end of the year too."""
    judged = terms(TEN + "caps={week=10}\n")
    days = [(2026, 12, 28), (2027, 1, 3), (2027, 1, 4)]
    sales = [sale(1000, at=datetime(*day, 12, tzinfo=UTC)) for day in days]
    assert run(judged, *sales) == [10, 0, 10]


@pytest.mark.parametrize(
    ("when", "at", "earns"),
    [
        ('hours=["16:00-18:00"]', datetime(2026, 11, 24, 16, 0, tzinfo=UTC), True),
        ('hours=["16:00-18:00"]', datetime(2026, 11, 24, 18, 0, tzinfo=UTC), False),
        ('hours=["16:00-18:00"]', datetime(2026, 7, 21, 15, 0, tzinfo=UTC), True),  # 16:00 in summer
        ('hours=["01:00-02:00"]', datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),  # 1:30, summer time
        ('hours=["01:00-02:00"]', datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),  # 1:30 again
        (
            'hours=["01:00-02:00"]',
            datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
            False,
        ),  # 2:00: the hour is left out
        ('weekdays=["mon"]', datetime(2026, 11, 22, 23, 59, tzinfo=UTC), False),
        ('weekdays=["mon"]', datetime(2026, 11, 23, 0, 0, tzinfo=UTC), True),
        ("until=2026-11-23", NOON, False),
        ("from=2026-11-24", NOON, True),
        ("min_spend=10.01", NOON, False),
        ("min_spend=10", NOON, True),
        ('segments=["students"]', NOON, False),
        ('except_skus=["SKU-*"]', NOON, False),
        ('skus=["Sku-1"]', NOON, True),
    ],
)
def test_conditions(when: str, at: datetime, earns: bool) -> None:
    """Each condition by itself, on the shop's clock, over both changes of the clock."""
    rule = TEN + f"when={{{when}}}\n"
    assert bool(run(terms(rule), sale(1000, at=at))[0]) is earns


def test_a_segment_may_come_from_a_running_pack() -> None:
    """Whoever holds a membership belongs to its segment until it ends."""
    rules = (
        TEN
        + 'when={segments=["plus"]}\n'
        + (
            '[[version.rule]]\nkind="pack"\nid="plus"\npasses=1\nvalid="1 year"\nsegment="plus"\n'
            'when={skus=["PLUS"]}\n'
        )
    )
    judged = terms(rules)
    bought = judge(sale(line(1, 3000, "Membership", sku="PLUS")), member(), judged).standing_after
    year_end = datetime(2027, 11, 24, 12, tzinfo=UTC)
    after = datetime(2027, 11, 25, 12, tzinfo=UTC)
    assert run(judged, sale(1000, at=year_end), sale(1000, at=after), start=bought) == [100, 0]


def test_strangers_and_early_purchases_earn_nothing() -> None:
    """No customer, no member, or not yet a member on that day."""
    judged = terms(TEN)
    assert "No member" in judge(sale(100, customer=""), member(), judged).withheld[0].why
    assert "Not a member" in judge(sale(100), member(member_since=None), judged).withheld[0].why
    late = member(member_since=datetime(2026, 11, 25, tzinfo=UTC))
    assert "Joined the Club only on 25 November 2026." in judge(sale(100), late, judged).withheld[0].why


def test_what_is_left_over_starts_anew_when_the_numbers_of_a_rule_change() -> None:
    """Half a step of fifty is not half a step of one hundred."""
    halfway = judge(sale(3000), member(), terms(FIFTY)).standing_after
    assert run(terms(FIFTY.replace("50", "100")), sale(7000), sale(3000), start=halfway) == [0, 1]


def test_yen_have_no_cents() -> None:
    """Amounts are whole minor units of the shop's currency."""
    judgement = judge(sale(740), member(), terms(TEN, currency="JPY"))
    assert judgement.awards[0].why.startswith("Points: ¥740 at 10 points per ¥1 = 7,400 points")
