"""Co-purchase: which articles are on the same receipts, how often, and when; counted of all receipts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.reckoning import tables as t

_NEIGHBOURS = 80
"""Articles remembered beside each one, the commonest first."""
_MOST_THINGS = 30
"""Receipts with more articles are of wholesale or a party, and say nothing of what goes together."""


class Habit(Struct, frozen=True, kw_only=True):
    """How one article is bought."""

    sku: str
    name: str
    category: str
    receipts: int
    hours: tuple[int, ...]
    """24 numbers: receipts by the hour on the shop's clock."""
    months: tuple[int, ...]
    """12 numbers: receipts by month."""
    beside: Mapping[str, int]
    """Other article -> receipts with both."""
    pairs: int
    """Sum of those, of all articles."""


class Counted:
    """Counts receipts one by one."""

    def __init__(self) -> None:
        self._receipts: Counter[str] = Counter()
        self._names: dict[str, tuple[str, str]] = {}
        self._hours: dict[str, list[int]] = {}
        self._months: dict[str, list[int]] = {}
        self._beside: dict[str, Counter[str]] = {}

    def add(self, at: datetime, things: Iterable[tuple[str, str, str]]) -> None:
        """Note a receipt: the time on the shop's clock, and SKU, name and category of each line."""
        found = {sku: (name, category) for sku, name, category in things if sku}
        if len(found) > _MOST_THINGS:
            return
        for sku, said in found.items():
            self._receipts[sku] += 1
            self._names[sku] = said
            self._hours.setdefault(sku, [0] * 24)[at.hour] += 1
            self._months.setdefault(sku, [0] * 12)[at.month - 1] += 1
            if len(found) > 1:
                self._beside.setdefault(sku, Counter()).update(found.keys() - {sku})

    def habits(self) -> tuple[Habit, ...]:
        """Return what was counted, the article on most receipts first."""
        return tuple(self._habit(sku, count) for sku, count in self._receipts.most_common())

    def _habit(self, sku: str, count: int) -> Habit:
        beside = self._beside.get(sku, Counter())
        name, category = self._names[sku]
        return Habit(
            sku=sku,
            name=name or sku,
            category=category,
            receipts=count,
            hours=tuple(self._hours[sku]),
            months=tuple(self._months[sku]),
            beside=dict(beside.most_common(_NEIGHBOURS)),
            pairs=beside.total(),
        )


def keep_habits(db: sa.Connection, habits: Sequence[Habit]) -> None:
    """Store what was counted instead of what was there."""
    db.execute(t.ware.delete())
    rows = [
        {"sku": each.sku, "receipts": each.receipts, "body": msgspec.json.encode(each).decode()}
        for each in habits
    ]
    if rows:
        db.execute(t.ware.insert(), rows)


def read_habits(db: sa.Connection) -> tuple[Habit, ...]:
    """Return what the last reckoning counted, the article on most receipts first."""
    query = sa.select(t.ware.c.body).order_by(t.ware.c.receipts.desc(), t.ware.c.sku)
    return tuple(msgspec.json.decode(body, type=Habit) for body in db.execute(query).scalars())
