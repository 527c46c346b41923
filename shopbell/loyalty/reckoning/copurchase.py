"""Co-purchase: which articles are on the same receipts, how often, and when; counted of all receipts."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.reckoning import tables as t

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
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
    """Counts receipts: notes them one by one, and counts them all together."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str]] = {}
        self._rows: defaultdict[str, int] = defaultdict()
        self._rows.default_factory = self._rows.__len__
        self._wares = array("i")  # of one receipt after the other
        self._sizes = array("i")
        self._hours = array("b")
        self._months = array("b")

    def add(self, at: datetime, things: Iterable[tuple[str, str, str]]) -> None:
        """Note a receipt: the time on the shop's clock, and SKU, name and category of each line."""
        found = {each[0]: each for each in things if each[0]}
        if not found or len(found) > _MOST_THINGS:
            return
        for sku, said in found.items():
            self._names[sku] = said[1:]
            self._wares.append(self._rows[sku])
        self._sizes.append(len(found))
        self._hours.append(at.hour)
        self._months.append(at.month)

    def habits(self) -> tuple[Habit, ...]:
        """Return what was counted, the article on most receipts first."""
        if not self._sizes:
            return ()
        from scipy.sparse import csr_array  # noqa: PLC0415 - half a second, and most commands count nothing

        wares, sizes = np.asarray(self._wares), np.asarray(self._sizes)
        ends = np.concatenate(([0], np.cumsum(sizes)))
        shape = (len(sizes), len(self._rows))
        receipts = csr_array((np.ones(len(wares), np.int32), wares, ends), shape=shape)
        beside = (receipts.T @ receipts).tocsr()
        counts = beside.diagonal()
        beside.setdiag(0)
        beside.eliminate_zeros()
        by_hour = _times(wares, np.repeat(np.asarray(self._hours), sizes), 24, len(self._rows))
        by_month = _times(wares, np.repeat(np.asarray(self._months), sizes) - 1, 12, len(self._rows))
        names = tuple(self._rows)
        return tuple(
            self._habit(names, row, int(counts[row]), (by_hour[row], by_month[row]), beside[[row]])
            for row in np.argsort(-counts, kind="stable")
        )

    def _habit(
        self, names: Sequence[str], row: int, count: int, times: tuple[Ints, Ints], beside: "csr_array"
    ) -> Habit:
        name, category = self._names[names[row]]
        order = np.argsort(-beside.data, kind="stable")[:_NEIGHBOURS]
        return Habit(
            sku=names[row],
            name=name or names[row],
            category=category,
            receipts=count,
            hours=tuple(times[0].tolist()),
            months=tuple(times[1].tolist()),
            beside={names[beside.indices[at]]: int(beside.data[at]) for at in order},
            pairs=int(beside.data.sum()),
        )


def _times(wares: Ints, when: Ints, many: int, rows: int) -> Ints:
    """Return int64[rows, many]: on how many receipts each article was, by hour or month."""
    return np.bincount(wares.astype(np.int64) * many + when, minlength=rows * many).reshape(rows, many)


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
