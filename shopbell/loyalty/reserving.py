"""Reserving: a reward is set aside under a code, so that nothing is handed out twice.

The code is made of the shop's secret and the client's key: a repeated request gets the same one, and only its
hash is kept.
"""

import hashlib
import hmac
from datetime import datetime
from functools import partial

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Offer, Reserved
from shopbell.loyalty.awarding import purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.codes import issue_code, make_code
from shopbell.loyalty.errors import NotEnough, RewardRefused
from shopbell.loyalty.held import Held, find_held, known
from shopbell.loyalty.house import Shop
from shopbell.loyalty.lapsing import lapse
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import load_standing, lock, resolve
from shopbell.loyalty.offers import offer
from shopbell.loyalty.redeeming import release_late
from shopbell.loyalty.terms import Reward
from shopbell.loyalty.webhooks import publish


def reserve(
    db: sa.Connection, shop: Shop, customer: str, reward: str, now: datetime, *, key: str, by: str
) -> Reserved:
    """Set a reward aside; see `Club.reserve`."""
    lock(db)
    ident = "h" + hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
    asked = hashlib.sha256(msgspec.json.encode((customer, reward))).digest()
    code_of = partial(_draw, shop.secret, key)
    listed = shop.terms(now).reward(reward)
    before = known(db, ident)
    if before is not None:
        if before.request_hash != asked:
            raise RewardRefused(f"The key {key[:40]} was used for another reservation. Send a new key.")
        return _reserved(before, listed.name if listed else reward, make_code(code_of))
    if listed is None:
        raise RewardRefused(f"There is no reward {reward[:40]}. The catalogue lists them.")
    release_late(db, shop, now)
    owner = resolve(db, customer)
    unit, points = _take(db, shop, owner, listed, now)
    post(db, o.Hold(key=f"hold:{ident}", at=now, owner=owner, unit=unit, points=points, actor=by))
    issued = issue_code(db, customer=owner, reward=reward, at=now, lasts=shop.house.hold_lasts, draw=code_of)
    values = {"id": ident, "customer": owner, "reward": reward, "unit": unit, "points": points, "by": by}
    values |= {"code": issued.id, "at": stamp(now), "expires_at": stamp(issued.expires_at)}
    db.execute(r.hold.insert().values(**values, request_hash=asked))
    answer = _reserved(find_held(db, ident), listed.name, issued.text)
    told = msgspec.json.encode(msgspec.structs.replace(answer, code=""))
    publish(db, "reward.reserved", told, now, draw=shop.draw)
    return answer


def _take(db: sa.Connection, shop: Shop, owner: str, reward: Reward, now: datetime) -> tuple[str, int]:
    """Return what the reward takes of which unit; raises `RewardRefused` or `NotEnough`."""
    terms = shop.terms(now)
    lapse(db, load_standing(db, owner, now), terms, now)
    found = offer(db, reward, owner, terms, now)
    if not found.can:
        raise _refusal(db, found, owner, now)
    return (f"reward:{reward.id}", 1) if found.owned else ("points", reward.cost)


def _refusal(db: sa.Connection, found: Offer, owner: str, now: datetime) -> RewardRefused | NotEnough:
    there = purses(db, owner, ["points"], now)[0].available
    return (
        NotEnough(found.why, available=there)
        if found.cost > 0 and there < found.cost
        else RewardRefused(found.why)
    )


def _reserved(held: Held, name: str, code: str) -> Reserved:
    return Reserved(
        hold=held.id,
        customer=held.customer,
        reward=held.reward,
        name=name,
        unit=held.unit,
        points=held.points,
        code=code,
        expires_at=held.expires_at,
    )


def _draw(secret: bytes, key: str, count: int) -> bytes:
    return hmac.digest(secret, f"{count}:{key}".encode(), "sha256")[:count]
