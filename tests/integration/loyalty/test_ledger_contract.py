"""What the ledger promises, on SQLite and on PostgreSQL alike."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.errors import (
    BadOperation,
    HoldEnded,
    KeyReused,
    LedgerError,
    MoreThanGiven,
    NotEnough,
    NotInLedger,
)
from shopbell.loyalty.ledger import Ledger, post
from shopbell.loyalty.verify import Anchor
from shopbell.storage.database import reading

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Shop:
    """The ledger with short words; keys count up."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.ledger = Ledger(engine)
        self.now = T0
        self._numbers = count(1)

    def key(self) -> str:
        return f"k{next(self._numbers)}"

    def earn(
        self,
        points: int,
        owner: str = "ann",
        *,
        ripe: timedelta | None = None,
        lost: timedelta | None = None,
        unit: str = "points",
    ) -> o.Receipt:
        return self.ledger.accrue(
            o.Accrue(
                key=self.key(),
                at=self.now,
                owner=owner,
                unit=unit,
                points=points,
                matures_at=None if ripe is None else self.now + ripe,
                expires_at=None if lost is None else self.now + lost,
            )
        )

    def spend(self, points: int, owner: str = "ann") -> o.Receipt:
        return self.ledger.spend(
            o.Spend(key=self.key(), at=self.now, owner=owner, unit="points", points=points)
        )

    def hold(self, points: int, owner: str = "ann") -> o.Receipt:
        return self.ledger.hold(
            o.Hold(key=self.key(), at=self.now, owner=owner, unit="points", points=points)
        )

    def redeem(self, hold: o.Receipt) -> o.Receipt:
        return self.ledger.redeem_hold(o.RedeemHold(key=self.key(), at=self.now, hold=hold.key))

    def release(self, hold: o.Receipt) -> o.Receipt:
        return self.ledger.release_hold(o.ReleaseHold(key=self.key(), at=self.now, hold=hold.key))

    def give_back(self, spent: o.Receipt, points: int | None = None, owner: str = "") -> o.Receipt:
        return self.ledger.give_back(
            o.GiveBack(key=self.key(), at=self.now, spend=spent.key, points=points, owner=owner)
        )

    def claw(self, earned: o.Receipt, points: int | None = None, *, negative: bool = False) -> o.Receipt:
        policy = o.ClawBack(key=self.key(), at=self.now, accrual=earned.key, points=points)
        return self.ledger.claw_back(
            msgspec.structs.replace(policy, shortfall="negative") if negative else policy
        )

    def merge(self, source: str, target: str) -> o.Receipt:
        return self.ledger.transfer(
            o.Transfer(key=self.key(), at=self.now, source=source, target=target, unit="points")
        )

    def unmerge(self, merge: o.Receipt) -> o.Receipt:
        return self.ledger.undo_transfer(o.UndoTransfer(key=self.key(), at=self.now, transfer=merge.key))

    def have(self, owner: str = "ann") -> tuple[int, int, int]:
        """Return available, pending and held."""
        got = self.ledger.balance(owner, "points", self.now)
        return got.available, got.pending, got.held

    def lots(self, owner: str = "ann") -> list[tuple[int, int]]:
        return [(lot.seq, lot.points) for lot in self.ledger.balance(owner, "points", self.now).lots]

    def close(self, day: date, rate: str = "1") -> bytes:
        rates = (o.Rate(unit="points", money=Decimal(rate)),)
        return msgspec.json.encode(self.ledger.close_day(o.CloseDay(day=day, at=self.now, rates=rates)))


@pytest.fixture
def shop(db_engine: sa.Engine) -> Iterator[Shop]:
    """Give an empty ledger; afterwards every sum is zero and every row verified."""
    shop = Shop(db_engine)
    yield shop
    found = shop.ledger.verify()
    assert found.fault is None
    with reading(db_engine) as db:
        sums = db.exec_driver_sql(
            "SELECT account.unit, sum(points) FROM posting JOIN account ON account.id = account GROUP BY unit"
        ).all()
    assert all(total == 0 for _, total in sums)


