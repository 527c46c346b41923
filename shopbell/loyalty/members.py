"""Members: which record a person's points are on, and where that person stands."""

from collections import deque
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.loyalty.registry import customer_table, unstamp
from shopbell.loyalty.standing import Referred, Standing
from shopbell.loyalty.statement import balance, units
from shopbell.loyalty.tables import head

STAMPS = "stamps:"
_LIVE = sa.select(r.merge.c.source, r.merge.c.target).join_from(
    r.merge, r.unmerge, r.unmerge.c.merge == r.merge.c.id, isouter=True
)
_INTO = _LIVE.where(r.unmerge.c.merge.is_(None), r.merge.c.source == sa.bindparam("source"))
_FROM = _LIVE.where(r.unmerge.c.merge.is_(None), r.merge.c.target == sa.bindparam("target"))
_WHO = sa.select(customer_table).where(customer_table.c.id == sa.bindparam("id"))
_STANDING = sa.select(r.standing.c.body).where(r.standing.c.customer == sa.bindparam("customer"))
_REFERRAL = sa.select(r.referral).where(r.referral.c.friend == sa.bindparam("friend"))


def lock(db: sa.Connection) -> None:
    """Let one writer at a time into the books; SQLite has done so with the transaction."""
    db.execute(sa.select(head.c.count).with_for_update())


def resolve(db: sa.Connection, customer: str) -> str:
    """Return the id of the record that remains after merges; raises `NoSuchCustomer`."""
    while True:
        row = db.execute(_WHO, {"id": customer}).one_or_none()
        if row is None or row.status == "erased":
            raise NoSuchCustomer(f"No customer has the id {customer[:40]}. Look them up by phone or e-mail.")
        if row.status == "active":
            return customer
        customer = db.execute(_INTO, {"source": customer}).one().target


def keeper(db: sa.Connection, customer: str) -> str:
    """Return the record that a stored id leads to; one that was erased stands for itself in the books."""
    row = db.execute(_WHO, {"id": customer}).one_or_none()
    if row is not None and row.status == "erased":
        return customer
    if row is not None and row.status == "merged":
        return keeper(db, str(db.execute(_INTO, {"source": customer}).one().target))
    return resolve(db, customer)


def also_known_as(db: sa.Connection, customer: str) -> tuple[str, ...]:
    """Return the id and those of all records merged into it."""
    found, waiting = [], deque([customer])
    while waiting:
        found.append(waiting.popleft())
        waiting.extend(row.source for row in db.execute(_FROM, {"target": found[-1]}))
    return tuple(found)


def load_standing(db: sa.Connection, customer: str, at: datetime) -> Standing:
    """Return where a customer stands; stamps are those in the ledger at `at`, for it counts them."""
    who = db.execute(_WHO, {"id": customer}).one()
    body = db.execute(_STANDING, {"customer": customer}).scalar()
    if body is None:
        known = Standing(customer=customer, member_since=unstamp(who.joined_at))
    else:
        known = msgspec.json.decode(body, type=Standing)
    born = date.fromisoformat(who.birthday) if who.birthday else None
    return msgspec.structs.replace(
        known,
        birthday=(born.month, born.day) if born else None,
        stamps=counted_stamps(db, customer, at),
        referred=_referred(db, known),
    )


def save_standing(db: sa.Connection, standing: Standing) -> None:
    """Keep where a customer stands."""
    reviewed = standing.reviewed.isoformat() if standing.reviewed else ""
    values = {"reviewed": reviewed, "body": msgspec.json.encode(standing).decode()}
    ours = r.standing.c.customer == standing.customer
    if db.execute(r.standing.update().where(ours).values(values)).rowcount == 0:
        db.execute(r.standing.insert().values(customer=standing.customer, **values))


def counted_stamps(db: sa.Connection, customer: str, at: datetime) -> dict[str, int]:
    """Return the stamps on each card, by rule."""
    cards = [unit for unit in units(db, customer) if unit.startswith(STAMPS)]
    return {unit.removeprefix(STAMPS): balance(db, customer, unit, at).available for unit in cards}


def brought_by(db: sa.Connection) -> dict[str, str]:
    """Return who brought whom: friend -> referrer."""
    return {row.friend: row.referrer for row in db.execute(sa.select(r.referral))}


def note_reward(db: sa.Connection, friend: str, day: date | None) -> None:
    """Note the day on which a referrer was rewarded for a friend; None: it was taken back."""
    friends = also_known_as(db, friend)
    values = {"rewarded_on": day.isoformat() if day else None}
    db.execute(r.referral.update().where(r.referral.c.friend.in_(friends)).values(values))


def note_referral(db: sa.Connection, friend: str, referrer: str, at: datetime) -> None:
    """Note who brought a customer."""
    db.execute(r.referral.insert().values(friend=friend, referrer=referrer, at=stamp(at)))


def _referred(db: sa.Connection, standing: Standing) -> Referred | None:
    if standing.referred is None:
        row = db.execute(_REFERRAL, {"friend": standing.customer}).one_or_none()
        if row is None:
            return None
        known = Referred(by=row.referrer, at=unstamp(row.at))
    else:
        known = standing.referred
    if known.paid:
        return known
    names = also_known_as(db, keeper(db, known.by))
    rows = db.execute(sa.select(r.referral.c.rewarded_on).where(r.referral.c.referrer.in_(names)))
    days = tuple(sorted(date.fromisoformat(day) for day in rows.scalars() if day))
    return msgspec.structs.replace(known, rewarded=days)
