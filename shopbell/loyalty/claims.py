"""Claims: a receipt that nobody was named on is added to its customer's account later."""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Recorded
from shopbell.loyalty.awarding import purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import ClaimRefused
from shopbell.loyalty.explaining import explain
from shopbell.loyalty.house import Shop
from shopbell.loyalty.judgement import Returned
from shopbell.loyalty.members import keeper, lock, resolve
from shopbell.loyalty.purchases import Bought, answer_for, find_purchase, settle_sale
from shopbell.loyalty.reversals import undo_facts
from shopbell.loyalty.sale import Return
from shopbell.loyalty.webhooks import publish


def claim(
    db: sa.Connection, shop: Shop, source: str, external_id: str, customer: str, now: datetime
) -> Recorded:
    """Add a receipt to a customer's account; see `Club.claim`."""
    lock(db)
    owner = resolve(db, customer)
    bought = find_purchase(db, source, external_id)
    row = db.execute(sa.select(r.claim).where(r.claim.c.purchase == bought.id)).one_or_none()
    if row is not None and keeper(db, row.customer) == owner:
        return msgspec.json.decode(row.result, type=Recorded)
    if bought.customer:
        raise ClaimRefused("This receipt is on a customer's account already.")
    sale = msgspec.structs.replace(bought.kept.sale, customer=owner)
    if not shop.terms(sale.at).claimable(sale.at, now):
        raise ClaimRefused(f"The receipt of {sale.at:%-d %B %Y} is too old to be added now.")
    judged, gained, terms = settle_sale(db, shop, bought.id, sale)
    said = explain(judged, terms)
    answer = answer_for(db, bought.id, sale, judged, gained, (), said, terms)
    _repeat_returns(db, shop, msgspec.structs.replace(bought, facts=judged.facts, customer=owner), owner)
    result = msgspec.json.encode(
        msgspec.structs.replace(answer, purses=purses(db, owner, [one.unit for one in answer.purses], now))
    )
    db.execute(
        r.claim.insert().values(
            purchase=bought.id,
            customer=owner,
            at=stamp(now),
            facts=msgspec.json.encode(judged.facts).decode(),
            explanation=msgspec.json.encode(said).decode(),
            result=result.decode(),
        )
    )
    publish(db, "purchase.recorded", result, now, draw=shop.draw)
    return msgspec.json.decode(result, type=Recorded)


def _repeat_returns(db: sa.Connection, shop: Shop, bought: Bought, owner: str) -> None:
    """Take back what had come back before the receipt was claimed."""
    before: tuple[Returned, ...] = ()
    rows = db.execute(
        sa.select(r.reversal).where(r.reversal.c.purchase == bought.id).order_by(r.reversal.c.id)
    )
    for row in rows.all():
        returns = msgspec.json.decode(row.body, type=tuple[Return, ...])
        at = datetime.fromisoformat(row.at)
        before, _ = undo_facts(db, shop, row.id, bought, owner, returns, before, at)
