"""Baskets: what was on the receipts of the last year, read once for segments and for what goes together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.takings import heirs

YEAR_DAYS = 365
_AT_ONCE = 20_000


class Thing(Struct, frozen=True):
    """A line of a receipt, as far as it matters here."""

    sku: str
    name: str = ""
    categories: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        """The first of them."""
        return self.categories[0] if self.categories else ""


class _Lines(Struct, frozen=True):
    lines: tuple[Thing, ...]


class _Body(Struct, frozen=True):
    sale: _Lines


class Basket(Struct, frozen=True):
    """One receipt."""

    customer: str
    """Empty: nobody was known."""
    source: str
    at: datetime
    """On the shop's clock."""
    things: tuple[Thing, ...]


class Tastes(Struct, frozen=True):
    """What one customer bought in the last year: on how many receipts."""

    categories: Mapping[str, int]
    skus: Mapping[str, int]
    channels: Mapping[str, int]


_body = msgspec.json.Decoder(_Body)


def read_baskets(db: sa.Connection, timezone: str, since: date, until: date) -> Iterator[Basket]:
    """Yield the receipts from one day to before another; those that were voided are left out."""
    void = sa.exists().where(r.reversal.c.purchase == r.purchase.c.id, r.reversal.c.kind == "void")
    buyer = sa.func.coalesce(r.claim.c.customer, r.purchase.c.customer)
    query = (
        sa.select(buyer, r.purchase.c.source, r.purchase.c.at, r.purchase.c.body)
        .join_from(r.purchase, r.claim, r.claim.c.purchase == r.purchase.c.id, isouter=True)
        .where(r.purchase.c.day >= since.isoformat(), r.purchase.c.day < until.isoformat(), ~void)
    )
    into, zone = heirs(db), ZoneInfo(timezone)
    for customer, source, at, body in db.execute(query.execution_options(yield_per=_AT_ONCE)):
        things = _body.decode(body).sale.lines
        local = datetime.fromisoformat(at).astimezone(zone)
        yield Basket(into.get(customer, customer), source, local, things)


class TasteBook:
    """Gathers what each customer buys, of those it is asked to look at."""

    def __init__(self, customers: frozenset[str]) -> None:
        self._customers = customers
        self._found: dict[str, tuple[Counter[str], Counter[str], Counter[str]]] = {}

    def add(self, basket: Basket) -> None:
        """Note a receipt."""
        if basket.customer not in self._customers:
            return
        if (tastes := self._found.get(basket.customer)) is None:
            tastes = self._found[basket.customer] = (Counter(), Counter(), Counter())
        tastes[0].update({each for thing in basket.things for each in thing.categories})
        tastes[1].update({thing.sku for thing in basket.things})
        tastes[2][basket.source] += 1

    def found(self) -> Mapping[str, Tastes]:
        """Return what was gathered; who bought nothing is not among them."""
        return {who: Tastes(*tastes) for who, tastes in self._found.items()}