def test_what_is_earned_can_be_spent_and_no_more(shop: Shop) -> None:
    """A balance goes down to zero and not below; what is refused leaves no trace."""
    shop.earn(100)
    assert shop.spend(60).available == 40
    with pytest.raises(NotEnough, match="41 points are needed and 40 are there") as caught:
        shop.spend(41)
    assert caught.value.available == 40
    shop.spend(40)
    assert shop.have() == (0, 0, 0)
    with pytest.raises(NotEnough):
        shop.spend(1, "nobody")


def test_one_receipt_pays_twice_never(shop: Shop) -> None:
    """B6: the same key and request gives the first answer byte for byte, whatever happened since."""
    request = o.Accrue(key="sale-1", at=T0, owner="ann", unit="points", points=10, expires_at=T0 + DAY * 9)
    first = shop.ledger.accrue(request)
    shop.spend(5)
    again = shop.ledger.accrue(
        msgspec.structs.replace(
            request,
            at=T0 + DAY,
            expires_at=(T0 + DAY * 9).astimezone(timezone(timedelta(hours=5))),
        )
    )
    assert msgspec.json.encode(again) == msgspec.json.encode(first)
    assert shop.have() == (5, 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        o.Accrue(key="k", at=T0, owner="ann", unit="points", points=11),
        o.Accrue(key="k", at=T0, owner="bob", unit="points", points=10),
        o.Accrue(key="k", at=T0, owner="ann", unit="money", points=10),
        o.Accrue(key="k", at=T0, owner="ann", unit="points", points=10, expires_at=T0 + DAY),
        o.Spend(key="k", at=T0, owner="ann", unit="points", points=10),
        o.Hold(key="k", at=T0, owner="ann", unit="points", points=10),
        o.Transfer(key="k", at=T0, source="ann", target="bob", unit="points"),
        o.RedeemHold(key="k", at=T0, hold="k"),
        o.ReleaseHold(key="k", at=T0, hold="k"),
        o.GiveBack(key="k", at=T0, spend="k"),
        o.ClawBack(key="k", at=T0, accrual="k"),
        o.Adjust(key="k", at=T0, owner="ann", unit="points", points=10, reason="r", actor="a"),
        o.UndoTransfer(key="k", at=T0, transfer="k"),
    ],
)
def test_a_key_stands_for_one_request(shop: Shop, other: o.Request) -> None:
    """The same key with another request is refused, and nothing is written."""
    shop.ledger.accrue(o.Accrue(key="k", at=T0, owner="ann", unit="points", points=10))
    with pytest.raises(KeyReused, match="used before for another request"):
        shop.ledger.post(other)
    assert shop.have() == (10, 0, 0)


def test_the_oldest_points_go_first(shop: Shop) -> None:
    """What expires first is spent first, then what was earned first; what never expires comes last."""
    never = shop.earn(10).seq
    late = shop.earn(10, lost=DAY * 20).seq
    soon = shop.earn(10, lost=DAY * 10).seq
    also_late = shop.earn(10, lost=DAY * 20).seq
    shop.spend(15)
    assert shop.lots() == [(late, 5), (also_late, 10), (never, 10)]
    assert soon not in dict(shop.lots())


def test_pending_points_ripen_on_their_day(shop: Shop) -> None:
    """Before it they cannot be spent; from then on they can, without any sweep; sweeps are idempotent."""
    shop.earn(10, ripe=DAY * 14)
    assert shop.have() == (0, 10, 0)
    with pytest.raises(NotEnough):
        shop.spend(1)
    shop.now = T0 + DAY * 14 - timedelta(microseconds=1)
    assert shop.ledger.mature(shop.now) == 0
    shop.now = T0 + DAY * 14
    assert shop.have() == (10, 0, 0)
    shop.spend(4)
    assert shop.ledger.mature(shop.now) == 0
    shop.earn(3, ripe=DAY)
    assert [shop.ledger.mature(shop.now + DAY) for _ in range(3)] == [1, 0, 0]
    assert shop.have() == (9, 0, 0)


