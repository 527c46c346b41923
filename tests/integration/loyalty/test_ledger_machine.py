"""The state machine: whatever is done in whatever order, ledger and reference agree after every step."""

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

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

from shopbell.loyalty import operations as o
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import LedgerError
from shopbell.loyalty.ledger import post
from shopbell.loyalty.settling import DUE_TO_EXPIRE, DUE_TO_MATURE, sweep
from shopbell.loyalty.statement import balance
from shopbell.loyalty.tables import posting
from shopbell.loyalty.verify import verify
from tests.fakes.loyalty_points import NEVER, Points, Refused

LONDON = ZoneInfo("Europe/London")
PEOPLE = ("ann", "ben", "cid")
COUNT = st.integers(1, 12)
PICK = st.integers(0, 50)
JUMPS = (  # the last moment before the clock or the calendar does something
    datetime(2027, 12, 31, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 2, 28, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 2, 29, 23, 59, 59, tzinfo=LONDON),
    datetime(2028, 3, 26, 0, 59, 59, tzinfo=LONDON),
    datetime(2028, 10, 29, 0, 59, 59, tzinfo=LONDON),
    datetime(2028, 12, 31, 23, 59, 59, tzinfo=LONDON),
)
AFTER = st.sampled_from((0, 0, 1, 2, 5, 30)).map(lambda days: timedelta(days=days))
LIFE = st.sampled_from((timedelta(seconds=1), timedelta(hours=25), timedelta(days=40), None))


