"""What a customer has and how it came about: balances and history, read without writing."""

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import Book
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.lots import oldest_first


class Lot(Struct, frozen=True, kw_only=True):
    """Points earned together."""

    seq: int
    """The entry that made them."""
    points: int
    """What is left and not held."""
    matures_at: datetime | None
    expires_at: datetime | None


class Balance(Struct, frozen=True, kw_only=True):
    """What a customer has of a unit at a time, ripened and expired as of then."""

    owner: str
    unit: str
    available: int
    """What can be spent; below zero when points are owed."""
    pending: int
    held: int
    lots: tuple[Lot, ...]
    """In the order of spending; with pending ones, which have a later `matures_at`."""


class Movement(Struct, frozen=True, kw_only=True):
    """One entry as the customer sees it."""

    seq: int
    key: str
    at: datetime
    kind: str
    unit: str
    available: int
    """Change of what can be spent; points that come to be owed count below zero."""
    pending: int
    held: int
    shortfall: int
    reason: str
    rule: str
    line: str
    actor: str
    of: int | None
    """The entry it is about."""


def balance(db: sa.Connection, owner: str, unit: str, now: datetime) -> Balance:
    """Return what the customer has at `now`."""
    book, at = Book(db, unit=unit, owner=owner), stamp(now)
    ripening = book.pieces(owner, "pending")
    alive = [
        piece
        for piece in oldest_first([*book.pieces(owner, "available"), *ripening])
        if not piece.expired(at)
    ]
    pending = sum(piece.points for piece in alive if piece in ripening and not piece.mature(at))
    return Balance(
        owner=owner,
        unit=unit,
        available=sum(piece.points for piece in alive) - pending + book.balance(owner, "owed"),
        pending=pending,
        held=book.balance(owner, "held"),
        lots=tuple(
            Lot(
                seq=piece.lot,
                points=piece.points,
                matures_at=_time(piece.matures_at),
                expires_at=_time(piece.expires_at),
            )
            for piece in alive
        ),
    )


def units(db: sa.Connection, owner: str) -> tuple[str, ...]:
    """Return the units in which the customer has an account, sorted."""
    query = sa.select(t.account.c.unit).where(t.account.c.owner == owner).distinct()
    return tuple(sorted(db.execute(query).scalars()))


def history(
    db: sa.Connection, owner: str, *, unit: str = "", before: int | None = None, limit: int = 100
) -> list[Movement]:
    """Return the customer's entries, newest first; of one unit, older than entry `before`, if given."""
    mine = sa.or_(t.entry.c.owner == owner, sa.and_(t.entry.c.other == owner, t.entry.c.other != ""))
    query = sa.select(t.entry).where(mine).order_by(t.entry.c.seq.desc()).limit(limit)
    if unit:
        query = query.where(t.entry.c.unit == unit)
    if before is not None:
        query = query.where(t.entry.c.seq < before)
    rows = db.execute(query).all()
    changes = _changes(db, owner, [row.seq for row in rows])
    return [_movement(row, changes) for row in rows]


def _movement(row: sa.Row[tuple[object, ...]], changes: dict[tuple[int, str], int]) -> Movement:
    def change(*kinds: str) -> int:
        return sum(changes.get((row.seq, kind), 0) for kind in kinds)

    return Movement(
        seq=row.seq,
        key=row.key,
        at=datetime.fromisoformat(row.at),
        kind=row.kind,
        unit=row.unit,
        available=change("available", "owed"),
        pending=change("pending"),
        held=change("held"),
        shortfall=row.shortfall,
        reason=row.reason,
        rule=row.rule,
        line=row.line,
        actor=row.actor,
        of=row.of,
    )


def _changes(db: sa.Connection, owner: str, entries: list[int]) -> dict[tuple[int, str], int]:
    query = (
        sa.select(t.posting.c.entry, t.account.c.kind, sa.func.sum(t.posting.c.points))
        .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
        .where(t.posting.c.entry.in_(entries), t.account.c.owner == owner)
        .group_by(t.posting.c.entry, t.account.c.kind)
    )
    return {(seq, kind): int(points) for seq, kind, points in db.execute(query)}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