def test_nobody_spends_an_expired_point(shop: Shop) -> None:
    """A point is lost at the instant it expires, whether or not a sweep has run."""
    shop.earn(10, lost=DAY)
    shop.earn(1)
    shop.now = T0 + DAY - timedelta(microseconds=1)
    assert shop.have() == (11, 0, 0)
    shop.now = T0 + DAY
    assert shop.have() == (1, 0, 0)
    with pytest.raises(NotEnough):
        shop.spend(2)
    assert [shop.ledger.expire(shop.now) for _ in range(3)] == [1, 0, 0]
    assert shop.have() == (1, 0, 0)


def test_sweeps_reach_everyone(shop: Shop) -> None:
    """More customers than fit one transaction are all settled."""
    with shop.engine.begin() as db:
        for n in range(210):
            post(
                db,
                o.Accrue(key=f"s{n}", at=T0, owner=f"c{n}", unit="points", points=1, expires_at=T0 + DAY),
            )
    assert shop.ledger.expire(T0 + DAY) == 210
    assert shop.ledger.expire(T0 + DAY) == 0


def test_a_held_reward_is_not_spendable_twice(shop: Shop) -> None:
    """Held points are neither available nor lost; they are redeemed or released, once."""
    shop.earn(10)
    first = shop.hold(6)
    assert shop.have() == (4, 0, 6)
    with pytest.raises(NotEnough):
        shop.hold(6)
    second = shop.hold(4)
    shop.redeem(first)
    shop.release(second)
    assert shop.have() == (4, 0, 0)
    for again in (first, second):
        with pytest.raises(HoldEnded):
            shop.redeem(again)
        with pytest.raises(HoldEnded):
            shop.release(again)


def test_a_hold_keeps_points_past_their_day(shop: Shop) -> None:
    """What was claimed in time can be redeemed later; released late, it is lost."""
    shop.earn(10, lost=DAY)
    kept, dropped = shop.hold(4), shop.hold(6)
    shop.now = T0 + DAY * 2
    shop.ledger.expire(shop.now)
    assert shop.have() == (0, 0, 10)
    shop.redeem(kept)
    shop.release(dropped)
    assert shop.have() == (0, 0, 0)


def test_spent_points_come_back_to_their_lots(shop: Shop) -> None:
    """B5: in parts, what was burnt last first, with the old expiry, and never more than was spent."""
    a = shop.earn(10, lost=DAY * 5).seq
    b = shop.earn(10, lost=DAY * 9).seq
    spent = shop.spend(15)
    shop.give_back(spent, 4)
    assert shop.lots() == [(b, 9)]
    shop.give_back(spent, 3)
    assert shop.lots() == [(a, 2), (b, 10)]
    with pytest.raises(MoreThanGiven, match="of the 15 spent, 8 are left"):
        shop.give_back(spent, 9)
    shop.give_back(spent)
    assert shop.lots() == [(a, 10), (b, 10)]
    shop.now = T0 + DAY * 5
    assert shop.have() == (10, 0, 0)


def test_a_redeemed_hold_can_be_given_back(shop: Shop) -> None:
    """Undoing a redeemed reward returns the points to their lot."""
    lot = shop.earn(10).seq
    redeemed = shop.redeem(shop.hold(7))
    shop.give_back(redeemed)
    assert shop.lots() == [(lot, 10)]


def test_a_refund_takes_the_points_of_that_sale(shop: Shop) -> None:
    """B5: from their own lot first, whole or in part, and never twice."""
    old, new = shop.earn(10, lost=DAY), shop.earn(10, lost=DAY * 9)
    assert shop.claw(new, 4).shortfall == 0
    assert shop.lots() == [(old.seq, 10), (new.seq, 6)]
    with pytest.raises(MoreThanGiven, match="6 are left to take"):
        shop.claw(new, 7)
    shop.claw(new)
    assert shop.claw(new).points == 0
    assert shop.lots() == [(old.seq, 10)]


def test_a_refund_of_pending_points_takes_the_pending(shop: Shop) -> None:
    """A sale refunded before its points ripened leaves the others alone."""
    shop.earn(10)
    shop.claw(shop.earn(10, ripe=DAY))
    assert shop.have() == (10, 0, 0)


def test_spent_points_are_taken_from_other_lots_then_forgiven(shop: Shop) -> None:
    """With the policy "clamp" the account stops at zero and the shortfall is written down."""
    earned = shop.earn(10, lost=DAY)
    shop.spend(10)
    shop.earn(4)
    got = shop.claw(earned)
    assert (got.points, got.shortfall, got.available) == (10, 6, 0)
    assert shop.ledger.history("ann")[0].shortfall == 6
    shop.earn(5)
    assert shop.have() == (5, 0, 0)


