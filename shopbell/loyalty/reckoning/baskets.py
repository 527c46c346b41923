"""Baskets: what was on the receipts of the last year, read once for segments and for what goes together."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
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
        self._rows = {customer: row for row, customer in enumerate(sorted(customers))}
        self._kinds = tuple(_Tally() for _ in range(3))

    def add(self, basket: Basket) -> None:
        """Note a receipt."""
        row = self._rows.get(basket.customer)
        if row is None:
            return
        categories, skus, channels = self._kinds
        categories.add(row, {each for thing in basket.things for each in thing.categories})
        skus.add(row, {thing.sku for thing in basket.things})
        channels.add(row, (basket.source,))

    def found(self) -> Mapping[str, Tastes]:
        """Return what was gathered; who bought nothing is not among them."""
        categories, skus, channels = (kind.counts(len(self._rows)) for kind in self._kinds)
        return {
            who: Tastes(categories[row], skus[row], channels[row])
            for who, row in self._rows.items()
            if channels[row]
        }


class _Tally:
    """Counts words for many customers, in less memory than a counter of each would take."""

    def __init__(self) -> None:
        self._words: defaultdict[str, int] = defaultdict()
        self._words.default_factory = self._words.__len__
        self._owners, self._noted = array("i"), array("i")

    def add(self, owner: int, words: Collection[str]) -> None:
        """Count each of these once more for a customer."""
        for word in words:
            self._owners.append(owner)
            self._noted.append(self._words[word])

    def counts(self, owners: int) -> list[dict[str, int]]:
        """Return the counts of each customer."""
        found: list[dict[str, int]] = [{} for _ in range(owners)]
        many = max(1, len(self._words))
        keys = np.asarray(self._owners, np.int64) * many + np.asarray(self._noted, np.int64)
        names = tuple(self._words)
        for key, count in zip(*(part.tolist() for part in np.unique(keys, return_counts=True)), strict=True):
            owner, word = divmod(key, many)
            found[owner][names[word]] = count
        return found
