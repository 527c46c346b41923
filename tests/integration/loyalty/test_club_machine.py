"""The state machine over the club itself: sales, levels, friends, rewards, merges and the clock.

SHOPBELL_STEPS=5000 runs it in full; the suite takes fewer steps.
"""

import copy
import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shopbell.loyalty.club import Club
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.errors import LoyaltyError
from shopbell.loyalty.house import Adjustment, House, Payment
from shopbell.loyalty.sale import Line, Refund, Return, Sale, Void
from shopbell.loyalty.tables import posting
from tests.fakes.club import programme
from tests.fakes.club_reference import LONDON, PROGRAMME, ClubReference, Friendship
from tests.fakes.loyalty_points import NEVER, Refused

STEPS = int(os.environ.get("SHOPBELL_STEPS", "300"))
PER_RUN = 50
PICK = st.integers(0, 50)
COUNT = st.integers(1, 12)
LONG = timedelta(days=4_000)
JUMPS = (  # the last moment before the clock or the calendar does something
    datetime(2027, 12, 31, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 2, 28, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 3, 26, 0, 59, 59, tzinfo=LONDON),
    datetime(2028, 10, 29, 0, 59, 59, tzinfo=LONDON),
)
LAST = datetime(2028, 12, 1, tzinfo=UTC)
"""The reference knows no window that closes: the clock stays within a year."""