def test_spent_points_are_owed_and_repaid(shop: Shop) -> None:
    """With the policy "negative" the account goes below zero, and what is earned next repays it at once."""
    earned = shop.earn(10)
    shop.spend(10)
    got = shop.claw(earned, negative=True)
    assert (got.shortfall, got.available) == (10, -10)
    shop.earn(4, lost=DAY)
    assert shop.have() == (-6, 0, 0)
    shop.now = T0 + DAY * 2
    shop.ledger.expire(shop.now)
    assert shop.have() == (-6, 0, 0)
    with pytest.raises(NotEnough, match="0 are there"):
        shop.spend(1)
    shop.earn(10, ripe=DAY)
    shop.now += DAY
    shop.ledger.mature(shop.now)
    assert shop.have() == (4, 0, 0)


@pytest.mark.parametrize("how", ["release", "give back"])
def test_points_that_come_back_repay_at_once(shop: Shop, how: str) -> None:
    """They do not expire while something is owed, to be owed still."""
    earned = shop.earn(10)
    shop.spend(10)
    shop.earn(4, lost=DAY)
    other = shop.hold(4) if how == "release" else shop.spend(4)
    shop.claw(earned, negative=True)
    assert shop.have() == (-10, 0, 4 if how == "release" else 0)
    if how == "release":
        shop.release(other)
    else:
        shop.give_back(other)
    assert shop.have() == (-6, 0, 0)
    shop.now = T0 + DAY * 2
    shop.ledger.expire(shop.now)
    assert shop.have() == (-6, 0, 0)


def test_points_that_come_back_too_late_repay_nothing(shop: Shop) -> None:
    """A lot that has expired meanwhile loses what comes back to it."""
    earned = shop.earn(10)
    shop.spend(10)
    shop.earn(4, lost=DAY)
    held = shop.hold(4)
    shop.claw(earned, negative=True)
    shop.now = T0 + DAY * 2
    shop.release(held)
    assert shop.have() == (-10, 0, 0)


def test_expired_points_are_not_taken_twice(shop: Shop) -> None:
    """A sale refunded after some of its points expired takes only those that did the customer good."""
    earned = shop.earn(10, lost=DAY)
    shop.spend(3)
    shop.now = T0 + DAY
    shop.earn(100)
    got = shop.claw(earned)
    assert (got.points, got.shortfall, got.available) == (3, 0, 97)


def test_adjustments_need_a_reason_and_a_name(shop: Shop) -> None:
    """Up makes a lot, down takes the oldest, and neither goes below zero."""
    down = o.Adjust(key="a", at=T0, owner="ann", unit="points", points=-5, reason="typed twice", actor="eve")
    for wrong in (
        msgspec.structs.replace(down, reason=""),
        msgspec.structs.replace(down, actor=""),
        msgspec.structs.replace(down, points=0),
    ):
        with pytest.raises(BadOperation, match="a reason, and who"):
            shop.ledger.adjust(wrong)
    with pytest.raises(NotEnough):
        shop.ledger.adjust(down)
    shop.ledger.adjust(msgspec.structs.replace(down, key="b", points=8, expires_at=T0 + DAY))
    assert shop.ledger.adjust(down).available == 3
    shop.now = T0 + DAY
    assert shop.have() == (0, 0, 0)


def test_a_merge_loses_nothing(shop: Shop) -> None:
    """B7: lots keep their age and expiry, pending stays pending, holds and debts come along."""
    soon, ripe = shop.earn(10, lost=DAY * 3).seq, shop.earn(5, ripe=DAY).seq
    reward = shop.hold(4)
    own = shop.earn(1, "bob").seq
    merge = shop.merge("ann", "bob")
    assert (merge.points, merge.available, merge.pending, merge.held) == (15, 7, 5, 4)
    assert shop.have("ann") == (0, 0, 0)
    assert shop.lots("bob") == [(soon, 6), (own, 1), (ripe, 5)] or shop.lots("bob") == [
        (soon, 6),
        (ripe, 5),
        (own, 1),
    ]
    assert shop.redeem(reward).owner == "bob"
    assert shop.ledger.history("ann")[0].kind == "transfer"
    assert shop.ledger.history("ann")[0].available == -6


