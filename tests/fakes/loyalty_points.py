"""A reference for the ledger in which every single point is an object: no sums, no lots, nothing clever.

A point has an owner and a place; an operation moves points from one place to another.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

NEVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    """The ledger must refuse it too."""


@dataclass
class Point:
    """One point."""

    lot: int
    owner: str
    place: str
    ripe: datetime
    end: datetime


@dataclass
class Merge:
    """What a merge moved."""

    source: str
    target: str
    key: str = ""
    lots: dict[int, int] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)
    owed: int = 0
    named: list[tuple[dict[str, str], str]] = field(default_factory=list)


class Points:
    """Earn, spend, hold, redeem, release, give back, take back, adjust, mature, expire, merge and unmerge."""

    def __init__(self) -> None:
        self.all: list[Point] = []
        self.owed: dict[str, int] = {}
        self.lots: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self.earner: dict[str, str] = {}
        self.spender: dict[str, str] = {}
        self.spent: dict[str, list[Point]] = {}
        self.holds: dict[str, list[Point]] = {}
        self.merges: list[Merge] = []

    def at(self, owner: str, place: str) -> list[Point]:
        """Return a customer's points in a place, in the order of spending."""
        found = [p for p in self.all if (p.owner, p.place) == (owner, place)]
        return sorted(found, key=lambda p: (p.end, p.lot))

    def settle(self, owner: str, now: datetime) -> None:
        """Let ripe points ripen, lose old ones, pay what is owed."""
        for point in self.at(owner, "pending"):
            if point.ripe <= now:
                point.place = "available"
        for point in self.at(owner, "available") + self.at(owner, "pending"):
            if point.end <= now:
                point.place = "expired"
        self._repay(owner)

    def sweep(self, now: datetime, due: Callable[[Point], bool]) -> None:
        """Settle everybody who has a point that is due."""
        for owner in sorted({p.owner for p in self.all if due(p)}):
            self.settle(owner, now)

    def earn(self, key: str, owner: str, count: int, now: datetime, ripe: datetime, end: datetime) -> None:
        """Give a new lot."""
        self.settle(owner, now)
        self.lots[key], self.earner[key], self.taken[key] = len(self.lots), owner, 0
        place = "available" if ripe <= now else "pending"
        self.all += [Point(self.lots[key], owner, place, ripe, end) for _ in range(count)]
        self._repay(owner)

    def spend(self, key: str, owner: str, count: int, now: datetime) -> None:
        """Use points, what is lost first first."""
        self.spent[key], self.spender[key] = self._take(owner, count, now, "spent"), owner

    def lessen(self, owner: str, count: int, now: datetime) -> None:
        """Take points away by hand."""
        self._take(owner, count, now, "adjusted")

    def hold(self, key: str, owner: str, count: int, now: datetime) -> None:
        """Set points aside."""
        self.holds[key] = self._take(owner, count, now, "held")

    def redeem(self, key: str, hold: str, now: datetime) -> None:
        """Use what is held."""
        points = self._end(hold, now)
        self.spent[key], self.spender[key] = points, points[0].owner
        for point in points:
            point.place = "spent"

    def release(self, hold: str, now: datetime) -> None:
        """Put back what is held."""
        points = self._end(hold, now)
        for point in points:
            point.place = "available"
        self._repay_at_once(points[0].owner, now)

    def give_back(self, key: str, count: int, now: datetime) -> None:
        """Return spent points to their lots, what was used last first."""
        left = self.spent[key]
        if count > len(left):
            raise Refused
        self.settle(self.spender[key], now)
        for _ in range(count):
            point = left.pop()
            point.place, point.owner = "available", self.spender[key]
        self._repay_at_once(self.spender[key], now)

    def take_back(self, key: str, count: int, now: datetime, *, negative: bool) -> None:
        """Take earned points back: of their own lot first; what is not there is owed or forgiven."""
        owner, lot = self.earner[key], self.lots[key]
        self.settle(owner, now)
        mine = [p for p in self.all if p.lot == lot]
        left = len(mine) - self.taken[key]
        if count > left:
            raise Refused
        count = min(count, max(0, left - sum(p.place == "expired" for p in mine)))
        self.taken[key] += count
        pending, there = self.at(owner, "pending"), self.at(owner, "available")
        own = [p for p in pending + there if p.lot == lot]
        others = [p for p in there + pending if p.lot != lot]
        for point in (own + others)[:count]:
            point.place = "clawed"
        if negative:
            self.owed[owner] = self.owed.get(owner, 0) + max(0, count - len(own + others))

    def merge(self, source: str, target: str, now: datetime) -> None:
        """Give all that one has to the other."""
        self.settle(source, now)
        done = Merge(source, target, owed=self.owed.pop(source, 0))
        for point in self.all:
            if point.owner == source and point.place in {"available", "pending", "held"}:
                point.owner = target
                done.lots[point.lot] = done.lots.get(point.lot, 0) + 1
        done.holds = [key for key, points in self.holds.items() if points[0] in self._held_of(done)]
        self.owed[target] = self.owed.get(target, 0) + done.owed
        for names in (self.earner, self.spender):
            for key, who in names.items():
                if who == source:
                    names[key] = target
                    done.named.append((names, key))
        self.merges.append(done)
        self.settle(target, now)

    def unmerge(self, now: datetime) -> Merge:
        """Give back what is left of what the last merge moved."""
        done = self.merges.pop()
        self.settle(done.target, now)
        left = dict(done.lots)
        back = [p for key in done.holds for p in self.holds.get(key, [])]
        back += [p for place in ("pending", "available") for p in self.at(done.target, place)]
        for point in back:
            if left.get(point.lot, 0) > 0:
                left[point.lot] -= 1
                point.owner = done.source
        owed = min(done.owed, self.owed.get(done.target, 0))
        self.owed[done.target] = self.owed.get(done.target, 0) - owed
        self.owed[done.source] = owed
        for names, key in done.named:
            names[key] = done.source
        return done

    def _held_of(self, done: Merge) -> list[Point]:
        return [p for p in self.all if p.place == "held" and p.owner == done.target and p.lot in done.lots]

    def _take(self, owner: str, count: int, now: datetime, place: str) -> list[Point]:
        self.settle(owner, now)
        there = self.at(owner, "available")
        if len(there) - self.owed.get(owner, 0) < count:
            raise Refused
        for point in there[:count]:
            point.place = place
        return there[:count]

    def _end(self, hold: str, now: datetime) -> list[Point]:
        points = self.holds.pop(hold)
        self.settle(points[0].owner, now)
        return points

    def _repay_at_once(self, owner: str, now: datetime) -> None:
        if self.owed.get(owner, 0):
            self.settle(owner, now)

    def _repay(self, owner: str) -> None:
        for point in self.at(owner, "available"):
            if self.owed.get(owner, 0):
                point.place = "repaid"
                self.owed[owner] -= 1
