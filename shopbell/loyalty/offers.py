"""Offers: the catalogue of rewards as one customer sees it: what it takes, how many are left, and why not."""

from datetime import datetime

import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Offer
from shopbell.loyalty.house import Shop
from shopbell.loyalty.members import also_known_as
from shopbell.loyalty.statement import balance
from shopbell.loyalty.terms import Reward, Terms

_GONE = sa.exists().where(r.hold_event.c.hold == r.hold.c.id, r.hold_event.c.kind.in_(("released", "undone")))
_TAKEN = sa.select(sa.func.count()).select_from(r.hold).where(~_GONE)


def offers(db: sa.Connection, shop: Shop, customer: str, now: datetime) -> tuple[Offer, ...]:
    """Return the rewards in force, in the order of the programme."""
    terms = shop.terms(now)
    return tuple(offer(db, reward, customer, terms, now) for reward in terms.version.reward)


def offer(db: sa.Connection, reward: Reward, customer: str, terms: Terms, now: datetime) -> Offer:
    """Say what a reward takes of this customer, and whether it can be reserved now."""
    owned = max(0, balance(db, customer, f"reward:{reward.id}", now).available)
    left = None if reward.stock is None else max(0, reward.stock - _taken(db, reward))
    why = _missing(db, reward, customer, terms, now, owned=owned, left=left)
    return Offer(
        reward=reward.id,
        name=reward.name,
        cost=reward.cost,
        owned=owned,
        stock=left,
        until=reward.until,
        can=not why,
        why=why,
    )


def _missing(
    db: sa.Connection,
    reward: Reward,
    customer: str,
    terms: Terms,
    now: datetime,
    *,
    owned: int,
    left: int | None,
) -> str:
    today = terms.day(now)
    if left == 0:
        return f"There is no {reward.name} left."
    if owned:  # it was promised when it was given; days and limits are those of buying it
        return ""
    if reward.start and today < reward.start:
        return f"{reward.name} can be had from {reward.start:%-d %B %Y}."
    if reward.until and today > reward.until:
        return f"{reward.name} could be had until {reward.until:%-d %B %Y}."
    if not reward.cost:
        return f"{reward.name} is given by the rules of the {terms.club}, not for points."
    had = _taken(db, reward, also_known_as(db, customer))
    if reward.per_customer is not None and had >= reward.per_customer:
        return f"{reward.name} can be had {reward.per_customer} times, and this customer had it {had} times."
    there = max(0, balance(db, customer, "points", now).available)
    if there < reward.cost:
        name = terms.version.points.name
        return f"{reward.name} takes {reward.cost:,} {name}s, and {there:,} are there."
    return ""


def _taken(db: sa.Connection, reward: Reward, customers: tuple[str, ...] = ()) -> int:
    """Count those reserved or handed out: all of them, or those one customer paid points for."""
    query = _TAKEN.where(r.hold.c.reward == reward.id)
    if customers:
        query = query.where(r.hold.c.customer.in_(customers), r.hold.c.unit == "points")
    return int(db.execute(query).scalar_one())