def test_a_merge_can_be_undone(shop: Shop) -> None:
    """B7: what came goes home, holds too; what was spent meanwhile stays spent, and twice is refused."""
    a, b = shop.earn(10, lost=DAY * 3).seq, shop.earn(6, ripe=DAY).seq
    reward = shop.hold(4)
    own = shop.earn(7, "bob").seq
    merge = shop.merge("ann", "bob")
    shop.spend(2, "bob")
    shop.now += DAY
    shop.unmerge(merge)
    assert shop.lots("ann") == [(a, 4), (b, 6)]
    assert shop.lots("bob") == [(own, 7)]
    shop.release(reward)
    assert shop.have("ann") == (14, 0, 0)
    with pytest.raises(MoreThanGiven, match="undone before"):
        shop.unmerge(merge)
    with pytest.raises(BadOperation):
        shop.merge("ann", "ann")


def test_debts_move_with_a_merge_and_back(shop: Shop) -> None:
    """What is owed is repaid from what the other one has."""
    earned = shop.earn(10)
    shop.spend(10)
    shop.claw(earned, negative=True)
    shop.earn(4, "bob")
    merge = shop.merge("ann", "bob")
    assert shop.have("bob") == (-6, 0, 0)
    shop.unmerge(merge)
    assert shop.have("ann") == (-6, 0, 0)
    assert shop.have("bob") == (0, 0, 0)


def test_a_refund_after_a_merge_reaches_who_remains(shop: Shop) -> None:
    """Both give back and claw back can name the customer that two records became."""
    earned = shop.earn(10)
    spent = shop.spend(4)
    shop.merge("ann", "bob")
    shop.give_back(spent, owner="bob")
    assert shop.have("bob") == (10, 0, 0)
    claw = o.ClawBack(key="c", at=T0, accrual=earned.key, owner="bob")
    assert shop.ledger.claw_back(claw).available == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda shop: o.RedeemHold(key="x", at=T0, hold="k1"),
        lambda shop: o.ReleaseHold(key="x", at=T0, hold="no"),
        lambda shop: o.GiveBack(key="x", at=T0, spend="k1"),
        lambda shop: o.ClawBack(key="x", at=T0, accrual="no"),
        lambda shop: o.UndoTransfer(key="x", at=T0, transfer="k1"),
    ],
)
def test_what_is_not_there_is_named(shop: Shop, make: Callable[[Shop], o.Request]) -> None:
    """An operation about another entry needs one of the right kind."""
    shop.earn(1)
    with pytest.raises(NotInLedger, match="is in the ledger"):
        shop.ledger.post(make(shop))


def test_several_operations_stand_or_fall_together(shop: Shop) -> None:
    """In one transaction, a refusal takes everything back."""

    def both() -> None:
        with shop.engine.begin() as db:
            post(db, o.Accrue(key="a", at=T0, owner="ann", unit="points", points=5))
            post(db, o.Spend(key="b", at=T0, owner="ann", unit="points", points=6))

    with pytest.raises(NotEnough):
        both()
    assert shop.ledger.history("ann") == []
    with shop.engine.begin() as db:
        post(db, o.Accrue(key="a", at=T0, owner="ann", unit="points", points=5))
        post(db, o.Spend(key="b", at=T0, owner="ann", unit="points", points=5))
    assert [move.key for move in shop.ledger.history("ann")] == ["b", "a"]


def test_units_do_not_mix(shop: Shop) -> None:
    """Stamps and money are counted apart."""
    shop.earn(3, unit="stamps:coffee")
    shop.earn(500, unit="money")
    assert shop.ledger.units("ann") == ("money", "stamps:coffee")
    with pytest.raises(NotEnough):
        shop.spend(1)


