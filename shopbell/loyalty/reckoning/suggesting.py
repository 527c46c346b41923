"""Suggesting: what to offer to a basket or to a customer, from what the last reckoning counted."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.consents import PROFILING, allows
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.purchases import Kept
from shopbell.loyalty.reckoning.answers import Advice
from shopbell.loyalty.reckoning.copurchase import read_habits
from shopbell.loyalty.reckoning.recommending import Adviser, Wanted, Ware, with_margins
from shopbell.loyalty.reckoning.segmentfile import load_wishes

_LOOK = 20
"""Last purchases of a customer that are looked at."""
_OFTEN = 2
_USUAL = 4


def suggest(
    db: sa.Connection,
    shop: Path,
    shelf: Collection[Ware],
    wanted: Wanted,
    *,
    customer: str = "",
    limit: int = 3,
) -> tuple[Advice, ...]:
    """Return what to offer; without a basket it is what goes with what the customer usually buys.

    Whoever did not agree to profiling is suggested what anybody would be.
    Raises `NoSuchCustomer`, `ReckoningRefused`.
    """
    habits = read_habits(db)
    if not habits:
        return ()
    if customer and not wanted.basket and may_profile(db, customer):
        wanted = msgspec.structs.replace(wanted, basket=usual_things(db, customer), usual=True)
    return Adviser(habits).advise(wanted, with_margins(shelf, load_wishes(shop).margins), limit=limit)


def may_profile(db: sa.Connection, customer: str) -> bool:
    """Say whether what a customer bought may be used for suggestions. Raises `NoSuchCustomer`."""
    return allows(db, resolve(db, customer), PROFILING)


def usual_things(db: sa.Connection, customer: str) -> tuple[str, ...]:
    """Return the articles bought most on the customer's last purchases, the commonest last."""
    names = also_known_as(db, resolve(db, customer))
    query = (
        sa.select(r.purchase.c.body)
        .join_from(r.purchase, r.claim, r.claim.c.purchase == r.purchase.c.id, isouter=True)
        .where(sa.or_(r.purchase.c.customer.in_(names), r.claim.c.customer.in_(names)))
        .order_by(r.purchase.c.at.desc())
        .limit(_LOOK)
    )
    bought = [msgspec.json.decode(body, type=Kept) for body in db.execute(query).scalars()]
    count = Counter(sku for one in bought for sku in {line.sku for line in one.sale.lines})
    common = [sku for sku, times in count.most_common(_USUAL) if times >= _OFTEN]
    return tuple(reversed(common))
