"""Verify: walk the chain and the sums, and name the first row that is wrong.

Noticed: a changed, dropped, added or swapped entry or posting, a dropped tail (the head record counts the
entries), a changed head, an account given to someone else, and lots that disagree with the postings.
Not noticed: someone who may write to the file and computes everything anew, head included. Against that, keep
the hash of a close sheet on paper and pass it as `anchor`: then all that came before it is fixed.
"""

from collections.abc import Generator
from contextlib import closing

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.chain import ENTRY_COLUMNS, GENESIS, Leaf, entry_hash
from shopbell.storage.prepared import Prepared, Row

CHUNK = 2000
"""Rows fetched at a time."""


class Fault(Struct, frozen=True, kw_only=True):
    """The first row that is wrong."""

    table: str
    row: int
    """Number of the entry, or of the lot for what is left of it; of the head, what it counts."""
    what: str


class Anchor(Struct, frozen=True, kw_only=True):
    """What a close sheet prints: the hash of entry number `entries`."""

    entries: int
    hash: str


class Verified(Struct, frozen=True, kw_only=True):
    """The outcome of a walk."""

    entries: int
    """Entries found good."""
    postings: int
    hash: str
    """Hash of the last good entry."""
    fault: Fault | None = None
    """None: everything agrees."""


class _Account(Struct):
    owner: str
    kind: str
    unit: str
    least: int
    most: int
    """Bounds of the balance: customers have no less than nothing, and owe no more than nothing."""
    balance: int = 0


class _Wrong(Exception):  # carries a finding out of the walk; never seen outside
    def __init__(self, table: str, row: int, what: str) -> None:
        super().__init__(what)
        self.fault = Fault(table=table, row=row, what=what)


_ENTRIES = Prepared(
    sa.select(*(t.entry.c[name] for name in ENTRY_COLUMNS), t.entry.c.prev_hash, t.entry.c.hash).order_by(
        t.entry.c.seq
    )
)
_P = t.posting.c
_POSTINGS = Prepared(
    sa.select(_P.entry, _P.account, _P.lot, _P.hold, _P.points, _P.balance).order_by(_P.entry, _P.n)
)
_SUMS = (
    sa.select(_P.lot, _P.account, sa.func.sum(_P.points).label("points"))
    .where(_P.lot.is_not(None))
    .group_by(_P.lot, _P.account)
    .subquery()
)
_C = t.piece.c
_LOST_PIECES = (
    sa.select(_SUMS.c.lot)
    .join_from(_SUMS, t.piece, sa.and_(_C.account == _SUMS.c.account, _C.lot == _SUMS.c.lot), isouter=True)
    .where(sa.or_(_C.points.is_(None), _C.points != _SUMS.c.points))
    .order_by(_SUMS.c.lot)
    .limit(1)
)
_STRAY_PIECES = (
    sa.select(_C.lot)
    .where(_C.points != 0, ~sa.exists().where(_P.lot == _C.lot, _P.account == _C.account))
    .order_by(_C.lot)
    .limit(1)
)
_MOST = 2**63
Rows = Generator[Row, None, None]


def verify(db: sa.Connection, anchor: Anchor | None = None) -> Verified:
    """Check every row; `db` should be lent by `reading`, so that the shop goes on meanwhile."""
    walk = _Walk(db, anchor)
    try:
        walk.chain()
        walk.head()
        walk.pieces()
    except _Wrong as wrong:
        return walk.outcome(wrong.fault)
    return walk.outcome(None)


class _Walk:
    def __init__(self, db: sa.Connection, anchor: Anchor | None) -> None:
        self._db = db
        self._anchor = anchor
        self._accounts = {
            row.id: _Account(
                row.owner,
                row.kind,
                row.unit,
                least=0 if row.kind in {"available", "pending", "held"} else -_MOST,
                most=0 if row.kind == "owed" else _MOST,
            )
            for row in db.execute(sa.select(t.account))
        }
        self._count, self._postings, self._hash = 0, 0, GENESIS

    def outcome(self, fault: Fault | None) -> Verified:
        return Verified(entries=self._count, postings=self._postings, hash=self._hash.hex(), fault=fault)

    def chain(self) -> None:
        with (
            closing(_POSTINGS.stream(self._db, {}, CHUNK)) as postings,
            closing(_ENTRIES.stream(self._db, {}, CHUNK)) as entries,
        ):
            self._compare(entries, postings)

    def _compare(self, entries: Rows, postings: Rows) -> None:
        waiting = next(postings, None)
        for row in entries:
            seq, unit, prev, sealed = row[0], row[6], row[-2], row[-1]
            self._follows(seq, prev)
            leaves: list[Leaf] = []
            while waiting is not None and waiting[0] <= seq:
                if waiting[0] < seq:
                    raise _Wrong("posting", waiting[0], "a posting belongs to no entry")
                leaves.append(self._leaf(waiting, unit))
                waiting = next(postings, None)
            if entry_hash(prev, row[:-2], leaves) != sealed:
                raise _Wrong("entry", seq, "the entry or its postings are not what was sealed")
            if sum([leaf[4] for leaf in leaves]):
                raise _Wrong("entry", seq, "its postings do not sum to zero")
            self._count, self._postings, self._hash = seq, self._postings + len(leaves), sealed
            if self._anchor is not None:
                self._anchored(self._anchor)
        if waiting is not None:
            raise _Wrong("posting", waiting[0], "a posting belongs to no entry")

    def head(self) -> None:
        row = self._db.execute(sa.select(t.head.c.count, t.head.c.hash)).one_or_none()
        if row is None:
            raise _Wrong("head", 0, "the head record is missing")
        if row[0] > self._count:
            raise _Wrong("entry", self._count + 1, f"missing: the head counts {row[0]} entries")
        if (row[0], bytes(row[1])) != (self._count, self._hash):
            raise _Wrong("head", row[0], "the head is not the last entry's")
        if self._anchor is not None and self._anchor.entries > self._count:
            raise _Wrong(
                "entry", self._count + 1, f"missing: the sheet counts {self._anchor.entries} entries"
            )

    def pieces(self) -> None:
        for query in (_LOST_PIECES, _STRAY_PIECES):
            lot = self._db.execute(query).scalar()
            if lot is not None:
                raise _Wrong("piece", lot, "what is left of the lot is not what its postings say")

    def _follows(self, seq: int, prev: bytes) -> None:
        if seq != self._count + 1:
            raise _Wrong("entry", self._count + 1, "the entry is missing")
        if prev != self._hash:
            raise _Wrong("entry", seq, "the entry does not follow the one before it")

    def _leaf(self, row: Row, unit: str) -> Leaf:
        seq, number, lot, hold, points, balance = row
        account = self._accounts.get(number)
        if account is None or account.unit != unit:
            raise _Wrong("posting", seq, "a posting is on an account that is not there or of another unit")
        account.balance += points
        if balance != account.balance:
            raise _Wrong("posting", seq, "a balance does not continue its account")
        if not account.least <= balance <= account.most:
            raise _Wrong("posting", seq, "a customer has less than nothing")
        return (account.owner, account.kind, lot, hold, points, balance)

    def _anchored(self, anchor: Anchor) -> None:
        if anchor.entries == self._count and anchor.hash != self._hash.hex():
            raise _Wrong("entry", self._count, "the hash is not the one on the close sheet")
