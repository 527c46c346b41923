"""Adjustments: corrections by hand, with a reason, within limits, or with a second person's word."""

import hashlib
from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Adjusted
from shopbell.loyalty.awarding import purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import AdjustmentRefused
from shopbell.loyalty.house import Adjustment, Shop
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import keeper, lock, resolve
from shopbell.loyalty.registry import unstamp
from shopbell.loyalty.webhooks import publish

_KNOWN = sa.select(r.adjustment).where(r.adjustment.c.id == sa.bindparam("id"))
_DECIDED = sa.select(r.decision).where(r.decision.c.adjustment == sa.bindparam("id"))
_OPEN = (
    sa.select(r.adjustment.c.result)
    .join_from(r.adjustment, r.decision, r.decision.c.adjustment == r.adjustment.c.id, isouter=True)
    .where(r.adjustment.c.state == "waiting", r.decision.c.adjustment.is_(None))
    .order_by(r.adjustment.c.at, r.adjustment.c.id)
)
_OF_DAY = sa.select(sa.func.coalesce(sa.func.sum(sa.func.abs(r.adjustment.c.points)), 0)).where(
    r.adjustment.c.actor == sa.bindparam("actor"),
    r.adjustment.c.day == sa.bindparam("day"),
    r.adjustment.c.state == "done",
)
_LONGEST = 150


def adjust(
    db: sa.Connection, shop: Shop, request: Adjustment, now: datetime, *, most: int | None = None
) -> Adjusted:
    """Correct a balance, or ask for it; see `Club.adjust`."""
    lock(db)
    asked = hashlib.sha256(msgspec.json.encode(request)).digest()
    before = db.execute(_KNOWN, {"id": request.key}).one_or_none()
    if before is not None:
        if bytes(before.request_hash) != asked:
            raise AdjustmentRefused(f"The key {request.key[:40]} was used before. Send a new key.")
        return msgspec.json.decode(before.result, type=Adjusted)
    _check(request)
    owner, day = resolve(db, request.customer), shop.terms(now).day(now).isoformat()
    of_day = int(db.execute(_OF_DAY, {"actor": request.actor, "day": day}).scalar_one())
    size, house = abs(request.points), shop.house
    mine = house.adjust_most if most is None else most
    alone = size <= mine and of_day + size <= max(mine, house.adjust_day)
    answer = Adjusted(
        request=request.key,
        customer=owner,
        unit=request.unit,
        points=request.points,
        reason=request.reason.strip(),
        actor=request.actor,
        at=datetime.fromisoformat(stamp(now)),
        state="done" if alone else "waiting",
    )
    if alone:
        answer = _post(db, answer, now)
    result = msgspec.json.encode(answer)
    values = {name: getattr(answer, name) for name in ("unit", "points", "reason", "actor", "state")}
    values |= {"id": request.key, "customer": owner, "at": stamp(now), "day": day}
    db.execute(r.adjustment.insert().values(**values, request_hash=asked, result=result.decode()))
    if alone:
        publish(db, "points.adjusted", result, now, draw=shop.draw)
    return answer


def decide(
    db: sa.Connection, shop: Shop, request: str, by: str, now: datetime, *, approved: bool
) -> Adjusted:
    """Let a second person say yes or no; the same word again is answered as before."""
    lock(db)
    row = db.execute(_KNOWN, {"id": request}).one_or_none()
    if row is None or row.state != "waiting":
        raise AdjustmentRefused(f"No correction {request[:40]} waits for a second person.")
    before = db.execute(_DECIDED, {"id": request}).one_or_none()
    if before is not None:
        if before.by == by and bool(before.approved) is approved:
            return msgspec.json.decode(before.result, type=Adjusted)
        raise AdjustmentRefused(f"{before.by} has decided on this correction already.")
    if not by or by == row.actor:
        raise AdjustmentRefused("A second person decides, not the one who asked.")
    asked = msgspec.json.decode(row.result, type=Adjusted)
    owner = resolve(db, asked.customer)
    answer = msgspec.structs.replace(
        asked, customer=owner, state="done" if approved else "refused", decided_by=by
    )
    if approved:
        answer = _post(db, answer, now)
    result = msgspec.json.encode(answer)
    values = {"adjustment": request, "by": by, "at": stamp(now), "approved": int(approved)}
    db.execute(r.decision.insert().values(**values, result=result.decode()))
    publish(db, "points.adjusted", result, now, draw=shop.draw)
    return answer


def open_adjustments(db: sa.Connection) -> tuple[Adjusted, ...]:
    """Return what waits for a second person, the oldest first."""
    return tuple(msgspec.json.decode(result, type=Adjusted) for result in db.execute(_OPEN).scalars())


def given_by_hand(db: sa.Connection) -> list[tuple[str, str, int, datetime]]:
    """Return (customer, actor, points, when it took effect) of all corrections upwards that were made."""
    query = sa.select(r.adjustment, r.decision.c.at.label("decided"), r.decision.c.approved).join_from(
        r.adjustment, r.decision, r.decision.c.adjustment == r.adjustment.c.id, isouter=True
    )
    return [
        (keeper(db, row.customer), row.actor, row.points, unstamp(row.decided or row.at))
        for row in db.execute(query.where(r.adjustment.c.points > 0)).all()
        if row.state == "done" or row.approved
    ]


def _post(db: sa.Connection, asked: Adjusted, now: datetime) -> Adjusted:
    reason = f"{asked.reason} (approved by {asked.decided_by})" if asked.decided_by else asked.reason
    post(
        db,
        o.Adjust(
            key=f"adjust:{asked.request}",
            at=now,
            owner=asked.customer,
            unit=asked.unit,
            points=asked.points,
            actor=asked.actor,
            reason=reason,
        ),
    )
    return msgspec.structs.replace(asked, purses=purses(db, asked.customer, [asked.unit], now))


def _check(request: Adjustment) -> None:
    if not request.points or not request.reason.strip() or not request.actor.strip():
        raise AdjustmentRefused("A correction needs points other than zero, a reason, and who makes it.")
    if not 0 < len(request.key) <= _LONGEST:
        raise AdjustmentRefused(f"The key of a correction has 1 to {_LONGEST} characters.")
    kind, _, name = request.unit.partition(":")
    if request.unit not in {"points", "money"} and not (kind in {"stamps", "reward"} and name):
        raise AdjustmentRefused(
            f"{request.unit[:40]} cannot be corrected. Use points, money, stamps:<rule> or reward:<id>."
        )
