"""Purchases, returns, claims and imports: the field's bugs by name, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.loyalty.errors import (
    ClaimRefused,
    NoSuchCustomer,
    NoSuchPurchase,
    PurchaseRefused,
    PurchaseReused,
    ReturnRefused,
)
from shopbell.loyalty.sale import Refund
from tests.fakes.club import DAY, TEXT, ShopFloor, programme


@pytest.fixture
def shop(db_engine: sa.Engine) -> Iterator[ShopFloor]:
    floor = ShopFloor(db_engine)
    yield floor
    assert floor.sound()


def test_b5_a_refund_takes_the_points_back_once(shop: ShopFloor) -> None:
    """A whole return leaves nothing of what the sale earned, and a second void takes nothing more (B5)."""
    bought = shop.buy(1250)
    assert shop.has() == 12
    back = shop.refund(bought)
    assert (back.whole, shop.has()) == (True, 0)
    assert shop.void(bought).taken == ()
    assert shop.has() == 0


def test_b5_partial_returns_add_up_to_the_point(shop: ShopFloor) -> None:
    """Returning a sale of 12 points line by line takes 12 points in all (B5)."""
    bought = shop.buy(333, 333, 584)
    assert shop.has() == 12
    left = []
    for line in ("2", "1", "3"):
        shop.refund(bought, line)
        left.append(shop.has())
    assert left == [9, 6, 0]


def test_b5_a_void_after_a_partial_return_takes_only_the_rest(shop: ShopFloor) -> None:
    """A line brought back and then a void take each point once (B5)."""
    bought = shop.buy(1000, 500)
    shop.refund(bought, "1")
    shop.buy(300)
    shop.void(bought)
    assert shop.has() == 3


def test_b5_more_than_was_bought_does_not_come_back(shop: ShopFloor) -> None:
    """A line that came back cannot come back for more money than was paid."""
    bought = shop.buy(1000)
    shop.refund(bought, "1", amount=600)
    with pytest.raises(ReturnRefused):
        shop.refund(bought, "1", amount=500)
    assert shop.has() == 4


@pytest.mark.parametrize(("policy", "left"), [("negative", -2), ("clamp", 0)])
def test_spent_points_come_back_as_the_programme_says(sqlite_shop: sa.Engine, policy: str, left: int) -> None:
    """Of 12 points 10 are spent; the return takes 2 and the rest is owed or forgiven."""
    shop = ShopFloor(sqlite_shop, shortfall=policy)
    bought = shop.buy(1250)
    shop.use("five-off")
    back = shop.refund(bought)
    assert back.taken[0].shortfall == 10
    assert shop.has() == (-10 if policy == "negative" else 0)
    shop.buy(800)
    assert shop.has() == (left if policy == "negative" else 8)


def test_b6_the_same_event_again_pays_once(shop: ShopFloor) -> None:
    """A sale and a return sent again are answered byte for byte as the first time (B6)."""
    sale = shop.sale(1000, name="77")
    first = shop.club.record_sale(sale, shop.now)
    back = shop.refund(first, "1", name="b77")
    shop.now += DAY
    elsewhere = msgspec.structs.replace(sale, at=sale.at.astimezone())
    for _ in range(3):
        again = shop.club.record_sale(elsewhere, shop.now)
        assert msgspec.json.encode(again) == msgspec.json.encode(first)
    shop.now -= DAY
    assert msgspec.json.encode(shop.refund(first, "1", name="b77")) == msgspec.json.encode(back)
    assert shop.has() == 0


def test_b6_another_sale_under_the_same_number_is_refused(shop: ShopFloor) -> None:
    """A number stands for one sale for ever."""
    shop.buy(1000, name="77")
    with pytest.raises(PurchaseReused):
        shop.buy(1100, name="77")
    assert shop.has() == 10


def test_b6_the_same_file_twice_adds_nothing(shop: ShopFloor) -> None:
    """An import taken in again only counts repeats (B6)."""
    sales = [shop.sale(500, name=f"c{n}", who=("ann", "ben", "")[n % 3]) for n in range(9)]
    refund = Refund(source="till", external_id="cb", sale="c0", at=shop.now)
    first = shop.club.import_all([*sales, refund], shop.now)
    assert (first.sales, first.returns, first.repeated, first.points) == (9, 1, 0, 25)
    entries = shop.club.verify().entries
    again = shop.club.import_all([*sales, refund], shop.now)
    assert (again.sales, again.returns, again.repeated, again.points) == (0, 0, 10, 0)
    assert shop.club.verify().entries == entries


def test_a_file_with_one_bad_sale_leaves_nothing(shop: ShopFloor) -> None:
    """All or nothing: the good sales before a bad one are not kept."""
    sales = [shop.sale(500, name="x1"), shop.sale(500, name="x2", who="nobody-we-know")]
    with pytest.raises(NoSuchCustomer):
        shop.club.import_all(sales, shop.now)
    with pytest.raises(NoSuchPurchase):
        shop.club.explain("till", "x1")
    assert shop.club.books("till").sale("x1") is None
    assert shop.has() == 0


def test_a_card_fills_and_empties_with_the_goods(shop: ShopFloor) -> None:
    """Four coffees on a card of three give a reward and one stamp; brought back, both go."""
    shop.buy(600, category="Drinks", pieces="2")
    bought = shop.buy(600, category="Drinks", pieces="2")
    assert (shop.has("stamps:card"), shop.has("reward:free-coffee")) == (1, 1)
    back = shop.refund(bought)
    assert (shop.has("stamps:card"), shop.has("reward:free-coffee")) == (2, 0)
    assert {one.unit for one in back.taken} == {"points", "stamps:card", "reward:free-coffee"}
    shop.buy(300, category="Drinks")
    assert (shop.has("stamps:card"), shop.has("reward:free-coffee")) == (0, 1)


def test_the_card_that_an_earlier_coffee_filled_is_reopened(shop: ShopFloor) -> None:
    """When the first of three coffees comes back, the card the third one filled is open again."""
    first = shop.buy(300, category="Drinks")
    shop.buy(600, category="Drinks", pieces="2")
    assert shop.has("reward:free-coffee") == 1
    shop.void(first)
    assert (shop.has("stamps:card"), shop.has("reward:free-coffee")) == (2, 0)


def test_a_level_reached_with_goods_that_come_back_goes_with_its_present(shop: ShopFloor) -> None:
    """120.00 reach gold and its 10 points; the return takes them too, though another purchase gave them."""
    first = shop.buy(6000)
    second = shop.buy(6000)
    assert (shop.club.standing("ann", shop.now).tier, shop.has()) == ("gold", 130)
    shop.refund(first)
    assert (shop.club.standing("ann", shop.now).tier, shop.has()) == ("", 60)
    shop.refund(second)
    assert shop.has() == 0


def test_a_friend_brings_points_to_both_until_the_goods_come_back(shop: ShopFloor) -> None:
    """Friend 5 + 6 for 6.00, referrer 7; the goods back, both have nothing; a new purchase pays again."""
    shop.club.join("ben", shop.now, brought_by="ann")
    bought = shop.buy(600, who="ben")
    assert (shop.has(who="ben"), shop.has(who="ann")) == (11, 7)
    shop.refund(bought)
    assert (shop.has(who="ben"), shop.has(who="ann")) == (0, 0)
    shop.buy(600, who="ben")
    assert (shop.has(who="ben"), shop.has(who="ann")) == (11, 7)


def test_what_a_sale_was_paid_with_comes_back_in_proportion(shop: ShopFloor) -> None:
    """A balance of 20.00 pays 10.00 of a sale of 15.00; a third and then the rest come back."""
    shop.buy(2000, category="Gift cards")
    bought = shop.buy(500, 1000, money=1000)
    assert shop.has("money") == 1000
    assert shop.refund(bought, "1").given_back[0].points == 333
    assert shop.refund(bought).given_back[0].points == 667
    assert shop.has("money") == 2000


def test_a_reward_used_with_a_sale_comes_back_with_all_of_it(shop: ShopFloor) -> None:
    """The 10 points of a reward return when the whole sale is undone, not before."""
    shop.buy(2000)
    bought = shop.buy(300, 300, rewards=(shop.reserve("five-off").code,))
    assert shop.has() == 16
    shop.refund(bought, "1")
    assert shop.has() == 13
    shop.void(bought)
    assert shop.has() == 20


def test_a_forgotten_receipt_is_claimed_once_and_in_time(shop: ShopFloor) -> None:
    """What came back before stays off; nobody else can claim it; after 14 days it is too late."""
    bought, late = shop.buy(1000, 500, who=""), shop.buy(900, who="")
    shop.refund(bought, "2")
    shop.now += 3 * DAY
    first = shop.club.claim("till", bought.external_id, "ann", shop.now)
    assert shop.has() == 10
    assert msgspec.json.encode(
        shop.club.claim("till", bought.external_id, "ann", shop.now)
    ) == msgspec.json.encode(first)
    with pytest.raises(ClaimRefused):
        shop.club.claim("till", bought.external_id, "ben", shop.now)
    shop.now += 20 * DAY
    with pytest.raises(ClaimRefused):
        shop.club.claim("till", late.external_id, "ann", shop.now)
    shop.void(bought)
    assert shop.has() == 0


def test_an_anonymous_sale_can_come_back(shop: ShopFloor) -> None:
    """A sale of nobody is kept and returned, without a point moving."""
    bought = shop.buy(1000, who="")
    assert (shop.refund(bought).whole, shop.refund(bought).taken) == (True, ())
    assert shop.club.verify().entries == 0


def test_a_sale_of_next_year_is_refused(shop: ShopFloor) -> None:
    """A till whose clock runs ahead does not expire everybody's points."""
    sale = msgspec.structs.replace(shop.sale(500), at=shop.now + timedelta(days=300))
    with pytest.raises(PurchaseRefused):
        shop.club.record_sale(sale, shop.now)