def test_history_shows_each_change(shop: Shop) -> None:
    """Newest first, page by page, with what changed where."""
    shop.earn(10, ripe=DAY)
    shop.now += DAY
    shop.hold(4)
    lines = [(line.kind, line.available, line.pending, line.held) for line in shop.ledger.history("ann")]
    assert lines == [("hold", -4, 0, 4), ("mature", 10, -10, 0), ("accrue", 0, 10, 0)]
    last = shop.ledger.history("ann", unit="points", limit=1)[0]
    assert [m.kind for m in shop.ledger.history("ann", before=last.seq)] == ["mature", "accrue"]


def test_points_without_a_zone_or_a_life_are_refused(shop: Shop) -> None:
    """A time needs a zone, and points must be usable before they are lost."""
    wrong = o.Accrue(key="k", at=T0.replace(tzinfo=None), owner="ann", unit="points", points=1)
    with pytest.raises(LedgerError, match="no zone"):
        shop.ledger.accrue(wrong)
    with pytest.raises(BadOperation, match="before they can be used"):
        shop.earn(1, ripe=DAY, lost=DAY)


def test_the_close_sheet_adds_up(shop: Shop) -> None:
    """Day by day: what moved, what is owed in points and money, what was lost; the same again on a repeat."""
    first = shop.earn(100, lost=DAY)
    shop.spend(30)
    shop.earn(50, "bob", lost=DAY * 99)
    shop.hold(20, "bob")
    one = msgspec.json.decode(shop.close(date(2026, 1, 1), "0.5"))
    (unit,) = one["units"]
    assert (unit["issued"], unit["redeemed"], unit["expired"]) == (150, 30, 0)
    assert (unit["liability"], unit["liability_money"], unit["trial"]) == (120, 60, 0)
    shop.now = T0 + DAY
    shop.claw(first)
    text = shop.close(date(2026, 1, 2), "0.333")
    (unit,) = msgspec.json.decode(text)["units"]
    assert (unit["issued"], unit["redeemed"], unit["expired"], unit["shortfall"]) == (0, 0, 70, 30)
    assert (unit["available"], unit["held"], unit["liability"]) == (30, 20, 50)
    assert unit["liability_money"] == 17
    assert unit["breakage"] == "0.4667"
    assert unit["breakage_estimate"] == round(50 * 70 / 100)
    assert unit["trial"] == 0
    shop.earn(7)
    assert shop.close(date(2026, 1, 2), "0.333") == text
    with pytest.raises(KeyReused):
        shop.close(date(2026, 1, 2), "1")


def test_a_printed_sheet_anchors_the_past(shop: Shop) -> None:
    """Verify takes the hash of a sheet, and names the entry where another past was written."""
    shop.earn(10)
    sheet = msgspec.json.decode(shop.close(date(2026, 1, 1)))
    shop.earn(10)
    assert shop.ledger.verify(Anchor(entries=sheet["entries"], hash=sheet["hash"])).fault is None
    wrong = shop.ledger.verify(Anchor(entries=sheet["entries"], hash="00" * 32)).fault
    assert wrong is not None
    assert (wrong.table, wrong.row) == ("entry", 1)
    far = shop.ledger.verify(Anchor(entries=99, hash="00" * 32)).fault
    assert far is not None
    assert "counts 99" in far.what


def test_ten_can_be_afforded_sixty_four_try(shop: Shop) -> None:
    """L1: exactly ten spend, each time, whether at once or held first."""
    with ThreadPoolExecutor(64) as threads:
        for round_ in range(2):
            shop.earn(100, f"c{round_}")

            def attempt(n: int, owner: str = f"c{round_}") -> bool:
                kind = o.Spend if n % 2 else o.Hold
                try:
                    shop.ledger.post(kind(key=f"{owner}-{n}", at=T0, owner=owner, unit="points", points=10))
                except NotEnough:
                    return False
                return True

            assert sum(threads.map(attempt, range(64))) == 10


def test_one_key_at_once_from_all_sides(shop: Shop) -> None:
    """The same request from sixteen threads at once has one effect and one answer."""
    request = o.Accrue(key="once", at=T0, owner="ann", unit="points", points=10)
    with ThreadPoolExecutor(16) as threads:
        answers = {
            msgspec.json.encode(receipt) for receipt in threads.map(shop.ledger.accrue, [request] * 16)
        }
    assert len(answers) == 1
    assert shop.have() == (10, 0, 0)
