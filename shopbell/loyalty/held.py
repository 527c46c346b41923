"""Held rewards: reservations as they stand in the books, and what became of them."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import HoldState, Redeemed
from shopbell.loyalty.codes import digest_of
from shopbell.loyalty.errors import CodeRefused
from shopbell.loyalty.members import keeper
from shopbell.loyalty.registry import code_table, unstamp

_HELD = sa.select(r.hold).where(r.hold.c.id == sa.bindparam("id"))
_ENDED = sa.select(r.hold_event).where(r.hold_event.c.hold == sa.bindparam("id"))


class Held(Struct, frozen=True, kw_only=True):
    """A reservation."""

    id: str
    customer: str
    """The record that remains."""
    reward: str
    unit: str
    points: int
    at: datetime
    expires_at: datetime
    request_hash: bytes


def known(db: sa.Connection, ident: str) -> Held | None:
    """Return the reservation with this id, if there is one."""
    row = db.execute(_HELD, {"id": ident}).one_or_none()
    return None if row is None else _held(db, row)


def find_held(db: sa.Connection, word: str) -> Held:
    """Return a reservation by its id or its code; raises `RewardRefused` or `CodeRefused`."""
    row = db.execute(_HELD, {"id": word}).one_or_none()
    if row is None:
        by_code = sa.select(r.hold).join(code_table, code_table.c.id == r.hold.c.code)
        row = db.execute(by_code.where(code_table.c.digest == digest_of(word))).one_or_none()
    if row is None:
        raise CodeRefused("No reward was reserved under this code. Read it again.")
    return _held(db, row)


def state_of(db: sa.Connection, ident: str) -> HoldState:
    """Return what became of a reservation."""
    kinds = {row.kind for row in db.execute(_ENDED, {"id": ident})}
    if "undone" in kinds:
        return "undone"
    return "redeemed" if "redeemed" in kinds else "released" if "released" in kinds else "reserved"


def answered(db: sa.Connection, ident: str, kind: HoldState) -> Redeemed | None:
    """Return the answer that was given when this became of it."""
    rows = {row.kind: row.result for row in db.execute(_ENDED, {"id": ident})}
    return msgspec.json.decode(rows[kind], type=Redeemed) if kind in rows else None


def _held(db: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Held:
    return Held(
        id=row.id,
        customer=keeper(db, row.customer),
        reward=row.reward,
        unit=row.unit,
        points=row.points,
        at=unstamp(row.at),
        expires_at=unstamp(row.expires_at),
        request_hash=bytes(row.request_hash),
    )
