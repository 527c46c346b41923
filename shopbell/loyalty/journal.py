"""The journal: takes one entry after the other into the chain, within the caller's transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import Book, Leg
from shopbell.loyalty.chain import ENTRY_COLUMNS, Leaf, entry_hash, request_hash, stamp
from shopbell.loyalty.errors import KeyReused, LedgerError, NotInLedger
from shopbell.loyalty.operations import Kind, Operation, Receipt
from shopbell.storage.prepared import Prepared

ITSELF = "ledger"
"""The actor of entries that the ledger writes by itself."""

_HEAD = Prepared(sa.select(t.head.c.count, t.head.c.hash).with_for_update())
_E = t.entry.c
_KEPT = Prepared(sa.select(_E.seq, _E.request_hash, _E.result).where(_E.key == sa.bindparam("key")))
_BY_KEY = sa.select(_E.seq, _E.kind, _E.owner, _E.other, _E.unit, _E.points).where(
    _E.key == sa.bindparam("key")
)
_ABOUT = sa.select(sa.func.coalesce(sa.func.sum(t.entry.c.points), 0)).where(
    t.entry.c.of == sa.bindparam("of"), t.entry.c.kind == sa.bindparam("kind")
)
_ADD_ENTRY = Prepared(t.entry.insert())
_ADD_POSTING = Prepared(t.posting.insert())


class Draft(Struct, frozen=True, kw_only=True):
    """An entry to be."""

    kind: Kind
    owner: str
    other: str = ""
    points: int
    shortfall: int = 0
    of: int | None = None
    matures_at: str | None = None
    expires_at: str | None = None
    legs: Sequence[Leg] = ()


class Written(Struct, frozen=True):
    """What another operation needs to know of an entry."""

    seq: int
    kind: Kind
    owner: str
    other: str
    unit: str
    points: int


class Journal:
    """The end of the chain, locked: on SQLite by the transaction, on PostgreSQL by the head's row."""

    def __init__(self, db: sa.Connection) -> None:
        self.db = db
        row = _HEAD.one(db, {})
        if row is None:
            raise LedgerError("The ledger's head record is missing. Put back a backup and run verify on it.")
        self.count, self.hash = int(row[0]), bytes(row[1])
        self._asked: tuple[Operation | None, bytes] = (None, b"")

    def answered(self, request: Operation) -> Receipt | None:
        """Return the first answer to this request, or nothing when it is new.

        Raises `KeyReused` when the key was used for another request.
        """
        text = self.kept(request.key, self._hash_of(request))
        return None if text is None else msgspec.json.decode(text, type=Receipt)

    def kept(self, key: str, asked: bytes) -> str | None:
        """Return the answer kept under a key as it was written."""
        row = _KEPT.one(self.db, {"key": key})
        if row is None:
            return None
        seq, before, result = row
        if before != asked:
            raise KeyReused(
                f"The key {key} was used before for another request (entry {seq}). "
                "Send a new key for a new request, or the same request for the same key."
            )
        return str(result)

    def find(self, key: str, kinds: tuple[Kind, ...]) -> Written:
        """Return the entry under a key; raises `NotInLedger` unless it is of one of the kinds."""
        row = self.db.execute(_BY_KEY, {"key": key}).one_or_none()
        if row is None or row.kind not in kinds:
            raise NotInLedger(f"No {' or '.join(kinds)} with the key {key} is in the ledger. Check the key.")
        return Written(row.seq, row.kind, row.owner, row.other, row.unit, row.points)

    def write(self, book: Book, draft: Draft, request: Operation) -> Receipt:
        """Take the answer to a request into the chain."""
        return self._add(book, draft, request, self._hash_of(request))

    def write_itself(self, book: Book, draft: Draft, at: str) -> Receipt:
        """Take an entry that nobody asked for, but time brought, into the chain."""
        key = f"~{draft.kind}:{self.count + 1}"
        request = Operation(key=key, at=datetime.fromisoformat(at), actor=ITSELF)
        return self._add(book, draft, request, request_hash(request))

    def _add(self, book: Book, draft: Draft, request: Operation, asked: bytes) -> Receipt:
        seq = self.count + 1
        book.learn(seq, draft.matures_at, draft.expires_at)
        rows: list[dict[str, int | None]] = []
        leaves: list[Leaf] = []
        for n, leg in enumerate(draft.legs):
            account, leaf = book.post(leg)
            leaves.append(leaf)
            row = {"entry": seq, "n": n, "account": account, "lot": leg.lot, "hold": leg.hold}
            row["points"], row["balance"] = leg.points, leaf[-1]
            rows.append(row)
        receipt = _receipt(seq, book, draft, request)
        result = msgspec.json.encode(receipt).decode()
        if rows:
            _ADD_POSTING.run(self.db, rows)
        self.seal(
            (
                *(seq, request.key, asked, draft.kind, draft.owner, draft.other, book.unit),
                *(draft.points, draft.shortfall, draft.of),
                *(request.reason, request.rule, request.line, request.actor, stamp(request.at)),
                *(draft.matures_at, draft.expires_at, result),
            ),
            leaves,
        )
        return receipt

    def seal(self, columns: Sequence[object], leaves: Sequence[Leaf]) -> None:
        """Write the entry over its postings; `columns` as `ENTRY_COLUMNS` lists them."""
        digest = entry_hash(self.hash, columns, leaves)
        values = dict(zip(ENTRY_COLUMNS, columns, strict=True))
        _ADD_ENTRY.run(self.db, ({**values, "prev_hash": self.hash, "hash": digest},))
        self.count, self.hash = self.count + 1, digest

    def _hash_of(self, request: Operation) -> bytes:
        if self._asked[0] is not request:
            self._asked = (request, request_hash(request))
        return self._asked[1]


def done_about(db: sa.Connection, seq: int, kind: Kind) -> int:
    """Return the points of all entries of a kind that are about entry `seq`."""
    return int(db.execute(_ABOUT, {"of": seq, "kind": kind}).scalar_one())


def _receipt(seq: int, book: Book, draft: Draft, request: Operation) -> Receipt:
    return Receipt(
        seq=seq,
        key=request.key,
        kind=draft.kind,
        owner=draft.owner,
        unit=book.unit,
        points=draft.points,
        shortfall=draft.shortfall,
        available=book.spendable(draft.owner),
        pending=book.balance(draft.owner, "pending"),
        held=book.balance(draft.owner, "held"),
        at=request.at.astimezone(UTC),
    )
