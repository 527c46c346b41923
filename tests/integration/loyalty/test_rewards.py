"""Rewards, corrections by hand, the watch and the calendar."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.loyalty.errors import AdjustmentRefused, CodeRefused, NotEnough, RewardRefused
from shopbell.loyalty.house import House
from tests.fakes.club import DAY, T0, TEXT, ShopFloor

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(db_engine: sa.Engine) -> Iterator[ShopFloor]:
    floor = ShopFloor(db_engine)
    yield floor
    assert floor.sound()


def test_a_reserved_reward_is_spent_once(shop: ShopFloor) -> None:
    """Of 12 points 10 are held; a second reservation fails; the code works once, its repeat is the same."""
    shop.buy(1250)
    held = shop.reserve(key="one")
    assert msgspec.json.encode(shop.reserve(key="one")) == msgspec.json.encode(held)
    assert shop.has() == 2
    with pytest.raises(NotEnough):
        shop.reserve(key="two")
    done = shop.club.redeem(held.code.lower(), shop.now)
    with pytest.raises((CodeRefused, RewardRefused)):
        shop.club.redeem(held.code, shop.now)
    assert msgspec.json.encode(shop.club.redeem(held.hold, shop.now)) == msgspec.json.encode(done)
    assert shop.has() == 2


def test_a_reward_is_undone_for_five_minutes(shop: ShopFloor) -> None:
    """After four minutes the points are back, once; after six it is too late."""
    shop.buy(2500)
    first = shop.use()
    shop.now += 4 * MINUTE
    assert shop.club.undo(first.hold, shop.now).state == "undone"
    shop.club.undo(first.hold, shop.now)
    assert shop.has() == 25
    second = shop.use()
    shop.now += 6 * MINUTE
    with pytest.raises(RewardRefused):
        shop.club.undo(second.hold, shop.now)
    assert shop.has() == 15


def test_nobody_came_for_it(shop: ShopFloor) -> None:
    """A reservation ends after a quarter of an hour, and the points are there again."""
    shop.buy(1250)
    held = shop.reserve()
    shop.now += 20 * MINUTE
    with pytest.raises(RewardRefused):
        shop.club.redeem(held.hold, shop.now)
    assert shop.club.daily(shop.now).released == 1
    assert shop.has() == 12
    with pytest.raises(RewardRefused):
        shop.club.redeem(held.hold, shop.now)


def test_stock_and_limits_hold(shop: ShopFloor) -> None:
    """Two mugs, one each: the second of a customer and the third of all are refused, until one is undone."""
    shop.add("cid")
    for who in ("ann", "ben", "cid"):
        shop.buy(1250, who=who)
    first = shop.use("mug")
    with pytest.raises(RewardRefused, match="1 times"):
        shop.use("mug")
    shop.use("mug", "ben")
    with pytest.raises(RewardRefused, match="mug left"):
        shop.use("mug", "cid")
    shop.club.undo(first.hold, shop.now)
    assert shop.use("mug", "cid").state == "redeemed"


def test_a_reward_that_a_card_gave_costs_nothing(shop: ShopFloor) -> None:
    """Three coffees give a free one, which is used up, and not for points."""
    shop.buy(900, category="Drinks", pieces="3")
    done = shop.use("free-coffee")
    assert (done.unit, shop.has(), shop.has("reward:free-coffee")) == ("reward:free-coffee", 9, 0)
    with pytest.raises(RewardRefused):
        shop.use("free-coffee")


def test_corrections_need_a_reason_and_above_the_cap_a_second_person(shop: ShopFloor) -> None:
    """200 points alone, 201 with another's word; five times 200 on a day, then with another's word."""
    with pytest.raises(AdjustmentRefused):
        shop.adjust(10, reason=" ")
    assert shop.adjust(200).state == "done"
    asked = shop.adjust(201)
    assert (asked.state, shop.has()) == ("waiting", 200)
    with pytest.raises(AdjustmentRefused):
        shop.club.approve(asked.request, "sam", shop.now)
    assert [one.request for one in shop.club.open_adjustments()] == [asked.request]
    done = shop.club.approve(asked.request, "robin", shop.now)
    assert msgspec.json.encode(shop.club.approve(asked.request, "robin", shop.now)) == msgspec.json.encode(
        done
    )
    assert shop.has() == 401
    states = [shop.adjust(200, who="ben").state for _ in range(5)]
    assert states == ["done"] * 4 + ["waiting"]
    shop.now += DAY
    assert shop.adjust(200, who="ben").state == "done"


def test_950_uses_of_one_card_are_flagged_in_the_first_week(sqlite_shop: sa.Engine) -> None:
    """A cashier who uses one card for 950 sales, 20 a day, stands out at once; customers do not."""
    people = tuple(f"c{n}" for n in range(25))
    shop = ShopFloor(sqlite_shop, "card", *people)
    used, flagged_after = 0, 0
    for day in range(7):
        sales = [shop.sale(450, who="card", cashier="robin") for _ in range(20)]
        sales += [shop.sale(450, who=who, cashier="robin") for n, who in enumerate(people) if (n + day) % 2]
        shop.club.import_all(sales, shop.now)
        used += 20
        shared = [one for one in shop.club.watch(shop.now) if one.kind == "shared-card"]
        flagged_after = flagged_after or (used if shared else 0)
        assert {one.customer for one in shared} <= {"card"}
        shop.now += DAY
    assert flagged_after == 20
    flags = shop.club.watch(shop.now)
    assert {(one.kind, one.customer) for one in flags} == {("shared-card", "card"), ("top-card", "card")}
    assert next(one for one in flags if one.kind == "shared-card").actor == "robin"


def test_points_given_by_hand_and_spent_are_flagged(shop: ShopFloor) -> None:
    """Points given by hand and used the same day name the giver; unspent ones do not."""
    shop.adjust(20)
    shop.adjust(20, who="ben")
    shop.now += MINUTE
    shop.use()
    assert [(one.kind, one.customer, one.actor) for one in shop.club.watch(shop.now)] == [
        ("adjust-then-redeem", "ann", "sam")
    ]


def test_refund_cycling_is_flagged(shop: ShopFloor) -> None:
    """Three returns in a week with hardly another purchase are flagged; one return is not."""
    for _ in range(3):
        shop.refund(shop.buy(1000))
    shop.refund(shop.buy(1000, who="ben"))
    assert [(one.kind, one.customer, one.count) for one in shop.club.watch(shop.now)] == [
        ("refund-cycling", "ann", 3)
    ]


def test_the_calendar_brings_each_thing_once(sqlite_shop: sa.Engine) -> None:
    """Birthday on 29 February is kept on the 28th; points and stamps lapse a year after the last purchase."""
    text = (
        TEXT.replace('late_receipts = "14 days"', 'expires = "1 year"\nexpires_after = "last-purchase"')
        + """
