"""Merging: two records of one person become one, with everything on them, and two again if that was wrong."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import operations as o
from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Merged
from shopbell.loyalty.awarding import purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.consents import Consent, allows, consents, record_consent
from shopbell.loyalty.effects import Spent
from shopbell.loyalty.errors import MergeRefused
from shopbell.loyalty.house import Shop
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import load_standing, lock, resolve, save_standing
from shopbell.loyalty.purchases import next_id
from shopbell.loyalty.registry import customer_table
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.statement import units
from shopbell.loyalty.uniting import part, unite
from shopbell.loyalty.webhooks import publish

_BY = "merge"


class _Body(Struct, frozen=True, kw_only=True):
    """What is needed to undo a merge."""

    source: Standing
    target: Standing
    united: Standing
    units: tuple[str, ...]
    withdrawn: tuple[Consent, ...]
    """Yeses of the target that the merge took back."""


def merge(db: sa.Connection, shop: Shop, source: str, target: str, now: datetime, *, by: str) -> Merged:
    """Make two records one; see `Club.merge`."""
    lock(db)
    if not by:
        raise MergeRefused("A merge needs to know who makes it.")
    source, target = _active(db, source), resolve(db, target)
    if source == target:
        raise MergeRefused(f"{source} cannot be merged into itself. Name two customers.")
    number = next_id(db, r.merge)
    before = load_standing(db, source, now), load_standing(db, target, now)
    both = unite(*before, shop.terms(now))
    names = units(db, source)
    moved = [post(db, _transfer(number, source, target, unit, now, by)) for unit in names]
    withdrawn = _withdraw(db, source, target, now)
    _set_status(db, source, "merged")
    save_standing(db, both)
    answer = Merged(
        merge=number,
        source=source,
        target=target,
        at=datetime.fromisoformat(stamp(now)),
        by=by,
        undone=False,
        moved=tuple(Spent(unit=one.unit, points=one.points) for one in moved),
        purses=purses(db, target, units(db, target), now),
    )
    body = _Body(source=before[0], target=before[1], united=both, units=names, withdrawn=withdrawn)
    result = msgspec.json.encode(answer)
    values = {"id": number, "source": source, "target": target, "at": stamp(now), "by": by}
    values |= {"body": msgspec.json.encode(body).decode(), "result": result.decode()}
    db.execute(r.merge.insert().values(**values))
    publish(db, "customer.merged", result, now, draw=shop.draw)
    return answer


def unmerge(db: sa.Connection, shop: Shop, number: int, now: datetime, *, by: str) -> Merged:
    """Make two records of one again; see `Club.unmerge`."""
    lock(db)
    row = db.execute(sa.select(r.merge).where(r.merge.c.id == number)).one_or_none()
    if row is None:
        raise MergeRefused(f"There is no merge {number}.")
    before = db.execute(sa.select(r.unmerge.c.result).where(r.unmerge.c.merge == number)).scalar()
    if before is not None:
        return msgspec.json.decode(before, type=Merged)
    if resolve(db, row.target) != row.target:
        raise MergeRefused(f"{row.target} was merged into another customer since. Undo that merge first.")
    body = msgspec.json.decode(row.body, type=_Body)
    moved = [post(db, _back(number, unit, now, by)) for unit in body.units]
    source, target = part(
        _plain(load_standing(db, row.target, now)), *map(_plain, (body.source, body.target, body.united))
    )
    _set_status(db, row.source, "active")
    for kept in (source, target):
        save_standing(db, kept)
    for yes in body.withdrawn:
        if not allows(db, row.target, yes.purpose) and _last_by(db, row.target, yes.purpose) == _BY:
            record_consent(db, msgspec.structs.replace(yes, at=now, by=_BY))
    answer = Merged(
        merge=number,
        source=row.source,
        target=row.target,
        at=datetime.fromisoformat(stamp(now)),
        by=by,
        undone=True,
        moved=tuple(Spent(unit=one.unit, points=one.points) for one in moved),
        purses=tuple(one for who in (row.source, row.target) for one in purses(db, who, body.units, now)),
    )
    result = msgspec.json.encode(answer)
    values = {"merge": number, "at": stamp(now), "by": by, "result": result.decode()}
    db.execute(r.unmerge.insert().values(**values))
    publish(db, "customer.unmerged", result, now, draw=shop.draw)
    return answer


def _plain(standing: Standing) -> Standing:
    """Leave out what is looked up each time: stamps, birthday, and days of rewards."""
    referred = standing.referred and msgspec.structs.replace(standing.referred, rewarded=())
    return msgspec.structs.replace(standing, stamps={}, birthday=None, referred=referred)


def _active(db: sa.Connection, customer: str) -> str:
    if resolve(db, customer) != customer:
        raise MergeRefused(f"{customer} was merged before, into {resolve(db, customer)}.")
    return customer


def _transfer(number: int, source: str, target: str, unit: str, now: datetime, by: str) -> o.Transfer:
    key = f"merge:{number}:{unit}"
    return o.Transfer(
        key=key, at=now, source=source, target=target, unit=unit, actor=by, reason="same person"
    )


def _back(number: int, unit: str, now: datetime, by: str) -> o.UndoTransfer:
    made = f"merge:{number}:{unit}"
    return o.UndoTransfer(key=f"un{made}", at=now, transfer=made, actor=by, reason="two persons after all")


def _withdraw(db: sa.Connection, source: str, target: str, now: datetime) -> tuple[Consent, ...]:
    """Let a yes of the target stand only where the source said yes too; the most restrictive wins."""
    latest = {one.purpose: one for one in consents(db, target)}
    gone = tuple(one for one in latest.values() if one.given and not allows(db, source, one.purpose))
    for one in gone:
        record_consent(db, msgspec.structs.replace(one, given=False, at=now, by=_BY))
    return gone


def _last_by(db: sa.Connection, customer: str, purpose: str) -> str:
    said = [one for one in consents(db, customer) if one.purpose == purpose]
    return said[-1].by if said else ""


def _set_status(db: sa.Connection, customer: str, status: str) -> None:
    values = customer_table.update().where(customer_table.c.id == customer).values(status=status)
    try:
        with db.begin_nested():
            db.execute(values)
    except sa.exc.IntegrityError as fault:
        raise MergeRefused(
            f"Another customer has the phone number or e-mail address of {customer} now. Change that first."
        ) from fault
