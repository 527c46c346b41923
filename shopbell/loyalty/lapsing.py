"""What is lost because the customer has not bought for long: the whole unit, as an expiry in the ledger."""

from datetime import datetime

import sqlalchemy as sa

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP, Book, Leg, Pocket, out_of
from shopbell.loyalty.cards import lapses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.journal import Draft, Journal
from shopbell.loyalty.judgement import Lapse
from shopbell.loyalty.lots import Part
from shopbell.loyalty.operations import Operation
from shopbell.loyalty.span import midnight
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms


def lapse(db: sa.Connection, standing: Standing, terms: Terms, at: datetime) -> int:
    """Post what is lost by the day of `at`; return the number of entries, none when nothing was there."""
    due = lapses(standing, terms, terms.day(at))
    return sum(_expire(db, standing.customer, one, terms, at) for one in due)


def _expire(db: sa.Connection, owner: str, lost: Lapse, terms: Terms, at: datetime) -> int:
    """Expire all lots that were there when the time was up; what was given since then stays."""
    over = stamp(midnight(lost.on, terms.zone))
    book = Book(db, unit=lost.unit, owner=owner)
    pockets: tuple[Pocket, ...] = ("available", "pending")
    held = [(pocket, piece) for pocket in pockets for piece in book.pieces(owner, pocket)]
    old = _made_before(db, [piece.lot for _, piece in held], over)
    legs = [
        leg
        for pocket, piece in held
        if piece.lot in old
        for leg in out_of(owner, pocket, (Part(piece.lot, piece.points),))
    ]
    if not legs:
        return 0
    points = -sum(leg.points for leg in legs)
    legs.append(Leg(SHOP, "expired", points))
    journal = Journal(db)
    key = f"lapse:{owner}:{lost.unit}:{lost.on}:{journal.count + 1}"
    journal.write(
        book,
        Draft(kind="expire", owner=owner, points=points, legs=legs),
        Operation(key=key, at=at, reason=lost.why),
    )
    return 1


def _made_before(db: sa.Connection, lots: list[int], over: str) -> set[int]:
    return set(
        db.execute(sa.select(t.entry.c.seq).where(t.entry.c.seq.in_(lots), t.entry.c.at < over)).scalars()
    )