[[version.rule]]
kind = "birthday"
id = "birthday"
points = 50
[[version.rule]]
kind = "welcome"
id = "welcome"
points = 3
"""
    )
    shop = ShopFloor(sqlite_shop, text=text)
    shop.add("leap", birthday="2000-02-29")
    assert shop.club.join("leap", shop.now).gained[0].points == 3
    assert shop.club.join("leap", shop.now).gained == ()
    shop.buy(1250, who="leap")
    assert [shop.club.daily(shop.now).bonuses for _ in range(2)] == [2, 0]
    shop.now = T0.replace(year=2027, month=2, day=28)
    assert [shop.club.daily(shop.now).bonuses for _ in range(2)] == [1, 0]
    assert shop.has(who="leap") == 65
    shop.now = T0.replace(year=2027, month=3, day=2)
    assert [shop.club.daily(shop.now).lapsed for _ in range(2)] == [1, 0]
    assert shop.has(who="leap") == 0
    sheet = shop.club.close_day(shop.now.date())
    points = next(unit for unit in sheet.units if unit.unit == "points")
    assert (points.expired, points.trial) == (65, 0)
    assert msgspec.json.encode(shop.club.close_day(shop.now.date())) == msgspec.json.encode(sheet)
    assert shop.sound()


def test_what_was_lost_in_time_does_not_come_to_life_at_the_till(sqlite_shop: sa.Engine) -> None:
    """A purchase after the year is over finds the old points gone, though no daily run came in between."""
    text = TEXT.replace('late_receipts = "14 days"', 'expires = "1 year"\nexpires_after = "last-purchase"')
    shop = ShopFloor(sqlite_shop, text=text, house=House())
    shop.buy(1250)
    shop.now += 366 * DAY
    with pytest.raises(NotEnough):
        shop.reserve()
    shop.buy(400)
    assert shop.has() == 4
