"""Resealing: after a person was renamed in the ledger, its chain is hashed anew from the first change on.

No sum changes and no row comes or goes. Seals that were printed before are void from there on; what is
returned says which, so that the owner can keep the new ones with the sheets.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.chain import ENTRY_COLUMNS, GENESIS, Leaf, entry_hash

_RESULT = ENTRY_COLUMNS.index("result")
_KIND = ENTRY_COLUMNS.index("kind")
_CHUNK = 2_000


class Seal(Struct, frozen=True, kw_only=True):
    """What closes the ledger up to an entry, as close sheets and `verify` print it."""

    entries: int
    before: str
    """Hexadecimal; so is the next."""
    after: str
    what: str
    """Where it was printed: "close of 2026-11-21", or "end of the ledger"."""


class Resealed(Struct, frozen=True, kw_only=True):
    """What was hashed anew."""

    first: int
    """Number of the first entry; 0: none."""
    entries: int
    seals: tuple[Seal, ...] = ()


def first_of(db: sa.Connection, owners: Sequence[str]) -> int:
    """Return the number of the first entry that names one of the owners, 0 when none does."""
    named = sa.or_(t.entry.c.owner.in_(owners), t.entry.c.other.in_(owners))
    entry = db.execute(sa.select(sa.func.min(t.entry.c.seq)).where(named)).scalar()
    posting = db.execute(
        sa.select(sa.func.min(t.posting.c.entry))
        .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
        .where(t.account.c.owner.in_(owners))
    ).scalar()
    return min((int(one) for one in (entry, posting) if one is not None), default=0)


def reseal(db: sa.Connection, first: int) -> Resealed:
    """Hash the chain anew from entry `first` on; the laws of the ledger have to be lifted meanwhile."""
    if first < 1:
        return Resealed(first=0, entries=0)
    known = dict(db.execute(sa.select(t.entry.c.seq, t.entry.c.hash).where(t.entry.c.seq == first - 1)).all())
    before = after = bytes(known.get(first - 1, GENESIS))
    seals: list[Seal] = []
    seq = first
    while rows := _rows(db, seq):
        leaves = _leaves(db, seq, seq + _CHUNK)
        changed = []
        for row in rows:
            columns: list[object] = list(row[:-1])
            if columns[_KIND] == "close":
                columns[_RESULT], seal = _sheet(str(columns[_RESULT]), before, after)
                seals += seal
            digest = entry_hash(after, columns, leaves[row[0]])
            changed.append({"row": row[0], "result": columns[_RESULT], "prev_hash": after, "hash": digest})
            before, after = bytes(row[-1]), digest
        _write(db, changed)
        seq = rows[-1][0] + 1
    db.execute(t.head.update().values(hash=after))
    end = Seal(entries=seq - 1, before=before.hex(), after=after.hex(), what="end of the ledger")
    return Resealed(first=first, entries=seq - first, seals=(*seals, end))


def _rows(db: sa.Connection, first: int) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    columns = [t.entry.c[name] for name in ENTRY_COLUMNS]
    span = (t.entry.c.seq >= first, t.entry.c.seq < first + _CHUNK)
    return db.execute(sa.select(*columns, t.entry.c.hash).where(*span).order_by(t.entry.c.seq)).all()


def _leaves(db: sa.Connection, first: int, end: int) -> dict[int, list[Leaf]]:
    query = (
        sa.select(t.posting, t.account.c.owner, t.account.c.kind)
        .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
        .where(t.posting.c.entry >= first, t.posting.c.entry < end)
        .order_by(t.posting.c.entry, t.posting.c.n)
    )
    found: dict[int, list[Leaf]] = defaultdict(list)
    for row in db.execute(query):
        found[row.entry].append((row.owner, row.kind, row.lot, row.hold, row.points, row.balance))
    return found


def _write(db: sa.Connection, changed: Sequence[dict[str, object]]) -> None:
    names = ("result", "prev_hash", "hash")
    statement = (
        t.entry.update()
        .where(t.entry.c.seq == sa.bindparam("row"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    rows = [{"row": one["row"], **{f"new_{name}": one[name] for name in names}} for one in changed]
    db.execute(statement, rows)


def _sheet(result: str, before: bytes, after: bytes) -> tuple[str, list[Seal]]:
    """Return a close sheet that prints the seal as it is now, and what it printed before."""
    sheet = msgspec.json.decode(result, type=dict[str, object])
    if sheet.get("hash") != before.hex():
        return result, []
    entries, day = sheet.get("entries"), sheet.get("day")
    sheet["hash"] = after.hex()
    seal = Seal(entries=int(str(entries)), before=before.hex(), after=after.hex(), what=f"close of {day}")
    return msgspec.json.encode(sheet).decode(), [seal]
