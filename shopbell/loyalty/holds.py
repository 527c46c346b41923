"""Points set aside for a reward: held, then redeemed or released, once."""

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP, Book, Leg, into, out_of
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import HoldEnded
from shopbell.loyalty.journal import Draft, Journal
from shopbell.loyalty.lots import Part, total
from shopbell.loyalty.operations import Hold, Receipt, RedeemHold, ReleaseHold
from shopbell.loyalty.settling import repay_from_returned, settle
from shopbell.loyalty.spending import take_available

_WHERE = (
    sa.select(t.account.c.owner, t.posting.c.lot, sa.func.sum(t.posting.c.points))
    .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
    .where(t.posting.c.hold == sa.bindparam("hold"))
    .group_by(t.account.c.owner, t.posting.c.lot)
    .having(sa.func.sum(t.posting.c.points) > 0)
    .order_by(sa.func.min(t.posting.c.n))
)


class Holding(Struct, frozen=True):
    """What a hold holds, and in whose account: a merge takes holds along."""

    owner: str
    parts: tuple[Part, ...]


def find_holding(db: sa.Connection, hold: int) -> Holding | None:
    """Return what the hold made by entry `hold` still holds; nothing when it has ended."""
    rows = db.execute(_WHERE, {"hold": hold}).all()
    return Holding(rows[0][0], tuple(Part(lot, int(points)) for _, lot, points in rows)) if rows else None


def hold(db: sa.Connection, request: Hold) -> Receipt:
    """Set points aside, oldest first; raises `NotEnough`."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    book = Book(db, unit=request.unit, owner=request.owner)
    settle(journal, book, request.owner, stamp(request.at))
    legs = take_available(book, request.owner, request.points)
    held = [Leg(leg.owner, "held", -leg.points, leg.lot, journal.count + 1) for leg in legs]
    draft = Draft(kind="hold", owner=request.owner, points=request.points, legs=[*legs, *held])
    return journal.write(book, draft, request)


def redeem_hold(db: sa.Connection, request: RedeemHold) -> Receipt:
    """Redeem what is held; raises `HoldEnded` when it was redeemed or released before."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    seq, book, holding = _open(journal, request.hold, stamp(request.at))
    points = total(holding.parts)
    legs = [*out_of(holding.owner, "held", holding.parts, seq), Leg(SHOP, "redeemed", points)]
    return journal.write(
        book, Draft(kind="redeem", owner=holding.owner, points=points, of=seq, legs=legs), request
    )


def release_hold(db: sa.Connection, request: ReleaseHold) -> Receipt:
    """Put what is held back to where it was; what has expired meanwhile is lost at the next look."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    seq, book, holding = _open(journal, request.hold, stamp(request.at))
    legs = [
        *out_of(holding.owner, "held", holding.parts, seq),
        *into(holding.owner, "available", holding.parts),
    ]
    draft = Draft(kind="release", owner=holding.owner, points=total(holding.parts), of=seq, legs=legs)
    receipt = journal.write(book, draft, request)
    repay_from_returned(journal, book, holding.owner, stamp(request.at))
    return receipt


def _open(journal: Journal, key: str, now: str) -> tuple[int, Book, Holding]:
    made = journal.find(key, ("hold",))
    holding = find_holding(journal.db, made.seq)
    if holding is None:
        raise HoldEnded(f"The hold {key} has ended: it was redeemed or released before.")
    book = Book(journal.db, unit=made.unit, owner=holding.owner)
    settle(journal, book, holding.owner, now)
    return made.seq, book, holding
