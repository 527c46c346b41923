"""The daily close sheet: what moved since the last one, what is owed to customers, what will be lost.

The sheet is the answer of an entry of its own: it is sealed by the chain, and asking for the same day again
gives the same bytes.
"""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import tables as t
from shopbell.loyalty.chain import request_hash, stamp
from shopbell.loyalty.journal import Journal
from shopbell.loyalty.operations import CloseDay


class UnitSheet(Struct, frozen=True, kw_only=True):
    """One unit on the sheet. "Of the day" is since the sheet before."""

    unit: str
    issued: int
    redeemed: int
    """Of the day, less what was given back."""
    expired: int
    clawed_back: int
    adjusted: int
    """Net of adjustments by hand; above zero: customers got more."""
    shortfall: int
    """What could not be taken back."""
    available: int
    """Of all customers at the close; so are the next three."""
    pending: int
    held: int
    owed: int
    """What customers owe, as a number below zero."""
    liability: int
    """What the shop owes its customers: available, pending and held."""
    liability_money: int | None
    """The same in minor units; None without a rate."""
    breakage: Decimal
    """Expired / issued, since the beginning; 0 when nothing was issued."""
    breakage_estimate: int
    """Points of the liability that may expire, times expired / (expired + redeemed) so far.

    It is too high while a shop is young in expiries and too low while it is young altogether: old points have
    not had their day yet.
    """
    trial: int
    """Sum over all accounts: zero, or the books are wrong."""


class CloseSheet(Struct, frozen=True, kw_only=True):
    """The close of a day."""

    day: date
    at: datetime
    entries: int
    """Entries in the ledger before this close; with `hash` what `verify` takes as an anchor."""
    hash: str
    """Hash of the last of them: print it, and nobody can rewrite what came before unseen."""
    entries_of_day: int
    actor: str
    units: tuple[UnitSheet, ...]


_LAST_CLOSE = sa.select(sa.func.coalesce(sa.func.max(t.entry.c.seq), 0)).where(t.entry.c.kind == "close")
_BALANCE = (
    sa.select(t.posting.c.balance)
    .where(t.posting.c.account == t.account.c.id)
    .order_by(t.posting.c.entry.desc(), t.posting.c.n.desc())
    .limit(1)
    .scalar_subquery()
)
_TOTALS = sa.select(t.account.c.unit, t.account.c.kind, sa.func.coalesce(sa.func.sum(_BALANCE), 0)).group_by(
    t.account.c.unit, t.account.c.kind
)
_MOVED = (
    sa.select(t.account.c.unit, t.account.c.kind, sa.func.sum(t.posting.c.points))
    .join_from(t.account, t.posting, t.posting.c.account == t.account.c.id)
    .where(t.account.c.owner == "", t.posting.c.entry > sa.bindparam("after"))
    .group_by(t.account.c.unit, t.account.c.kind)
)
_SHORTFALL = (
    sa.select(t.entry.c.unit, sa.func.sum(t.entry.c.shortfall))
    .where(t.entry.c.seq > sa.bindparam("after"))
    .group_by(t.entry.c.unit)
)
_MAY_EXPIRE = (
    sa.select(t.account.c.unit, sa.func.sum(t.piece.c.points))
    .join_from(t.piece, t.account, t.account.c.id == t.piece.c.account)
    .join(t.entry, t.entry.c.seq == t.piece.c.lot)
    .where(t.LEFT, t.entry.c.expires_at.is_not(None))
    .group_by(t.account.c.unit)
)
Sums = dict[tuple[str, str], int]
"""(unit, kind of account) -> points."""


def close_day(db: sa.Connection, request: CloseDay) -> CloseSheet:
    """Write the sheet of the day, or return the one that was written; raises `KeyReused` for other rates."""
    journal = Journal(db)
    key, asked = f"~close:{request.day.isoformat()}", request_hash(request)
    if (kept := journal.kept(key, asked)) is not None:
        return msgspec.json.decode(kept, type=CloseSheet)
    sheet = _sheet(db, journal, request)
    result = msgspec.json.encode(sheet).decode()
    columns = (
        *(journal.count + 1, key, asked, "close", "", "", "", 0, 0, None),
        *("", "", "", request.actor, stamp(request.at), None, None, result),
    )
    journal.seal(columns, [])
    return sheet


def _sheet(db: sa.Connection, journal: Journal, request: CloseDay) -> CloseSheet:
    after = int(db.execute(_LAST_CLOSE).scalar_one())
    totals: Sums = {(unit, kind): int(n) for unit, kind, n in db.execute(_TOTALS)}
    moved: Sums = {(unit, kind): int(n) for unit, kind, n in db.execute(_MOVED, {"after": after})}
    short = {unit: int(n) for unit, n in db.execute(_SHORTFALL, {"after": after})}
    mortal = {unit: int(n) for unit, n in db.execute(_MAY_EXPIRE)}
    rates = {rate.unit: rate.money for rate in request.rates}
    return CloseSheet(
        day=request.day,
        at=request.at.astimezone(UTC),
        entries=journal.count,
        hash=journal.hash.hex(),
        entries_of_day=journal.count - after,
        actor=request.actor,
        units=tuple(
            unit_sheet(unit, totals, moved, short.get(unit, 0), mortal.get(unit, 0), rates.get(unit))
            for unit in sorted({unit for unit, _ in totals})
        ),
    )


def unit_sheet(
    unit: str, totals: Sums, moved: Sums, shortfall: int, mortal: int, rate: Decimal | None
) -> UnitSheet:
    """Make one unit's part of the sheet; `mortal` are the points that have a day on which they expire."""
    have = {kind: totals.get((unit, kind), 0) for kind in ("available", "pending", "held", "owed")}
    issued, expired, redeemed = (
        abs(totals.get((unit, kind), 0)) for kind in ("issued", "expired", "redeemed")
    )
    liability = have["available"] + have["pending"] + have["held"]
    gone = expired + redeemed
    return UnitSheet(
        unit=unit,
        issued=-moved.get((unit, "issued"), 0),
        redeemed=moved.get((unit, "redeemed"), 0),
        expired=moved.get((unit, "expired"), 0),
        clawed_back=moved.get((unit, "clawed_back"), 0),
        adjusted=-moved.get((unit, "adjusted"), 0),
        shortfall=shortfall,
        **have,
        liability=liability,
        liability_money=None if rate is None else int((liability * rate).to_integral_value(ROUND_HALF_UP)),
        breakage=(Decimal(expired) / issued if issued else Decimal(0)).quantize(Decimal("0.0001")),
        breakage_estimate=round(mortal * expired / gone) if gone else 0,
        trial=sum(points for (of, _), points in totals.items() if of == unit),
    )
