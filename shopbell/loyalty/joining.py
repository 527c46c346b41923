"""Joining: a new customer is welcomed, and whoever brought them is noted."""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Joined
from shopbell.loyalty.awarding import give
from shopbell.loyalty.bonuses import due_bonuses
from shopbell.loyalty.effects import Gained
from shopbell.loyalty.house import Shop
from shopbell.loyalty.members import (
    also_known_as,
    brought_by,
    load_standing,
    lock,
    note_referral,
    resolve,
    save_standing,
)
from shopbell.loyalty.referrals import Person, check_referral
from shopbell.loyalty.registry import customer_table
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.webhooks import publish


def join(db: sa.Connection, shop: Shop, customer: str, now: datetime, *, by: str) -> Joined:
    """Welcome a customer; see `Club.join`."""
    lock(db)
    owner = resolve(db, customer)
    if by:
        _refer(db, owner, resolve(db, by), now)
    standing, gained = give_bonuses(db, shop, load_standing(db, owner, now), now)
    save_standing(db, standing)
    answer = Joined(customer=owner, brought_by=by, gained=gained)
    if gained or by:
        publish(db, "customer.joined", msgspec.json.encode(answer), now, draw=shop.draw)
    return answer


def give_bonuses(
    db: sa.Connection, shop: Shop, standing: Standing, now: datetime
) -> tuple[Standing, tuple[Gained, ...]]:
    """Post the bonuses that the calendar brings; each once, because the standing remembers them."""
    due = due_bonuses(standing, shop.terms(now), now)
    gained = [
        give(
            db,
            f"bonus:{standing.customer}:{one.rule}:{due.standing_after.bonuses[one.rule]}",
            standing.customer,
            one,
            now,
        )
        for one in due.awards
    ]
    return due.standing_after, tuple(gained)


def _refer(db: sa.Connection, friend: str, referrer: str, now: datetime) -> None:
    brought = brought_by(db)
    if brought.get(friend) == referrer:
        return
    check_referral(_person(db, friend), _person(db, referrer), brought)
    note_referral(db, friend, referrer, now)


def _person(db: sa.Connection, customer: str) -> Person:
    names = also_known_as(db, customer)
    rows = db.execute(sa.select(customer_table).where(customer_table.c.id.in_(names))).all()
    bought = sa.select(r.purchase.c.id).where(r.purchase.c.customer.in_(names)).limit(1)
    return Person(
        customer=customer,
        phones=tuple(row.phone for row in rows if row.phone),
        addresses=tuple(row.email for row in rows if row.email),
        bought=db.execute(bought).first() is not None,
    )