class Machine(RuleBasedStateMachine):
    """Customers, their points and the clock."""

    engine: ClassVar[sa.Engine]
    steps: ClassVar[Counter[str]] = Counter()

    @initialize()
    def open(self) -> None:
        self.db = self.engine.connect()
        self.points = Points()
        self.now = datetime(2027, 12, 30, 9, tzinfo=UTC)
        self.people = list(PEOPLE)
        self.number = 0
        self.last: tuple[o.Request, o.Receipt] | None = None
        self.partial: set[str] = set()

    @rule(pick=PICK, count=COUNT, ripe=AFTER, life=LIFE)
    def earn(self, pick: int, count: int, ripe: timedelta, life: timedelta | None) -> None:
        self._earn("earn", self._who(pick), count, ripe, life)

    @rule(pick=PICK, count=COUNT)
    def refer(self, pick: int, count: int) -> None:
        for who in {self._who(pick), self._who(pick + 1)}:
            self._earn("refer", who, count, timedelta(), timedelta(days=90))

    @rule(pick=PICK)
    def tier_change(self, pick: int) -> None:
        self._earn("tier:gold", self._who(pick), 10, timedelta(), None)

    @rule(pick=PICK, count=COUNT)
    def spend(self, pick: int, count: int) -> None:
        who, key = self._who(pick), self._key()
        done = self._both(
            "spend",
            o.Spend(key=key, at=self.now, owner=who, unit="points", points=count),
            lambda: self.points.spend(key, who, count, self.now),
        )
        self.partial |= {key} if done else set()

    @rule(pick=PICK, count=COUNT)
    def reserve(self, pick: int, count: int) -> None:
        who, key = self._who(pick), self._key()
        request = o.Hold(key=key, at=self.now, owner=who, unit="points", points=count)
        self._both("reserve", request, lambda: self.points.hold(key, who, count, self.now))

    @precondition(lambda self: self.points.holds)
    @rule(pick=PICK)
    def redeem(self, pick: int) -> None:
        key, hold = self._key(), self._one(self.points.holds, pick)
        request = o.RedeemHold(key=key, at=self.now, hold=hold)
        self._both("redeem", request, lambda: self.points.redeem(key, hold, self.now))

    @precondition(lambda self: self.points.holds)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        hold = self._one(self.points.holds, pick)
        request = o.ReleaseHold(key=self._key(), at=self.now, hold=hold)
        self._both("release", request, lambda: self.points.release(hold, self.now))

    @precondition(lambda self: self.points.spent)
    @rule(pick=PICK, count=COUNT)
    def give_back(self, pick: int, count: int) -> None:
        key = self._one(self.points.spent, pick)
        count = count if key in self.partial else len(self.points.spent[key])
        if count:
            owner = self.points.spender[key]
            request = o.GiveBack(key=self._key(), at=self.now, spend=key, points=count, owner=owner)
            self._both("give back", request, lambda: self.points.give_back(key, count, self.now))

    @precondition(lambda self: self.points.taken)
    @rule(pick=PICK, count=COUNT, negative=st.booleans())
    def refund_part(self, pick: int, count: int, *, negative: bool) -> None:
        key = self._one(self.points.taken, pick)
        self._take_back("refund part", key, count, negative=negative)

    @precondition(lambda self: self.points.taken)
    @rule(pick=PICK, negative=st.booleans())
    def refund_whole(self, pick: int, *, negative: bool) -> None:
        key = self._one(self.points.taken, pick)
        rest = sum(p.lot == self.points.lots[key] for p in self.points.all) - self.points.taken[key]
        if rest:
            self._take_back("void", key, rest, negative=negative)

    @rule(pick=PICK, count=COUNT, life=LIFE)
    def adjust_up(self, pick: int, count: int, life: timedelta | None) -> None:
        who, key, end = self._who(pick), self._key(), self._end(life)
        request = o.Adjust(
            key=key,
            at=self.now,
            owner=who,
            unit="points",
            points=count,
            expires_at=end,
            reason="r",
            actor="sam",
        )
        self._both(
            "adjust", request, lambda: self.points.earn(key, who, count, self.now, self.now, end or NEVER)
        )
        self.points.taken.pop(key, None)  # what was given by hand is taken by hand

    @rule(pick=PICK, count=COUNT)
    def adjust_down(self, pick: int, count: int) -> None:
        who = self._who(pick)
        request = o.Adjust(
            key=self._key(), at=self.now, owner=who, unit="points", points=-count, reason="r", actor="sam"
        )
        self._both("adjust", request, lambda: self.points.lessen(who, count, self.now))

    @precondition(lambda self: len(self.people) > 1)
    @rule(pick=PICK, other=PICK)
    def merge(self, pick: int, other: int) -> None:
        source = self._who(pick)
        target = [one for one in self.people if one != source][other % (len(self.people) - 1)]
        key = f"merge{len(self.points.merges)}-{self._key()}"
        request = o.Transfer(key=key, at=self.now, source=source, target=target, unit="points")
        self._both("merge", request, lambda: self.points.merge(source, target, self.now))
        self.points.merges[-1].key = key
        self.people.remove(source)

    @precondition(lambda self: self.points.merges)
    @rule()
    def unmerge(self) -> None:
        last = self.points.merges[-1]
        request = o.UndoTransfer(key=self._key(), at=self.now, transfer=last.key)
        self._both("unmerge", request, lambda: self.points.unmerge(self.now))
        self.people.append(last.source)

    @rule()
    def mature(self) -> None:
        sweep(self.db, DUE_TO_MATURE, stamp(self.now))
        self.points.sweep(self.now, lambda p: p.place == "pending" and p.ripe <= self.now)
        self.steps["mature"] += 1

    @rule()
    def expire(self) -> None:
        sweep(self.db, DUE_TO_EXPIRE, stamp(self.now))
        self.points.sweep(self.now, lambda p: p.place in {"available", "pending"} and p.end <= self.now)
        self.steps["expire"] += 1

    @rule(after=st.sampled_from((1, 3600, 86_400, 40 * 86_400)))
    def wait(self, after: int) -> None:
        self.now += timedelta(seconds=after)
        self.steps["wait"] += 1

    @rule(pick=PICK)
    def jump(self, pick: int) -> None:
        """Go to the second before a change of the clock or the calendar, then over it."""
        ahead = [one for one in JUMPS if one > self.now]
        if ahead:
            self.now = ahead[0].astimezone(UTC) + timedelta(seconds=pick % 3)
        self.steps["jump"] += 1

    @precondition(lambda self: self.last)
    @rule()
    def send_again(self) -> None:
        assert self.last is not None
        request, receipt = self.last
        assert post(self.db, request) == receipt
        self.steps["send again"] += 1

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "points"):
            return
        seen = copy.deepcopy(self.points)
        for who in PEOPLE:
            seen.settle(who, self.now)
            got = balance(self.db, who, "points", self.now)
            net = len(seen.at(who, "available")) - seen.owed.get(who, 0)
            expected = (net, len(seen.at(who, "pending")), len(seen.at(who, "held")))
            assert (got.available, got.pending, got.held) == expected, who
        total = self.db.execute(sa.select(sa.func.coalesce(sa.func.sum(posting.c.points), 0))).scalar_one()
        assert total == 0

    def teardown(self) -> None:
        if hasattr(self, "db"):
            try:
                assert verify(self.db).fault is None
            finally:
                self.db.rollback()
                self.db.close()

    def _earn(self, why: str, who: str, count: int, ripe: timedelta, life: timedelta | None) -> None:
        key, ripens = self._key(), self.now + ripe
        end = ripens + life if life else None
        request = o.Accrue(
            key=key,
            at=self.now,
            owner=who,
            unit="points",
            points=count,
            matures_at=ripens if ripe else None,
            expires_at=end,
            rule=why,
        )
        self._both(why, request, lambda: self.points.earn(key, who, count, self.now, ripens, end or NEVER))

    def _take_back(self, what: str, key: str, count: int, *, negative: bool) -> None:
        request = o.ClawBack(
            key=self._key(),
            at=self.now,
            accrual=key,
            points=count,
            shortfall="negative" if negative else "clamp",
            owner=self.points.earner[key],
        )
        self._both(what, request, lambda: self.points.take_back(key, count, self.now, negative=negative))

    def _both(self, what: str, request: o.Request, reference: Callable[[], object]) -> bool:
        """Do it in both; what one refuses, the other must refuse, and nothing may have happened."""
        before = copy.deepcopy(self.points)
        try:
            reference()
            refused = False
        except Refused:
            self.points, refused = before, True
        self.steps[f"{what} refused" if refused else what] += 1
        try:
            with self.db.begin_nested():
                receipt = post(self.db, request)
        except LedgerError as fault:
            if not refused:
                raise AssertionError(f"the ledger refused to {what}") from fault
            return False
        assert not refused, f"the ledger did not refuse to {what}"
        self.last = (request, receipt)
        return True

    def _key(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def _who(self, pick: int) -> str:
        return self.people[pick % len(self.people)]

    @staticmethod
    def _one(of: Mapping[str, object], pick: int) -> str:
        return sorted(of)[pick % len(of)]

    def _end(self, life: timedelta | None) -> datetime | None:
        return self.now + life if life else None


def test_five_thousand_steps_without_a_divergence(sqlite_shop: sa.Engine) -> None:
    """Ledger and reference agree after each of 5,000 steps, and every kind of step was taken."""
    Machine.engine, Machine.steps = sqlite_shop, Counter()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=125,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.steps.total() >= 5_000, Machine.steps
    done = {"redeem", "release", "give back", "refund part", "void", "merge", "unmerge", "adjust", "jump"}
    assert done <= set(Machine.steps), Machine.steps