class Machine(RuleBasedStateMachine):
    """A club, its customers and its clock, beside the reference."""

    engine: ClassVar[sa.Engine]
    steps: ClassVar[Counter[str]] = Counter()
    lives: ClassVar[int] = 0

    @initialize()
    def open(self) -> None:
        type(self).lives += 1
        self.number = 0
        self.now = datetime(2027, 12, 30, 9, tzinfo=UTC)
        house = House(hold_lasts=LONG, undo_within=LONG, adjust_most=10**6, adjust_day=10**9)
        self.club = Club(
            self.engine, programme(PROGRAMME), house=house, draw=self._draw, secret=bytes([self.lives % 256])
        )
        self.customers = Customers(self.engine, region="GB", draw=self._draw)
        self.model = ClubReference()
        self.people: list[str] = []
        self.gone: list[str] = []
        self.spendings: dict[str, str] = {}
        self.merges: list[int] = []
        for _ in range(3):
            self._join("")

    @rule(pick=PICK, units=st.sampled_from((1, 4, 5, 7, 20)))
    def earn(self, pick: int, units: int) -> None:
        self._earn(pick, units)

    @rule(pick=PICK, units=st.sampled_from((12, 33, 59, 60, 75)))
    def earn_much(self, pick: int, units: int) -> None:
        self._earn(pick, units)

    @rule(pick=PICK, units=st.sampled_from((5, 40)), days=st.sampled_from((0, 1, 4)))
    def earn_and_wait(self, pick: int, units: int, days: int) -> None:
        """Let points ripen, so that there is something to spend."""
        self._earn(pick, units)
        self.now = min(LAST, self.now + timedelta(days=days))

    def _earn(self, pick: int, units: int) -> None:
        key, who = self._key(), self._who(pick)
        line = Line(id="1", sku="s", quantity=Decimal(units), amount=units * 100)
        sale = Sale(source="till", external_id=key, at=self.now, customer=who, lines=(line,), cashier="r")
        self._both("earn", lambda: self.model.buy(key, who, units, self.now), lambda: self._record(sale))

    def _record(self, sale: Sale) -> None:
        answer = self.club.record_sale(sale, self.now)
        assert self.club.record_sale(sale, self.now) == answer

    @precondition(lambda self: self._open_sales())
    @rule(pick=PICK, part=COUNT)
    def refund_part(self, pick: int, part: int) -> None:
        key = self._open_sales()[pick % len(self._open_sales())]
        sale = self.model.sales[key]
        units = min(part, sale.units - sale.back)
        back = (Return(line="1", quantity=Decimal(units), amount=units * 100),)
        refund = Refund(source="till", external_id=self._key(), sale=key, at=self.now, returns=back)
        model = lambda: self.model.take_back(key, units, self.now)  # noqa: E731
        self._both("refund part", model, lambda: self.club.record_refund(refund, self.now))

    @precondition(lambda self: self._open_sales())
    @rule(pick=PICK, void=st.booleans())
    def refund_whole(self, pick: int, *, void: bool) -> None:
        key = self._open_sales()[pick % len(self._open_sales())]
        number, sale = self._key(), self.model.sales[key]
        rest = sale.units - sale.back
        undone = Void(source="till", external_id=number, sale=key, at=self.now)
        refund = Refund(source="till", external_id=number, sale=key, at=self.now)

        def act() -> None:
            if void:
                self.club.record_void(undone, self.now)
            else:
                self.club.record_refund(refund, self.now)

        self._both("void" if void else "refund whole", lambda: self.model.take_back(key, rest, self.now), act)

    @rule(pick=PICK)
    def refer(self, pick: int) -> None:
        self._join(self._who(pick))
        self.steps["refer"] += 1

    @rule(pick=PICK)
    def reserve(self, pick: int) -> None:
        who, key = self._who(pick), self._key()

        def act() -> None:
            held = self.club.reserve(who, "mug", self.now, key=key)
            assert self.club.reserve(who, "mug", self.now, key=key) == held
            self.model.points.holds[held.hold] = self.model.points.holds.pop(key)

        self._both("reserve", lambda: self.model.points.hold(key, who, 4, self.now), act)

    @precondition(lambda self: self.model.points.holds)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        hold = sorted(self.model.points.holds)[pick % len(self.model.points.holds)]
        act = lambda: self.club.redeem(hold, self.now)  # noqa: E731
        if self._both("redeem", lambda: self.model.points.redeem(hold, hold, self.now), act):
            self.spendings[hold] = "reward"

    @rule(pick=PICK)
    def hand_out(self, pick: int) -> None:
        """Set aside and redeem at once, as at the counter: by chance alone it is rare."""
        self.reserve(pick)
        if self.model.points.holds:
            self.redeem(pick)

    @precondition(lambda self: self.model.points.holds)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        hold = sorted(self.model.points.holds)[pick % len(self.model.points.holds)]
        model = lambda: self.model.points.release(hold, self.now)  # noqa: E731
        self._both("release", model, lambda: self.club.release(hold, self.now))

    @precondition(lambda self: self.spendings)
    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        hold = sorted(self.spendings)[pick % len(self.spendings)]
        model = lambda: self.model.points.give_back(hold, 4, self.now)  # noqa: E731
        self._both("undo", model, lambda: self.club.undo(hold, self.now))
        del self.spendings[hold]

    @rule(pick=PICK, count=COUNT)
    def pay(self, pick: int, count: int) -> None:
        who, key = self._who(pick), self._key()
        self._both(
            "pay",
            lambda: self.model.points.spend(key, who, count, self.now),
            lambda: self.club.pay(Payment(unit="points", points=count), who, self.now, key=key),
        )

    @rule(pick=PICK, count=st.integers(-12, 12).filter(bool))
    def adjust(self, pick: int, count: int) -> None:
        who, key = self._who(pick), self._key()
        asked = Adjustment(key=key, customer=who, points=count, reason="counted", actor="sam")

        def model() -> None:
            if count > 0:
                self.model.points.earn(key, who, count, self.now, self.now, NEVER)
            else:
                self.model.points.lessen(who, -count, self.now)

        self._both("adjust", model, lambda: self.club.adjust(asked, self.now))

    @precondition(lambda self: len(self._mergeable()) > 1)
    @rule(pick=PICK, other=PICK)
    def merge(self, pick: int, other: int) -> None:
        able = self._mergeable()
        source = able.pop(pick % len(able))
        target = able[other % len(able)]

        def act() -> None:
            self.merges.append(self.club.merge(source, target, self.now, by="sam").merge)

        self._both("merge", lambda: self.model.merge(source, target, self.now), act)
        self.people.remove(source)
        self.gone.append(source)

    @precondition(lambda self: self.merges)
    @rule()
    def unmerge(self) -> None:
        number = self.merges.pop()
        act = lambda: self.club.unmerge(number, self.now, by="sam")  # noqa: E731
        self._both("unmerge", lambda: self.model.unmerge(self.now), act)
        self.people.append(self.gone.pop())

    @rule()
    def expire_and_mature(self) -> None:
        self.club.daily(self.now)
        self.model.points.sweep(self.now, lambda p: p.place == "pending" and p.ripe <= self.now)
        self.model.points.sweep(self.now, lambda p: p.place in {"available", "pending"} and p.end <= self.now)
        for who in self.people:
            self.model.review(who, self.now)
        self.steps["daily"] += 1

    @rule(after=st.sampled_from((1, 3_600, 86_400, 3 * 86_400, 41 * 86_400)))
    def wait(self, after: int) -> None:
        self.now = min(LAST, self.now + timedelta(seconds=after))
        self.steps["wait"] += 1

    @rule(pick=PICK)
    def jump(self, pick: int) -> None:
        """Go to the second before a change of the clock or the calendar, or just over it."""
        ahead = [one for one in JUMPS if one > self.now]
        if ahead:
            self.now = ahead[0].astimezone(UTC) + timedelta(seconds=pick % 3)
        self.steps["jump"] += 1

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        seen = copy.deepcopy(self.model.points)
        for who in self.people:
            seen.settle(who, self.now)
            purses = {one.unit: one for one in self.club.balance(who, self.now).balances}
            one = purses.get("points")
            got = (one.available, one.pending, one.held) if one else (0, 0, 0)
            net = len(seen.at(who, "available")) - seen.owed.get(who, 0)
            assert got == (net, len(seen.at(who, "pending")), len(seen.at(who, "held"))), who
            assert (self.club.standing(who, self.now).tier == "gold") == self.model.gold(who, self.now), who
        with self.engine.connect() as db:
            assert db.execute(sa.select(sa.func.coalesce(sa.func.sum(posting.c.points), 0))).scalar_one() == 0

    def teardown(self) -> None:
        if hasattr(self, "club"):
            assert self.club.verify().fault is None

    def _both(self, what: str, model: Callable[[], object], act: Callable[[], object]) -> bool:
        """Do it in both; what one refuses, the other must refuse, and nothing may have happened."""
        before = copy.deepcopy(self.model)
        try:
            model()
            refused = False
        except Refused:
            self.model, refused = before, True
        self.steps[f"{what} refused" if refused else what] += 1
        gold = sum(standing.gold for standing in self.model.standings.values())
        if gold != sum(standing.gold for standing in before.standings.values()):
            self.steps["tier change"] += 1
        try:
            act()
        except LoyaltyError as fault:
            if not refused:
                raise AssertionError(f"the club refused to {what}: {fault}") from fault
            return False
        assert not refused, f"the club did not refuse to {what}"
        return True

    def _join(self, by: str) -> None:
        name = f"m{self.lives}-{len(self.people) + len(self.gone)}-{self.number}"
        self.number += 1
        self.customers.create(Customer(id=name, name="Ann", joined_at=self.now))
        self.club.join(name, self.now, brought_by=by)
        self.people.append(name)
        self.model.review(name, self.now)
        self.model.standings.pop(name)
        if by:
            self.model.friends[name] = Friendship(by, self.now)

    def _open_sales(self) -> list[str]:
        return sorted(key for key, sale in self.model.sales.items() if sale.back < sale.units)

    def _mergeable(self) -> list[str]:
        return [who for who in self.people if who not in self.model.friends]

    def _draw(self, size: int) -> bytes:
        type(self).steps["drawn"] += 1
        return self.steps["drawn"].to_bytes(8, "big").rjust(size, b"\0")[-size:]

    def _key(self) -> str:
        self.number += 1
        return f"m{self.lives}-k{self.number}"

    def _who(self, pick: int) -> str:
        return self.people[pick % len(self.people)]


def test_club_and_reference_agree_after_every_step(sqlite_shop: sa.Engine) -> None:
    """Points, levels and sums agree after each step, and every kind of step was taken."""
    Machine.engine, Machine.steps, Machine.lives = sqlite_shop, Counter(), 0
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=3 + STEPS * 5 // (PER_RUN * 4),
            stateful_step_count=PER_RUN,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    taken = Machine.steps - Counter(drawn=Machine.steps["drawn"])
    assert taken.total() >= STEPS, taken
    kinds = {"earn", "refund part", "refer", "reserve", "redeem", "merge", "unmerge", "tier change", "daily"}
    assert kinds <= set(taken), taken
    sys.stderr.write(f"{taken.total()} steps: {sorted(taken.items())}\n")
