"""What time brings: pending points ripen, old ones are lost, and what is owed is repaid.

It happens before every operation on a customer's account, so nobody spends a point that has expired; the
sweeps `mature` and `expire` only make it happen for those who stay away.
"""

import sqlalchemy as sa

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP, Book, Leg, Pocket, into, out_of
from shopbell.loyalty.journal import Draft, Journal
from shopbell.loyalty.lots import Part, take, total

BATCH = 200
"""Customers settled in one transaction of a sweep, so that tills do not wait for all of it."""


def settle(journal: Journal, book: Book, owner: str, now: str) -> int:
    """Bring a customer's account up to `now`; return the number of entries it took."""
    before = journal.count
    _mature(journal, book, owner, now)
    _expire(journal, book, owner, now)
    repay(journal, book, owner, now)
    return journal.count - before


def repay(journal: Journal, book: Book, owner: str, now: str) -> None:
    """Pay what the customer owes out of what is available, oldest first."""
    parts = take(book.pieces(owner, "available"), -book.balance(owner, "owed"))
    if points := total(parts):
        legs = [*out_of(owner, "available", parts), Leg(owner, "owed", points)]
        journal.write_itself(book, Draft(kind="repay", owner=owner, points=points, legs=legs), now)


def repay_from_returned(journal: Journal, book: Book, owner: str, now: str) -> None:
    """Pay what is owed out of points that have just come back.

    At once: their lots must not expire while something is owed. What has expired meanwhile pays nothing.
    """
    if book.balance(owner, "owed"):
        # Read anew: the book did not know the ends of lots of which nothing was left.
        settle(journal, Book(journal.db, unit=book.unit, owner=owner), owner, now)


def _mature(journal: Journal, book: Book, owner: str, now: str) -> None:
    parts = tuple(Part(p.lot, p.points) for p in book.pieces(owner, "pending") if p.mature(now))
    if parts:
        legs = [*out_of(owner, "pending", parts), *into(owner, "available", parts)]
        journal.write_itself(book, Draft(kind="mature", owner=owner, points=total(parts), legs=legs), now)


def _expire(journal: Journal, book: Book, owner: str, now: str) -> None:
    pockets: tuple[Pocket, ...] = ("available", "pending")  # what is held was claimed in time
    legs = [
        leg
        for pocket in pockets
        for leg in out_of(
            owner,
            pocket,
            tuple(Part(p.lot, p.points) for p in book.pieces(owner, pocket) if p.expired(now)),
        )
    ]
    if legs:
        points = -sum(leg.points for leg in legs)
        legs.append(Leg(SHOP, "expired", points))
        journal.write_itself(book, Draft(kind="expire", owner=owner, points=points, legs=legs), now)


_DUE = (
    sa.select(t.account.c.owner, t.account.c.unit)
    .join_from(t.piece, t.account, t.account.c.id == t.piece.c.account)
    .join(t.entry, t.entry.c.seq == t.piece.c.lot)
    .where(t.LEFT)
    .distinct()
    .order_by(t.account.c.owner, t.account.c.unit)
    .limit(BATCH)
)
DUE_TO_MATURE = _DUE.where(t.account.c.kind == "pending", t.entry.c.matures_at <= sa.bindparam("now"))
DUE_TO_EXPIRE = _DUE.where(
    t.account.c.kind.in_(("available", "pending")), t.entry.c.expires_at <= sa.bindparam("now")
)


def sweep(db: sa.Connection, due: sa.Select[str, str], now: str) -> tuple[int, int]:
    """Settle up to `BATCH` customers that are due; return how many customers, and how many entries."""
    journal = Journal(db)
    rows = db.execute(due, {"now": now}).all()
    return len(rows), sum(
        settle(journal, Book(db, unit=unit, owner=owner), owner, now) for owner, unit in rows
    )
