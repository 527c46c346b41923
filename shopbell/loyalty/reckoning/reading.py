"""Reading: what the last reckoning found, for pages, reports, messages and the counter."""

import msgspec
import sqlalchemy as sa

from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.reckoning import tables as t
from shopbell.loyalty.reckoning.answers import ComputedSegment, CustomerWorth, Membership, Reckoning


def read_reckoning(db: sa.Connection) -> Reckoning | None:
    """Return the last run; None before the first."""
    found = db.execute(sa.select(t.reckoning.c.body).order_by(t.reckoning.c.id.desc()).limit(1)).scalar()
    return None if found is None else msgspec.json.decode(found, type=Reckoning)


def read_reckonings(db: sa.Connection, limit: int = 60) -> tuple[Reckoning, ...]:
    """Return the last runs, the newest first."""
    query = sa.select(t.reckoning.c.body).order_by(t.reckoning.c.id.desc()).limit(limit)
    return tuple(msgspec.json.decode(body, type=Reckoning) for body in db.execute(query).scalars())


def read_worth(db: sa.Connection, customer: str) -> CustomerWorth | None:
    """Return one customer's figures; None: no purchases, no consent to profiling, or no reckoning yet.

    Raises `NoSuchCustomer`.
    """
    names = also_known_as(db, resolve(db, customer))
    found = db.execute(sa.select(t.worth.c.body).where(t.worth.c.customer.in_(names))).scalars().first()
    return None if found is None else msgspec.json.decode(found, type=CustomerWorth)


def read_worths(db: sa.Connection, *, limit: int = 50, offset: int = 0) -> tuple[CustomerWorth, ...]:
    """Return customers, who is worth most first."""
    query = sa.select(t.worth.c.body).order_by(t.worth.c.clv.desc(), t.worth.c.customer)
    return _worths(db, query.limit(limit).offset(offset))


def read_at_risk(db: sa.Connection, *, limit: int = 50, offset: int = 0) -> tuple[CustomerWorth, ...]:
    """Return who is slipping away, the most at stake first."""
    query = sa.select(t.worth.c.body).where(t.worth.c.at_risk == 1)
    query = query.order_by(t.worth.c.stake.desc(), t.worth.c.customer)
    return _worths(db, query.limit(limit).offset(offset))


def read_segments(db: sa.Connection) -> tuple[ComputedSegment, ...]:
    """Return the computed segments, by kind and name."""
    found = [
        msgspec.json.decode(body, type=ComputedSegment)
        for body in db.execute(sa.select(t.computed.c.body)).scalars()
    ]
    return tuple(sorted(found, key=lambda each: (each.kind, each.name)))


def read_members(
    db: sa.Connection, segment: str, *, limit: int = 200, offset: int = 0
) -> tuple[Membership, ...]:
    """Return who is in a computed segment now, by customer."""
    inside = (t.membership.c.segment == segment, t.membership.c.until.is_(None))
    query = sa.select(t.membership).where(*inside).order_by(t.membership.c.customer)
    return tuple(_member(row) for row in db.execute(query.limit(limit).offset(offset)))


def read_memberships(db: sa.Connection, customer: str) -> tuple[Membership, ...]:
    """Return all computed segments a customer is or was in, the newest first. Raises `NoSuchCustomer`."""
    names = also_known_as(db, resolve(db, customer))
    query = sa.select(t.membership).where(t.membership.c.customer.in_(names))
    order = (t.membership.c.since.desc(), t.membership.c.segment)
    return tuple(_member(row) for row in db.execute(query.order_by(*order)))


def _worths(db: sa.Connection, query: sa.Select[str]) -> tuple[CustomerWorth, ...]:
    return tuple(msgspec.json.decode(body, type=CustomerWorth) for body in db.execute(query).scalars())


def _member(row: sa.Row[tuple[object, ...]]) -> Membership:
    return msgspec.convert(row, Membership, from_attributes=True)
