"""Any sequence of operations against a small reference: the same balances and refusals, sums of zero."""

import copy
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.loyalty import operations as o
from shopbell.loyalty.errors import LedgerError
from shopbell.loyalty.ledger import post
from shopbell.loyalty.statement import balance
from shopbell.loyalty.verify import verify

T0 = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["earn", "earn", "earn", "spend", "spend", "hold", "redeem", "release", "back", "claw", "owe"]
        ),
        st.integers(1, 12),
        st.integers(0, 3),
        st.sampled_from([0, 0, 0, 1, 2]),
    ),
    min_size=12,
    max_size=40,
)


class Reference:
    """One customer's points, each on its own: [lot, expiry day, ripe day, state]."""

    def __init__(self) -> None:
        self.points: list[list[object]] = []
        self.owed = 0

    def settle(self, day: int) -> None:
        for point in self.points:
            if point[3] == "in" and int(str(point[1])) <= day:
                point[3] = "lost"
        self.repay(day)

    def free(self, day: int) -> list[list[object]]:
        ready = [p for p in self.points if p[3] == "in" and int(str(p[2])) <= day]
        return sorted(ready, key=lambda p: (int(str(p[1])), int(str(p[0]))))

    def repay(self, day: int) -> None:
        for point in self.free(day)[: self.owed]:
            point[3] = "repaid"
            self.owed -= 1

    def repay_at_once(self, day: int) -> None:
        if self.owed:
            self.settle(day)

    def take(self, count: int, day: int, into: str) -> bool:
        self.settle(day)
        if len(self.free(day)) < count:
            return False
        for point in self.free(day)[:count]:
            point[3] = into
        return True

    def change(self, state: str, into: str) -> bool:
        held = [point for point in self.points if point[3] == state]
        for point in held:
            point[3] = into
        return bool(held)

    def claw(self, lot: int, day: int, *, owe: bool) -> None:
        self.settle(day)
        own = [point for point in self.points if point[0] == lot]
        count = sum(p[3] != "lost" for p in own)
        ripening = [p for p in self.points if p[3] == "in" and int(str(p[2])) > day]
        first = [p for p in [*ripening, *self.free(day)] if p[0] == lot]
        later = sorted(ripening, key=lambda p: (int(str(p[1])), int(str(p[0]))))
        others = [p for p in [*self.free(day), *later] if p[0] != lot]
        for point in [*first, *others][:count]:
            point[3] = "clawed"
        missing = count - len([*first, *others][:count])
        self.owed += missing if owe else 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(STEPS)
def test_the_ledger_agrees_with_the_reference(
    engine: sa.Engine, steps: list[tuple[str, int, int, int]]
) -> None:
    """Every step has the same outcome in both, and the ledger verifies after the last."""
    with engine.connect() as db:
        world = World(db)
        for number, (what, points, other, days) in enumerate(steps):
            world.day += days
            world.step(number, what, points, other)
        assert verify(db).fault is None
        db.rollback()


class World:
    """The ledger and the reference side by side, on one customer."""

    def __init__(self, db: sa.Connection) -> None:
        self.db = db
        self.day = 0
        self.reference = Reference()
        self.earned: list[int] = []
        self.held: list[int] = []
        self.spent: list[int] = []
        self.clawed: set[int] = set()

    def step(self, number: int, what: str, points: int, other: int) -> None:
        before, day = copy.deepcopy(self.reference), self.day
        request, expected = self._ask(number, what, points, other)
        if request is None:
            return
        try:
            with self.db.begin_nested():  # as in the shop, where each request is a transaction of its own
                post(self.db, request)
        except LedgerError:
            assert not expected, f"{what} was refused"
            self.reference = before  # what is refused changes nothing, not even what time has brought
        else:
            assert expected, f"{what} was not refused"
        seen = copy.deepcopy(self.reference)
        seen.settle(day)
        got = balance(self.db, "ann", "points", self._at(day))
        held = sum(str(p[3]).startswith("hold") for p in seen.points)
        assert (got.available, got.held) == (len(seen.free(day)) - seen.owed, held)

    def _ask(self, number: int, what: str, points: int, other: int) -> tuple[o.Request | None, bool]:
        key, at, day = f"k{number}", self._at(self.day), self.day
        reference = self.reference
        if what == "earn":
            reference.settle(day)
            ripe, lost = day + other, day + other + 1 + points % 8
            reference.points += [[number, lost, ripe, "in"] for _ in range(points * 2)]
            reference.repay(day)
            self.earned.append(number)
            return o.Accrue(
                key=key,
                at=at,
                owner="ann",
                unit="points",
                points=points * 2,
                matures_at=self._at(ripe),
                expires_at=self._at(lost),
            ), True
        if what in {"spend", "hold"}:
            done = reference.take(points, day, f"{what}{number}")
            (self.spent if what == "spend" else self.held).extend([number] if done else [])
            kind = o.Spend if what == "spend" else o.Hold
            return kind(key=key, at=at, owner="ann", unit="points", points=points), done
        if what in {"redeem", "release"} and self.held:
            hold = self.held[other % len(self.held)]
            reference.settle(day)
            done = reference.change(f"hold{hold}", "gone" if what == "redeem" else "in")
            reference.repay_at_once(day)
            end = o.RedeemHold if what == "redeem" else o.ReleaseHold
            return end(key=key, at=at, hold=f"k{hold}"), done
        if what == "back" and self.spent:
            spend = self.spent[other % len(self.spent)]
            reference.settle(day)
            reference.change(f"spend{spend}", "in")
            reference.repay_at_once(day)
            return o.GiveBack(key=key, at=at, spend=f"k{spend}"), True
        if what in {"claw", "owe"} and set(self.earned) - self.clawed:
            lot = min(set(self.earned) - self.clawed)
            self.clawed.add(lot)
            reference.claw(lot, day, owe=what == "owe")
            policy = o.ClawBack(key=key, at=at, accrual=f"k{lot}", shortfall="negative")
            return (policy if what == "owe" else o.ClawBack(key=key, at=at, accrual=f"k{lot}")), True
        return None, True

    @staticmethod
    def _at(day: int) -> datetime:
        return T0 + timedelta(days=day)
