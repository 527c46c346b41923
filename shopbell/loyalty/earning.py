"""Points that come and points that are taken back: accrue, adjust, claw back."""

import sqlalchemy as sa

from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP, Book, Leg, Pocket, out_of
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import BadOperation, MoreThanGiven
from shopbell.loyalty.journal import Draft, Journal, Written, done_about
from shopbell.loyalty.lots import take, total
from shopbell.loyalty.operations import Accrue, Adjust, ClawBack, Kind, Receipt
from shopbell.loyalty.settling import repay, settle
from shopbell.loyalty.spending import take_available

_EXPIRED = (
    sa.select(sa.func.coalesce(sa.func.sum(-t.posting.c.points), 0))
    .join_from(t.posting, t.entry, t.entry.c.seq == t.posting.c.entry)
    .where(t.posting.c.lot == sa.bindparam("lot"), t.entry.c.kind == "expire")
)


def accrue(db: sa.Connection, request: Accrue) -> Receipt:
    """Give a customer a new lot."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    return _new_lot(journal, request, "accrue")


def adjust(db: sa.Connection, request: Adjust) -> Receipt:
    """Correct a balance by hand, up or down."""
    if not request.reason or not request.actor or not request.points:
        raise BadOperation("An adjustment needs points other than zero, a reason, and who makes it.")
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    if request.points > 0:
        return _new_lot(journal, request, "adjust")
    book = Book(db, unit=request.unit, owner=request.owner)
    settle(journal, book, request.owner, stamp(request.at))
    points = -request.points
    legs = take_available(book, request.owner, points)
    draft = Draft(
        kind="adjust", owner=request.owner, points=points, legs=[*legs, Leg(SHOP, "adjusted", points)]
    )
    return journal.write(book, draft, request)


def claw_back(db: sa.Connection, request: ClawBack) -> Receipt:
    """Take earned points back; what no lot covers is the receipt's `shortfall`."""
    journal = Journal(db)
    if (kept := journal.answered(request)) is not None:
        return kept
    accrual = journal.find(request.accrual, ("accrue",))
    owner = request.owner or accrual.owner
    book = Book(db, unit=accrual.unit, owner=owner)
    settle(journal, book, owner, stamp(request.at))
    points = _still_to_take(db, accrual, request.points)
    legs = _from_lots(book, owner, accrual.seq, points)
    shortfall = points + sum(leg.points for leg in legs)
    if shortfall and request.shortfall == "negative":
        legs.append(Leg(owner, "owed", -shortfall))
    if taken := -sum(leg.points for leg in legs):
        legs.append(Leg(SHOP, "clawed_back", taken))
    draft = Draft(
        kind="claw_back", owner=owner, points=points, shortfall=shortfall, of=accrual.seq, legs=legs
    )
    return journal.write(book, draft, request)


def _new_lot(journal: Journal, request: Accrue | Adjust, kind: Kind) -> Receipt:
    matures_at = request.matures_at if isinstance(request, Accrue) else None
    now, matures = stamp(request.at), stamp(matures_at) if matures_at else None
    expires = stamp(request.expires_at) if request.expires_at else None
    if matures and expires and expires <= matures:
        raise BadOperation(f"The points would be lost ({expires}) before they can be used ({matures}).")
    book = Book(journal.db, unit=request.unit, owner=request.owner)
    settle(journal, book, request.owner, now)
    pocket: Pocket = "pending" if matures and matures > now else "available"
    legs = (
        Leg(request.owner, pocket, request.points, journal.count + 1),
        Leg(SHOP, "issued" if kind == "accrue" else "adjusted", -request.points),
    )
    draft = Draft(
        kind=kind,
        owner=request.owner,
        points=request.points,
        matures_at=matures,
        expires_at=expires,
        legs=legs,
    )
    receipt = journal.write(book, draft, request)
    repay(journal, book, request.owner, now)  # at once: the lot must not expire while something is owed
    return receipt


def _still_to_take(db: sa.Connection, accrual: Written, asked: int | None) -> int:
    left = accrual.points - done_about(db, accrual.seq, "claw_back")
    if asked is not None and asked > left:
        raise MoreThanGiven(
            f"{asked} points cannot be taken back: of the {accrual.points} earned, {left} are left to take."
        )
    expired = int(db.execute(_EXPIRED, {"lot": accrual.seq}).scalar_one())
    return min(left if asked is None else asked, max(0, left - expired))


def _from_lots(book: Book, owner: str, own: int, points: int) -> list[Leg]:
    legs: list[Leg] = []
    order: tuple[tuple[Pocket, bool], ...] = (
        ("pending", True),
        ("available", True),
        ("available", False),
        ("pending", False),
    )
    for pocket, of_own in order:
        pieces = [piece for piece in book.pieces(owner, pocket) if (piece.lot == own) is of_own]
        parts = take(pieces, points)
        points -= total(parts)
        legs.extend(out_of(owner, pocket, parts))
    return legs
