"""The book: the accounts of one or two customers and the shop in one unit, as they stand in a transaction."""

from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.chain import Leaf
from shopbell.loyalty.lots import Part, Piece
from shopbell.storage.prepared import Prepared

SHOP = ""
"""The owner of the shop's accounts."""

AccountKind = Literal[
    "available", "pending", "held", "owed", "issued", "redeemed", "expired", "clawed_back", "adjusted"
]
Pocket = Literal["available", "pending", "held"]
"""The accounts of a customer that hold lots."""


class Leg(Struct, frozen=True):
    """One posting to be: points into an account (above zero) or out of it."""

    owner: str
    kind: AccountKind
    points: int
    lot: int | None = None
    hold: int | None = None


class _Account(Struct):
    id: int
    balance: int


_BALANCE = (
    sa.select(t.posting.c.balance)
    .where(t.posting.c.account == t.account.c.id)
    .order_by(t.posting.c.entry.desc(), t.posting.c.n.desc())
    .limit(1)
    .scalar_subquery()
)
_STANDING = Prepared(
    sa.select(
        *(t.account.c.id, t.account.c.owner, t.account.c.kind, _BALANCE),
        *(t.piece.c.lot, t.piece.c.points, t.entry.c.matures_at, t.entry.c.expires_at),
    )
    .join_from(t.account, t.piece, sa.and_(t.piece.c.account == t.account.c.id, t.LEFT), isouter=True)
    .join(t.entry, t.entry.c.seq == t.piece.c.lot, isouter=True)
    .where(
        t.account.c.unit == sa.bindparam("unit"),
        t.account.c.owner.in_((sa.bindparam("owner"), sa.bindparam("other"), SHOP)),
    )
)
_OPEN_ACCOUNT = t.account.insert().returning(t.account.c.id)


class Book:
    """Balances and lots, kept in step with what is posted through it."""

    def __init__(self, db: sa.Connection, *, unit: str, owner: str, other: str = "") -> None:
        self.unit = unit
        self.owner = owner
        self._db = db
        asked = {"unit": unit, "owner": owner, "other": other or owner}
        self._accounts: dict[tuple[str, str], _Account] = {}
        self._pieces: dict[tuple[str, str, int], Piece] = {}
        for number, of, kind, balance, lot, *left in _STANDING.all(db, asked):
            self._accounts[of, kind] = _Account(number, balance or 0)
            if lot is not None:
                self._pieces[of, kind, lot] = Piece(lot, *left)
        self._lots = {piece.lot: (piece.matures_at, piece.expires_at) for piece in self._pieces.values()}

    def balance(self, owner: str, kind: AccountKind) -> int:
        """Return the points in an account."""
        account = self._accounts.get((owner, kind))
        return account.balance if account else 0

    def spendable(self, owner: str) -> int:
        """Return what is available less what is owed."""
        return self.balance(owner, "available") + self.balance(owner, "owed")

    def pieces(self, owner: str, kind: Pocket) -> list[Piece]:
        """Return what is left of each lot in an account."""
        return [piece for (of, pocket, _), piece in self._pieces.items() if (of, pocket) == (owner, kind)]

    def learn(self, lot: int, matures_at: str | None, expires_at: str | None) -> None:
        """Note a lot that is being made."""
        self._lots[lot] = (matures_at, expires_at)

    def post(self, leg: Leg) -> tuple[int, Leaf]:
        """Enter a posting; return the account's number and what the hash covers of it."""
        account = self._accounts.get((leg.owner, leg.kind)) or self._open(leg.owner, leg.kind)
        account.balance += leg.points
        if leg.lot is not None:
            self._move(leg.owner, leg.kind, leg.lot, leg.points)
        return account.id, (leg.owner, leg.kind, leg.lot, leg.hold, leg.points, account.balance)

    def _open(self, owner: str, kind: AccountKind) -> _Account:
        values = {"owner": owner, "unit": self.unit, "kind": kind}
        account = _Account(int(self._db.execute(_OPEN_ACCOUNT, values).scalar_one()), 0)
        self._accounts[owner, kind] = account
        return account

    def _move(self, owner: str, kind: str, lot: int, points: int) -> None:
        here = self._pieces.pop((owner, kind, lot), None)
        left = (here.points if here else 0) + points
        if left:
            self._pieces[owner, kind, lot] = Piece(lot, left, *self._lots.get(lot, (None, None)))


def out_of(owner: str, kind: AccountKind, parts: tuple[Part, ...], hold: int | None = None) -> list[Leg]:
    """Return the legs that take the parts out of a customer's account."""
    return [Leg(owner, kind, -part.points, part.lot, hold) for part in parts]


def into(owner: str, kind: AccountKind, parts: tuple[Part, ...], hold: int | None = None) -> list[Leg]:
    """Return the legs that put the parts into a customer's account."""
    return [Leg(owner, kind, part.points, part.lot, hold) for part in parts]
