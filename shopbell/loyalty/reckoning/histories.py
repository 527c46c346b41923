"""Histories: on which days each customer bought, and for how much, read from the books once."""

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.judgement import Returned
from shopbell.loyalty.reckoning.bgnbd import Visits
from shopbell.loyalty.reckoning.fitting import Floats, Ints
from shopbell.loyalty.reckoning.rhythm import Gaps
from shopbell.loyalty.registry import consent_table, customer_table
from shopbell.loyalty.takings import heirs

_AT_ONCE = 50_000


class Histories(Struct, frozen=True):
    """Days with purchases, sorted by customer and day; customers without any are not among them."""

    customers: tuple[str, ...]
    starts: Ints
    """int64[customers + 1]: where each one's days begin in the arrays below, and where all end."""
    day: Ints
    """Days of the calendar, as `date.toordinal`."""
    paid: Ints
    """Minor units of that day, less what came back."""

    def before(self, end: int) -> "Histories":
        """Return the histories as they stood before a day; who came later is not among them."""
        keep = self.day < end
        if bool(keep.all()):
            return self
        counts = np.add.reduceat(keep, self.starts[:-1], dtype=np.int64)
        known = np.flatnonzero(counts)
        starts = np.concatenate(([0], np.cumsum(counts[known])))
        return Histories(tuple(self.customers[row] for row in known), starts, self.day[keep], self.paid[keep])

    def every(self, step: int) -> "Histories":
        """Return the histories of every so manieth customer."""
        rows = np.arange(0, len(self.customers), step)
        counts = np.diff(self.starts)
        keep = np.repeat(np.arange(len(self.customers)) % step == 0, counts)
        starts = np.concatenate(([0], np.cumsum(counts[rows])))
        return Histories(tuple(self.customers[row] for row in rows), starts, self.day[keep], self.paid[keep])


class Summary(Struct, frozen=True, kw_only=True):
    """What the models know of each customer, in the order of `Histories.customers`."""

    visits: Visits
    gaps: Gaps
    spent: Floats
    """Minor units in all."""
    paid_days: Floats
    """Visits at which something was paid, and so tell of what is paid at one."""
    mean: Floats
    """Minor units of those, on average; 0 without."""
    gap: Floats
    """Median of the days between visits; NaN with fewer than two of them."""
    longest: Floats
    """The longest of them; 0 without."""
    first: Ints
    last: Ints


def summarise(histories: Histories, end: int) -> Summary:
    """Sum up what happened before the day `end`; every history has a day before it."""
    starts = histories.starts[:-1]
    if not len(starts):
        return _nobody()
    count = np.diff(histories.starts).astype(float)
    first, last = histories.day[starts], histories.day[histories.starts[1:] - 1]
    steps = np.diff(histories.day, prepend=histories.day[:1]).astype(float)
    steps[starts] = 1.0  # its logarithm is 0
    logs = np.add.reduceat(np.log(steps), starts)
    since = (end - last).astype(float)
    bought = np.maximum(histories.paid, 0)
    spent, paid_days = np.add.reduceat(bought, starts), np.add.reduceat(bought > 0, starts, dtype=np.int64)
    return Summary(
        visits=Visits(count - 1, (last - first).astype(float), (end - first).astype(float)),
        gaps=Gaps(count - 1, (last - first).astype(float), logs, since),
        spent=spent.astype(float),
        paid_days=paid_days.astype(float),
        mean=spent / np.maximum(paid_days, 1),
        gap=_medians(steps, histories.starts),
        longest=np.maximum.reduceat(steps, starts),
        first=first,
        last=last,
    )