def test_explain_says_each_point_and_what_was_taken_back(shop: ShopFloor) -> None:
    """The customer's sentences hold the arithmetic, then what the return took."""
    bought = shop.buy(1250)
    shop.refund(bought)
    told = shop.club.explain("till", bought.external_id)
    assert "12 points" in told.sentences[0]
    assert "taken back" in told.sentences[-1]
    assert [row.points for row in told.rows if row.rule == "points"] == [12]


def test_replay_under_the_same_rules_changes_nothing(shop: ShopFloor) -> None:
    """The same programme gives the same points and cost; a doubled one gives twice the points."""
    bought = shop.buy(1250)
    for n in range(5):
        shop.now += DAY
        shop.buy(1099, who="ben", category="Drinks" if n % 2 else "Cakes")
    shop.refund(bought)
    since = (shop.now - 30 * DAY).date()
    same = shop.club.replay(programme(), since)
    assert (same.points_after, same.cost_after) == (same.points_before, same.cost_before)
    assert (same.sales, same.points_before, same.gaining, same.losing) == (6, 54, 0, 0)
    double = shop.club.replay(
        programme(TEXT.replace("points = 1\nper = 1.00", "points = 2\nper = 1.00")), since
    )
    assert (double.points_after, double.gaining) == (108, 1)
