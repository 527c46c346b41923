"""Redeeming: a reward is reserved, then handed out or released; handed out by mistake, it is undone.

What became of a hold is added, never changed: `redeemed`, `released`, and after `redeemed` perhaps `undone`.
"""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import records as r
from shopbell.loyalty.answers import HoldState, Redeemed
from shopbell.loyalty.awarding import give_all, purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.codes import spend_code
from shopbell.loyalty.errors import RewardRefused
from shopbell.loyalty.held import Held, answered, find_held, state_of
from shopbell.loyalty.house import Shop
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import lock
from shopbell.loyalty.prizes import prizes, take_prizes_back
from shopbell.loyalty.webhooks import publish

_LATE = sa.select(r.hold.c.id).where(
    r.hold.c.expires_at <= sa.bindparam("now"), ~sa.exists().where(r.hold_event.c.hold == r.hold.c.id)
)


def hand_out(db: sa.Connection, shop: Shop, word: str, now: datetime, *, by: str) -> Redeemed:
    """Hand a reserved reward out; by its id the same again is answered as before, a code counts once."""
    lock(db)
    held = find_held(db, word)
    if word == held.id and (before := answered(db, held.id, "redeemed")) is not None:
        return before
    state = state_of(db, held.id)
    if state != "reserved":
        raise RewardRefused(f"This reward was {state} before. It counts once.")
    if held.expires_at <= now:
        raise RewardRefused("The reservation has ended. Reserve the reward again.")
    if word != held.id:
        spend_code(db, word, now)
    post(db, o.RedeemHold(key=_redeem_key(held.id), at=now, hold=f"hold:{held.id}", actor=by))
    awards = prizes(shop.terms(now), held, now)
    gained = give_all(db, _prize_key(held.id), held.customer, awards, now)
    answer = _became(db, held, "redeemed", now)
    answer = msgspec.structs.replace(answer, gained=gained, undo_until=now + shop.house.undo_within)
    return _note(db, shop, answer, now, by)


def release(db: sa.Connection, shop: Shop, held: Held, now: datetime, *, by: str) -> Redeemed:
    """Put a reserved reward back."""
    if (before := answered(db, held.id, "released")) is not None:
        return before
    if (state := state_of(db, held.id)) != "reserved":
        raise RewardRefused(f"This reward was {state}, so it cannot be released.")
    post(db, o.ReleaseHold(key=f"hold:{held.id}:release", at=now, hold=f"hold:{held.id}", actor=by))
    return _note(db, shop, _became(db, held, "released", now), now, by)


def release_late(db: sa.Connection, shop: Shop, now: datetime) -> int:
    """Release what nobody came for in time; return how many."""
    late = db.execute(_LATE, {"now": stamp(now)}).scalars().all()
    for ident in late:
        release(db, shop, find_held(db, ident), now, by="")
    return len(late)


def undo(db: sa.Connection, shop: Shop, held: Held, now: datetime, *, by: str) -> Redeemed:
    """Take back that a reward was handed out: its points return, its prizes go."""
    if (before := answered(db, held.id, "undone")) is not None:
        return before
    if (state := state_of(db, held.id)) != "redeemed":
        raise RewardRefused(f"This reward is {state}, so there is nothing to undo.")
    back = o.GiveBack(
        key=f"hold:{held.id}:undo", at=now, spend=_redeem_key(held.id), owner=held.customer, actor=by
    )
    post(db, back)
    take_prizes_back(db, _prize_key(held.id), held.customer, shop.terms(now).version.points.shortfall, now)
    return _note(db, shop, _became(db, held, "undone", now), now, by)


def undo_in_time(db: sa.Connection, shop: Shop, held: Held, now: datetime, *, by: str) -> Redeemed:
    """Undo at the counter, within the time the shop has set."""
    done = answered(db, held.id, "redeemed")
    if done is not None and state_of(db, held.id) == "redeemed" and not _still(done, now):
        minutes = shop.house.undo_within.total_seconds() / 60
        raise RewardRefused(f"A reward can be undone for {minutes:.0f} minutes. Correct it by hand instead.")
    return undo(db, shop, held, now, by=by)


def _still(done: Redeemed, now: datetime) -> bool:
    return done.undo_until is not None and now <= done.undo_until


def _note(db: sa.Connection, shop: Shop, answer: Redeemed, now: datetime, by: str) -> Redeemed:
    result = msgspec.json.encode(answer)
    values = {
        "hold": answer.hold,
        "kind": answer.state,
        "at": stamp(now),
        "by": by,
        "result": result.decode(),
    }
    db.execute(r.hold_event.insert().values(**values))
    publish(db, f"reward.{answer.state}", result, now, draw=shop.draw)
    return msgspec.json.decode(result, type=Redeemed)


def _became(db: sa.Connection, held: Held, state: HoldState, now: datetime) -> Redeemed:
    return Redeemed(
        hold=held.id,
        customer=held.customer,
        reward=held.reward,
        state=state,
        unit=held.unit,
        points=held.points,
        gained=(),
        undo_until=None,
        purses=purses(db, held.customer, ["points", held.unit], now),
    )


def _redeem_key(ident: str) -> str:
    return f"hold:{ident}:redeem"


def _prize_key(ident: str) -> str:
    return f"hold:{ident}:prize"
