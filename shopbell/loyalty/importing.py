"""Importing: a file of sales and returns goes into the books as a whole; the same file twice adds nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Imported
from shopbell.loyalty.errors import NoSuchPurchase
from shopbell.loyalty.giveback import Returned
from shopbell.loyalty.house import Shop, Tender
from shopbell.loyalty.purchases import find_purchase, record
from shopbell.loyalty.reversals import came_back, reverse
from shopbell.loyalty.sale import Refund, Sale, Void
from shopbell.storage.database import reading


def take_in(db: sa.Connection, shop: Shop, events: Iterable[Sale | Refund | Void], now: datetime) -> Imported:
    """Take in sales and returns in their order; see `Club.import_all`."""
    sales = returns = repeated = points = 0
    for event in events:
        new = not _known(db, event)
        repeated += not new
        if isinstance(event, Sale):
            done = record(db, shop, event, Tender(), now)
            sales += new
            points += new * sum(one.points for one in done.gained if one.unit == "points")
        else:
            back = reverse(db, shop, event, now)
            returns += new
            points -= new * sum(one.points for one in back.taken if one.unit == "points")
    return Imported(sales=sales, returns=returns, repeated=repeated, points=points)


class SourceBooks:
    """What the shop knows of one source's sales."""

    def __init__(self, engine: sa.Engine, source: str) -> None:
        self._engine = engine
        self._source = source

    def sale(self, external_id: str) -> Sale | None:
        """Return the sale of this number, None when it is not there."""
        try:
            with reading(self._engine) as db:
                return find_purchase(db, self._source, external_id).kept.sale
        except NoSuchPurchase:
            return None

    def returned(self, external_id: str) -> Mapping[str, Returned]:
        """Return what already came back of it: line id -> how much."""
        try:
            with reading(self._engine) as db:
                back = came_back(db, find_purchase(db, self._source, external_id).id)
        except NoSuchPurchase:
            return {}
        return {one.line: Returned(quantity=one.quantity, amount=one.amount) for one in back}


def _known(db: sa.Connection, event: Sale | Refund | Void) -> bool:
    table = r.purchase if isinstance(event, Sale) else r.reversal
    named = (table.c.source == event.source, table.c.external_id == event.external_id)
    return db.execute(sa.select(table.c.id).where(*named)).first() is not None
