"""Merging: nothing is lost, nothing is doubled, and it can be undone (B7)."""

from collections.abc import Iterator

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.loyalty.consents import Consent, allows, record_consent
from shopbell.loyalty.errors import MergeRefused
from tests.fakes.club import DAY, ShopFloor


@pytest.fixture
def shop(db_engine: sa.Engine) -> Iterator[ShopFloor]:
    floor = ShopFloor(db_engine, "ann", "ben", "cid")
    yield floor
    assert floor.sound()


def test_b7_a_merge_keeps_points_rewards_stamps_and_purchases(shop: ShopFloor) -> None:
    """Points, a reward that is held, a card and purchases are on the record that remains (B7)."""
    shop.buy(1250, who="ann")
    shop.buy(500, who="ben")
    shop.buy(1200, who="ann", category="Drinks", pieces="5")
    held = shop.reserve("five-off", who="ann")
    done = shop.club.merge("ann", "ben", shop.now, by="sam")
    assert (done.source, done.target) == ("ann", "ben")
    assert [shop.has(unit, "ben") for unit in ("points", "stamps:card", "reward:free-coffee")] == [19, 2, 1]
    assert shop.has(who="ann") == 19
    assert shop.club.redeem(held.hold, shop.now).customer == "ben"
    assert len(shop.club.purchases("ben")) == 3
    shop.buy(300, who="ann", category="Drinks")
    assert shop.has("reward:free-coffee", "ben") == 2


def test_b7_goods_of_the_merged_record_come_back_from_the_one_who_remains(shop: ShopFloor) -> None:
    """A return after the merge takes what the sale earned, once (B7)."""
    bought = shop.buy(1250, who="ann")
    shop.buy(500, who="ben")
    shop.club.merge("ann", "ben", shop.now, by="sam")
    shop.refund(bought)
    assert shop.has(who="ben") == 5
    assert len(shop.club.history("ben")) >= 4


def test_a_merge_undone_leaves_both_as_they_were(shop: ShopFloor) -> None:
    """Points, level, days and remainders are those of before; what was bought since stays."""
    shop.buy(3000, who="ann")
    shop.buy(3050, who="ben")
    before = {who: msgspec.json.encode(shop.club.standing(who, shop.now)) for who in ("ann", "ben")}
    done = shop.club.merge("ann", "ben", shop.now, by="sam")
    back = shop.club.unmerge(done.merge, shop.now, by="sam")
    assert back.undone
    assert [shop.has(who=who) for who in ("ann", "ben")] == [30, 30]
    assert before == {who: msgspec.json.encode(shop.club.standing(who, shop.now)) for who in ("ann", "ben")}
    again = shop.club.merge("ann", "ben", shop.now, by="sam")
    shop.buy(500, who="ben")
    shop.club.unmerge(again.merge, shop.now, by="sam")
    assert [shop.has(who=who) for who in ("ann", "ben")] == [30, 35]
    assert msgspec.json.encode(shop.club.unmerge(again.merge, shop.now, by="sam")) != b""
    assert [shop.has(who=who) for who in ("ann", "ben")] == [30, 35]


def test_merges_are_undone_from_the_last(shop: ShopFloor) -> None:
    """A record that was merged on cannot be taken apart first; nobody is merged into himself."""
    shop.buy(500, who="ann")
    first = shop.club.merge("ann", "ben", shop.now, by="sam")
    second = shop.club.merge("ben", "cid", shop.now, by="sam")
    assert shop.has(who="ann") == 5
    with pytest.raises(MergeRefused):
        shop.club.unmerge(first.merge, shop.now, by="sam")
    with pytest.raises(MergeRefused):
        shop.club.merge("cid", "ann", shop.now, by="sam")
    shop.club.unmerge(second.merge, shop.now, by="sam")
    shop.club.unmerge(first.merge, shop.now, by="sam")
    assert [shop.has(who=who) for who in ("ann", "ben", "cid")] == [5, 0, 0]


def test_the_most_restrictive_consent_wins_until_the_merge_is_undone(shop: ShopFloor) -> None:
    """A yes stands only where both said yes; undone, it is there again."""

    def said(who: str, purpose: str, *, given: bool) -> Consent:
        return Consent(
            customer=who, purpose=purpose, given=given, text_version="1", at=shop.now, by="customer"
        )

    with shop.engine.begin() as db:
        record_consent(db, said("ann", "profiling", given=True))
        record_consent(db, said("ben", "profiling", given=True))
        record_consent(db, said("ben", "marketing-email", given=True))
        record_consent(db, said("ann", "marketing-email", given=False))
    done = shop.club.merge("ann", "ben", shop.now, by="sam")
    with shop.engine.begin() as db:
        assert (allows(db, "ben", "profiling"), allows(db, "ben", "marketing-email")) == (True, False)
    shop.now += DAY
    shop.club.unmerge(done.merge, shop.now, by="sam")
    with shop.engine.begin() as db:
        assert allows(db, "ben", "marketing-email")
