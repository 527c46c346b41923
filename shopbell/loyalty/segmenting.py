"""Segments: the groups a customer is in, for rules that are for some only; who said so, when and why."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.holdinganswers import Segmented
from shopbell.loyalty.holdingtables import segment_change
from shopbell.loyalty.members import load_standing, lock, resolve, save_standing
from shopbell.loyalty.purchases import next_id
from shopbell.loyalty.registry import unstamp

MOST = 20
"""Segments that one customer is in."""
FORM = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""How the name of a segment is written."""
_SAID = (
    sa.select(segment_change)
    .where(segment_change.c.customer == sa.bindparam("customer"))
    .order_by(segment_change.c.id.desc())
)


def put(
    db: sa.Connection, customer: str, segments: Iterable[str], reason: str, now: datetime, *, by: str
) -> Segmented:
    """Put a customer into these and no others; see `Holdings.set_segments`."""
    lock(db)
    wanted = tuple(sorted(set(segments)))
    _check(wanted, reason)
    owner = resolve(db, customer)
    standing = load_standing(db, owner, now)
    said = db.execute(_SAID.limit(1), {"customer": owner}).one_or_none()
    if said is not None and set(standing.segments) == set(wanted) == set(_names(said.segments)):
        return _segmented(said)
    save_standing(db, msgspec.structs.replace(standing, segments=wanted))
    values = {"id": next_id(db, segment_change), "customer": owner, "reason": reason.strip(), "by": by}
    values |= {"segments": msgspec.json.encode(wanted).decode(), "at": stamp(now)}
    db.execute(segment_change.insert().values(values))
    return _segmented(db.execute(_SAID.limit(1), {"customer": owner}).one())


def history(db: sa.Connection, customer: str) -> tuple[Segmented, ...]:
    """Return all that was said, the newest first."""
    return tuple(_segmented(row) for row in db.execute(_SAID, {"customer": resolve(db, customer)}).all())


def _check(wanted: tuple[str, ...], reason: str) -> None:
    if not reason.strip():
        raise BadOperation("Say why the customer belongs there: it is kept with the change.")
    if len(wanted) > MOST:
        raise BadOperation(f"A customer is in {MOST} segments at most, and {len(wanted)} were named.")
    for name in wanted:
        if not re.fullmatch(FORM, name):
            raise BadOperation(
                f'"{name[:40]}" cannot be a segment. Use letters a-z, digits and hyphens: big-spender.'
            )


def _names(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _segmented(row: sa.Row[tuple[object, ...]]) -> Segmented:
    return Segmented(
        customer=row.customer,
        segments=_names(row.segments),
        reason=row.reason,
        by=row.by,
        at=unstamp(row.at),
    )
