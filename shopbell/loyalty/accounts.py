"""Accounts: what a customer has, did and is told; reads, but for `pay`."""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import records as r
from shopbell.loyalty import statement
from shopbell.loyalty.answers import Account, Explained, Member, Recorded, Reversed
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.house import Payment, Shop
from shopbell.loyalty.lapsing import lapse
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import also_known_as, load_standing, lock, resolve
from shopbell.loyalty.purchases import find_purchase
from shopbell.loyalty.statement import Movement
from shopbell.loyalty.tiers import reassess, tell


def who(db: sa.Connection, customer: str) -> str:
    """Return the record that remains; raises `NoSuchCustomer`."""
    return resolve(db, customer)


def account(db: sa.Connection, customer: str, now: datetime) -> Account:
    """Return all balances, sorted by unit."""
    owner = resolve(db, customer)
    units = statement.units(db, owner)
    return Account(customer=owner, balances=tuple(statement.balance(db, owner, unit, now) for unit in units))


def history(db: sa.Connection, customer: str, *, unit: str, before: int | None, limit: int) -> list[Movement]:
    """Return entries, newest first, with those of records that were merged into this one."""
    names = also_known_as(db, resolve(db, customer))
    found = {}
    for name in reversed(names):  # a merge is an entry of both; told as the one who remains sees it
        for one in statement.history(db, name, unit=unit, before=before, limit=limit):
            found[one.seq] = one
    return sorted(found.values(), key=lambda one: -one.seq)[:limit]


def member(db: sa.Connection, shop: Shop, customer: str, now: datetime) -> Member:
    """Return where a customer stands, reviews that are due included."""
    owner, terms = resolve(db, customer), shop.terms(now)
    standing = reassess(load_standing(db, owner, now), terms, now)
    tier, tiers = terms.tier(standing.tier), terms.version.tiers
    return Member(
        customer=owner,
        merged_into="" if owner == customer else owner,
        member_since=standing.member_since,
        tier=standing.tier,
        tier_name=tier.label if tier else tiers.base if tiers else "",
        sentence=tell(standing, terms, terms.day(now)),
        grace_until=standing.grace_until,
        benefits=tier.benefits if tier else (),
        stamps=dict(standing.stamps),
        last_purchase=standing.last_purchase,
    )


def purchases(db: sa.Connection, customer: str, *, before: int | None, limit: int) -> tuple[Recorded, ...]:
    """Return purchases, newest first; a claimed one as it was answered when it was claimed."""
    names = also_known_as(db, resolve(db, customer))
    query = (
        sa.select(r.purchase.c.id, sa.func.coalesce(r.claim.c.result, r.purchase.c.result).label("result"))
        .join_from(r.purchase, r.claim, r.claim.c.purchase == r.purchase.c.id, isouter=True)
        .where(sa.or_(r.purchase.c.customer.in_(names), r.claim.c.customer.in_(names)))
        .order_by(r.purchase.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(r.purchase.c.id < before)
    return tuple(msgspec.json.decode(row.result, type=Recorded) for row in db.execute(query))


def explained(db: sa.Connection, source: str, external_id: str) -> Explained:
    """Say why a purchase earned what it did, and what was taken back since."""
    bought = find_purchase(db, source, external_id)
    rows = db.execute(
        sa.select(r.reversal.c.result).where(r.reversal.c.purchase == bought.id).order_by(r.reversal.c.id)
    )
    returns = tuple(msgspec.json.decode(result, type=Reversed) for result in rows.scalars())
    taken = [one.why for back in returns for one in back.taken if one.customer == back.customer]
    return Explained(
        purchase=bought.id,
        source=source,
        external_id=external_id,
        customer=bought.customer,
        at=bought.facts.at,
        version=bought.facts.version,
        sentences=(*bought.explanation.sentences, *taken),
        rows=bought.explanation.rows,
        returns=returns,
    )


def pay(
    db: sa.Connection, shop: Shop, payment: Payment, customer: str, now: datetime, *, key: str, by: str
) -> o.Receipt:
    """Spend without a sale; see `Club.pay`."""
    lock(db)
    if payment.unit not in {"points", "money"}:
        raise BadOperation(f"Nobody can pay with {payment.unit[:40]}. Use points or money.")
    owner = resolve(db, customer)
    lapse(db, load_standing(db, owner, now), shop.terms(now), now)
    return post(
        db,
        o.Spend(
            key=f"pay:{key}",
            at=now,
            owner=owner,
            unit=payment.unit,
            points=payment.points,
            actor=by,
            reason="paid with",
        ),
    )
