"""Two records of one customer: all of a unit moves from one to the other, and back if that was wrong."""

from collections.abc import Sequence

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import AccountKind, Book, Leg, Pocket
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import BadOperation, MoreThanGiven
from shopbell.loyalty.holds import find_holding
from shopbell.loyalty.journal import Draft, Journal, Written
from shopbell.loyalty.operations import Receipt, Transfer, UndoTransfer
from shopbell.loyalty.settling import settle

_HELD = (
    sa.select(t.posting.c.hold, t.posting.c.lot, sa.func.sum(t.posting.c.points))
    .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
    .where(
        t.account.c.owner == sa.bindparam("owner"),
        t.account.c.unit == sa.bindparam("unit"),
        t.account.c.kind == "held",
    )
    .group_by(t.posting.c.hold, t.posting.c.lot)
    .having(sa.func.sum(t.posting.c.points) > 0)
    .order_by(t.posting.c.hold, t.posting.c.lot)
)
_ARRIVED = (
    sa.select(t.account.c.kind, t.posting.c.lot, t.posting.c.hold, t.posting.c.points)
    .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
    .where(t.posting.c.entry == sa.bindparam("entry"), t.account.c.owner == sa.bindparam("owner"))
    .order_by(t.posting.c.n)
)
_UNDONE = sa.select(t.entry.c.seq).where(
    t.entry.c.of == sa.bindparam("of"), t.entry.c.kind == "undo_transfer"
)


class _Move(Struct, frozen=True):
    kind: AccountKind
    points: int
    lot: int | None = None
    hold: int | None = None


def transfer(db: sa.Connection, request: Transfer) -> Receipt:
    """Move all lots, holds and what is owed; the receipt is the target's, its points those of the lots."""
    if request.source == request.target:
        raise BadOperation(f"{request.source} cannot be merged into itself. Name two customers.")
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    book = Book(db, unit=request.unit, owner=request.source, other=request.target)
    settle(journal, book, request.source, stamp(request.at))
    pockets: tuple[Pocket, ...] = ("pending", "available")
    moves = [_Move(kind, p.points, p.lot) for kind in pockets for p in book.pieces(request.source, kind)]
    held = db.execute(_HELD, {"owner": request.source, "unit": request.unit})
    moves += [_Move("held", int(points), lot, hold) for hold, lot, points in held]
    if owed := book.balance(request.source, "owed"):
        moves.append(_Move("owed", owed))
    receipt = journal.write(book, _draft("transfer", None, request.source, request.target, moves), request)
    settle(journal, book, request.target, stamp(request.at))
    return receipt


def undo_transfer(db: sa.Connection, request: UndoTransfer) -> Receipt:
    """Move back what is left of the lots that came; raises `MoreThanGiven` the second time."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    made = journal.find(request.transfer, ("transfer",))
    if db.execute(_UNDONE, {"of": made.seq}).first() is not None:
        raise MoreThanGiven(f"The transfer {request.transfer} was undone before.")
    book = Book(db, unit=made.unit, owner=made.owner, other=made.other)
    settle(journal, book, made.owner, stamp(request.at))
    draft = _draft("undo_transfer", made.seq, made.owner, made.other, _way_back(db, book, made))
    return journal.write(book, draft, request)


def _draft(kind: str, of: int | None, source: str, target: str, moves: Sequence[_Move]) -> Draft:
    legs = [Leg(source, move.kind, -move.points, move.lot, move.hold) for move in moves]
    legs += [Leg(target, move.kind, move.points, move.lot, move.hold) for move in moves]
    points = sum(move.points for move in moves if move.lot is not None)
    return Draft(
        kind="transfer" if kind == "transfer" else "undo_transfer",
        owner=target,
        other=source,
        points=points,
        of=of,
        legs=legs,
    )


def _way_back(db: sa.Connection, book: Book, made: Written) -> list[_Move]:
    arrived = db.execute(_ARRIVED, {"entry": made.seq, "owner": made.owner}).all()
    quota: dict[int, int] = {}
    for kind, lot, _, points in arrived:
        if kind != "owed":
            quota[lot] = quota.get(lot, 0) + points
    moves = []
    for hold in dict.fromkeys(row.hold for row in arrived if row.hold is not None):
        holding = find_holding(db, hold)
        if holding is not None and holding.owner == made.owner:
            moves += [_Move("held", part.points, part.lot, hold) for part in holding.parts]
            quota |= {part.lot: quota[part.lot] - part.points for part in holding.parts}
    pockets: tuple[Pocket, ...] = ("pending", "available")
    for kind in pockets:
        for piece in book.pieces(made.owner, kind):
            if points := min(piece.points, quota.get(piece.lot, 0)):
                moves.append(_Move(kind, points, piece.lot))
                quota[piece.lot] -= points
    came_owed = sum(points for kind, _, _, points in arrived if kind == "owed")
    if owed := max(came_owed, book.balance(made.owner, "owed")):
        moves.append(_Move("owed", owed))
    return moves
