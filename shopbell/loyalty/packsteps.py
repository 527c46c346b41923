"""Steps of a pack: a pass is used, the next is skipped, it is paused, goes on, or is left; each once."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import operations as o
from shopbell.loyalty import packs
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import PackRefused
from shopbell.loyalty.holdinganswers import PackState, Stepped
from shopbell.loyalty.holdingtables import pack_step
from shopbell.loyalty.house import Shop
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import load_standing, lock, resolve, save_standing
from shopbell.loyalty.passes import with_pack
from shopbell.loyalty.rules import Pack
from shopbell.loyalty.span import midnight
from shopbell.loyalty.standing import PackHeld
from shopbell.loyalty.statement import balance
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.webhooks import publish

Step = Literal["use", "skip", "pause", "resume", "leave"]
_DONE: dict[Step, str] = {
    "use": "used",
    "skip": "skipped",
    "pause": "paused",
    "resume": "resumed",
    "leave": "left",
}
_KEPT = sa.select(pack_step.c.request_hash, pack_step.c.result).where(pack_step.c.key == sa.bindparam("key"))


class PackRequest(Struct, frozen=True, kw_only=True):
    """What shall be done with a pack."""

    key: str
    """Unique for ever: the same again is done once and answered as before."""
    customer: str
    pack: str
    """Its id, as `Holdings.packs` lists it."""
    step: Step
    passes: int = 1
    """How many are used."""
    until: date | None = None
    """The day on which a pause ends."""
    by: str = ""


def all_packs(db: sa.Connection, shop: Shop, customer: str, now: datetime) -> tuple[PackState, ...]:
    """Return the packs of a customer as they stand on this day."""
    owner, day = resolve(db, customer), shop.terms(now).day(now)
    held = load_standing(db, owner, now).packs
    return tuple(_state(one, _rule(shop, one, now), day) for one in held)


def step(db: sa.Connection, shop: Shop, request: PackRequest, now: datetime) -> Stepped:
    """Do it; see `Holdings.step`."""
    lock(db)
    said = msgspec.structs.replace(request, by="")  # whoever asks again, it is the same request
    asked = hashlib.sha256(msgspec.json.encode(said)).digest()
    row = db.execute(_KEPT, {"key": request.key}).one_or_none()
    if row is not None:
        if bytes(row.request_hash) != asked:
            raise PackRefused(f"The key {request.key[:40]} was used for something else. Send a new key.")
        return msgspec.json.decode(row.result, type=Stepped)
    owner, day = resolve(db, request.customer), shop.terms(now).day(now)
    standing = load_standing(db, owner, now)
    held = next((one for one in standing.packs if one.id == request.pack), None)
    rule = _rule(shop, held, now) if held else None
    if held is None or rule is None:
        raise PackRefused(f"This customer has no pack {request.pack[:60]}. List the packs to see which.")
    after, back = _change(request, held, rule, day)
    _book(db, owner, request, held, now)
    save_standing(db, with_pack(standing, after))
    answer = Stepped(customer=owner, step=request.step, pack=_state(after, rule, day), give_back=back, at=now)
    result = msgspec.json.encode(answer)
    values = {"key": request.key, "customer": owner, "pack": held.id, "what": request.step}
    values |= {"by": request.by, "at": stamp(now), "result": result.decode()}
    db.execute(pack_step.insert().values(**values, request_hash=asked))
    publish(db, f"pack.{_DONE[request.step]}", result, now, draw=shop.draw)
    return msgspec.json.decode(result, type=Stepped)


def _change(request: PackRequest, held: PackHeld, rule: Pack, day: date) -> tuple[PackHeld, int]:
    """Return the pack afterwards, and the minor units to give back."""
    if request.step == "leave":
        return packs.leave(held, rule, day)
    changes: dict[Step, Callable[[], PackHeld]] = {
        "use": lambda: packs.use(held, day, request.passes),
        "skip": lambda: packs.skip(held, rule, day),
        "pause": lambda: packs.pause(held, rule, day, request.until or day),
        "resume": lambda: packs.resume(held, day),
    }
    return changes[request.step](), 0


def _book(db: sa.Connection, owner: str, request: PackRequest, held: PackHeld, now: datetime) -> None:
    """Take the passes that are used, or left over, out of the ledger."""
    if request.step not in {"use", "leave"}:
        return
    unit = f"passes:{held.rule}"
    there = max(0, balance(db, owner, unit, now).available)
    points = request.passes if request.step == "use" else min(held.left, there)
    left = "the pack was left and its rest refunded"
    if points:
        spend = o.Spend(
            key=f"pack:{request.key}",
            at=now,
            owner=owner,
            unit=unit,
            points=points,
            rule=held.rule,
            actor=request.by,
            reason=left if request.step == "leave" else f"used of the pack {held.id}",
        )
        post(db, spend)


def _rule(shop: Shop, held: PackHeld, now: datetime) -> Pack | None:
    """Return the rule of a pack: as it is now, or, when it is sold no more, as it was when it was bought."""
    then = shop.terms(midnight(held.bought, shop.terms(now).zone))
    return _named(shop.terms(now), held.rule) or _named(then, held.rule)


def _named(terms: Terms, rule: str) -> Pack | None:
    return next((one for one in terms.version.rule if isinstance(one, Pack) and one.id == rule), None)


def _state(held: PackHeld, rule: Pack | None, day: date) -> PackState:
    held = packs.awake(held, day)
    over = held.valid_until is not None and day > held.valid_until and held.paused is None
    return PackState(
        id=held.id,
        rule=held.rule,
        name=rule.label if rule else held.rule,
        state="left"
        if held.closed
        else "over"
        if over
        else "paused"
        if held.paused
        else "running"
        if held.left
        else "used-up",
        passes=held.passes,
        left=held.left,
        price=held.price,
        bought=held.bought,
        valid_until=held.valid_until,
        next_due=held.next_due,
        pause_until=held.pause_until,
        give_back=packs.refund(held, rule, day) if rule and not held.closed and not over else 0,
    )
