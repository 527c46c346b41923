"""Points that go, and come back: spend and give back."""

import sqlalchemy as sa

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP, Book, Leg, into, out_of
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import MoreThanGiven, NotEnough
from shopbell.loyalty.journal import Draft, Journal, done_about
from shopbell.loyalty.lots import Part, portion, take
from shopbell.loyalty.operations import GiveBack, Receipt, Spend
from shopbell.loyalty.settling import repay_from_returned, settle

_BURNT = (
    sa.select(t.posting.c.lot, -t.posting.c.points)
    .where(t.posting.c.entry == sa.bindparam("entry"), t.posting.c.lot.is_not(None))
    .order_by(t.posting.c.n.desc())
)


def spend(db: sa.Connection, request: Spend) -> Receipt:
    """Redeem points at once, oldest first; raises `NotEnough`."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    book = Book(db, unit=request.unit, owner=request.owner)
    settle(journal, book, request.owner, stamp(request.at))
    legs = take_available(book, request.owner, request.points)
    legs.append(Leg(SHOP, "redeemed", request.points))
    draft = Draft(kind="spend", owner=request.owner, points=request.points, legs=legs)
    return journal.write(book, draft, request)


def give_back(db: sa.Connection, request: GiveBack) -> Receipt:
    """Return spent points to their lots; raises `MoreThanGiven` when less than that is left to return.

    A lot that has expired meanwhile takes them back and loses them at the next look.
    """
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    spent = journal.find(request.spend, ("spend", "redeem"))
    given = done_about(db, spent.seq, "give_back")
    points = spent.points - given if request.points is None else request.points
    if points > spent.points - given:
        raise MoreThanGiven(
            f"{points} points cannot be given back: of the {spent.points} spent, "
            f"{spent.points - given} are left to return."
        )
    owner = request.owner or spent.owner
    book = Book(db, unit=spent.unit, owner=owner)
    settle(journal, book, owner, stamp(request.at))
    burnt = [Part(lot, burn) for lot, burn in db.execute(_BURNT, {"entry": spent.seq})]
    legs = into(owner, "available", portion(burnt, given, points))
    if points:
        legs.append(Leg(SHOP, "redeemed", -points))
    draft = Draft(kind="give_back", owner=owner, points=points, of=spent.seq, legs=legs)
    receipt = journal.write(book, draft, request)
    repay_from_returned(journal, book, owner, stamp(request.at))
    return receipt


def take_available(book: Book, owner: str, points: int) -> list[Leg]:
    """Return the legs that take points out of what is available; raises `NotEnough`."""
    there = book.spendable(owner)
    if there < points:
        raise NotEnough(f"{points} {book.unit} are needed and {max(there, 0)} are there.", available=there)
    return out_of(owner, "available", take(book.pieces(owner, "available"), points))