def read_histories(db: sa.Connection) -> Histories:
    """Return the days and sums of all customers; voided sales and those that came back whole do not count."""
    back, claims, keeper = _returns(db), _claims(db), heirs(db)
    days, index = _Days(), _Index()
    who: list[npt.NDArray[np.int32]] = []
    when: list[npt.NDArray[np.int32]] = []
    paid: list[Ints] = []
    columns = (r.purchase.c.id, r.purchase.c.customer, r.purchase.c.day, r.purchase.c.amount)
    query = sa.select(*columns).order_by(r.purchase.c.id).execution_options(yield_per=_AT_ONCE)
    for rows in db.execute(query).partitions(_AT_ONCE):
        kept = [
            (keeper.get(one, one), day, amount - gone)
            for number, named, day, amount in rows
            if (one := named or claims.get(number, "")) and (gone := back.get(number, 0)) is not None
        ]
        who.append(np.array([index[row[0]] for row in kept], np.int32))
        when.append(np.array([days[row[1]] for row in kept], np.int32))
        paid.append(np.array([row[2] for row in kept], np.int64))
    names = tuple(index)
    if not names:
        return Histories((), np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return gathered(names, np.concatenate(who), np.concatenate(when), np.concatenate(paid))


def gathered(
    names: tuple[str, ...], who: npt.NDArray[np.integer], day: npt.NDArray[np.integer], paid: Ints
) -> Histories:
    """Put purchases together by customer and day; `who` are positions in `names`."""
    order = np.lexsort((day, who))
    who, day, paid = who[order], day[order], paid[order]
    new = np.concatenate(([True], (who[1:] != who[:-1]) | (day[1:] != day[:-1])))
    at = np.flatnonzero(new)
    owner = who[at]
    starts = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
    return Histories(
        tuple(names[one] for one in owner[starts]),
        np.concatenate((starts, [len(at)])).astype(np.int64),
        day[at].astype(np.int64),
        np.add.reduceat(paid, at),
    )


def consenting(db: sa.Connection, purpose: str) -> frozenset[str]:
    """Return the active customers whose last word on this is yes."""
    last = sa.select(sa.func.max(consent_table.c.seq)).where(consent_table.c.purpose == purpose)
    query = (
        sa.select(consent_table.c.customer)
        .join_from(consent_table, customer_table, customer_table.c.id == consent_table.c.customer)
        .where(
            consent_table.c.seq.in_(last.group_by(consent_table.c.customer)),
            consent_table.c.given == 1,
            customer_table.c.status == "active",
        )
    )
    return frozenset(db.execute(query).scalars())


def _nobody() -> Summary:
    none, days = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Summary(
        visits=Visits(none, none, none),
        gaps=Gaps(none, none, none, none),
        spent=none,
        paid_days=none,
        mean=none,
        gap=none,
        longest=none,
        first=days,
        last=days,
    )


class _Index(dict[str, int]):
    """Numbers names in the order they come."""

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self)
        return number


class _Days(dict[str, int]):
    """Day as written -> day of the calendar."""

    def __missing__(self, day: str) -> int:
        number = self[day] = date.fromisoformat(day).toordinal()
        return number


def _claims(db: sa.Connection) -> dict[int, str]:
    return {
        row.purchase: row.customer for row in db.execute(sa.select(r.claim.c.purchase, r.claim.c.customer))
    }


def _returns(db: sa.Connection) -> Mapping[int, int | None]:
    """Return what came back of each purchase, in minor units; None: all of it."""
    columns = (r.reversal.c.purchase, r.reversal.c.kind, r.reversal.c.returned, r.purchase.c.amount)
    query = sa.select(*columns).join_from(r.reversal, r.purchase, r.purchase.c.id == r.reversal.c.purchase)
    found: dict[int, int | None] = {}
    for purchase, kind, returned, amount in db.execute(query.order_by(r.reversal.c.id)):
        gone = sum(one.amount for one in msgspec.json.decode(returned, type=tuple[Returned, ...]))
        found[purchase] = None if kind == "void" or gone >= amount else gone
    return found


def _medians(steps: Floats, starts: Ints) -> Floats:
    """Return the median of each customer's steps without the first, which is none."""
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    kept = steps.copy()
    kept[starts[:-1]] = -1.0  # sorts before all others of its customer
    ranked = kept[np.lexsort((kept, owner))]
    count = np.diff(starts) - 1
    middle = starts[:-1] + 1
    low, high = middle + np.maximum(count - 1, 0) // 2, middle + count // 2
    last = len(steps) - 1
    medians = (ranked[np.minimum(low, last)] + ranked[np.minimum(high, last)]) / 2
    return np.where(count >= 2, medians, np.nan)  # noqa: PLR2004 - two times between visits
