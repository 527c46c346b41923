"""Refunds of an import: goods that came back, led to the sale and the line they were bought with."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from shopbell.loyalty.entries import Amiss, Entry
from shopbell.loyalty.receipts import Coins, Receipt, spread
from shopbell.loyalty.recipe import Kind
from shopbell.loyalty.sale import Line, Refund, Return, Sale


class Returned(Struct, frozen=True):
    """What already came back of one line."""

    quantity: Decimal
    amount: int
    """Minor units."""


class Books(Protocol):
    """What the shop already knows of a source's sales."""

    def sale(self, external_id: str) -> Sale | None:
        """Return the sale of this number, None when it is not there."""

    def returned(self, external_id: str) -> Mapping[str, Returned]:
        """Return what already came back of it: line id -> how much."""


class NoBooks:
    """A shop that knows nothing yet."""

    def sale(self, external_id: str) -> Sale | None:  # noqa: ARG002 - the protocol's shape
        """Return nothing."""
        return None

    def returned(self, external_id: str) -> Mapping[str, Returned]:  # noqa: ARG002 - the protocol's shape
        """Return nothing."""
        return {}


class Left(Struct, frozen=True):
    """A row of goods brought back that changes nothing."""

    row: int
    why: str


class Returns:
    """Leads goods back to their sales. Sales must be known before goods come back."""

    def __init__(self, sales: Iterable[Sale], books: Books, coins: Coins, *, keeps_number: bool) -> None:
        self._sales = {each.external_id: each for each in sales}
        self._books = books
        self._coins = coins
        self._keeps_number = keeps_number
        self._taken: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._bought: dict[tuple[str, str], list[Sale]] = defaultdict(list)
        for each in sorted(self._sales.values(), key=lambda sale: sale.at):
            if each.customer:
                for article in {line.sku for line in each.lines}:
                    self._bought[each.customer, article].append(each)

    def later(self, source: str, found: Receipt) -> Refund | None:
        """Return what an export says was given back since, less what the books already know.

        The export does not date it: it is dated with its sale. Raises `Amiss`.
        """
        sale = self._sales[found.number]
        before = self._books.returned(found.number)
        if any(entry.returned or entry.returned_amount for entry in found.sold):
            returns = self._by_line(sale, found, before)
        else:
            returns = self._by_amount(sale, found, before) if found.refunded else ()
        if not returns:
            return None
        pieces = sum((entry.returned for entry in found.sold), Decimal())
        so_far = found.refunded or sum((entry.returned_amount for entry in found.sold), Decimal())
        number = f"{found.number}:refund:{so_far.normalize():f}:{pieces.normalize():f}"
        whole = not before and sum(each.amount or 0 for each in returns) >= sale.amount > 0
        return Refund(
            source=source,
            external_id=number,
            sale=found.number,
            at=sale.at,
            returns=() if whole else returns,
            cashier=found.cashier,
        )

    def back(self, source: str, found: Receipt, entry: Entry) -> Refund | Left:
        """Return the refund that one row of goods brought back makes. Raises `Amiss`."""
        at = entry.at or found.at
        target = self._target(found, entry, at)
        if target is None:
            if not found.customer:
                return Left(entry.row, "nobody was known, and its sale was not found")
            raise Amiss(
                "",
                f"The sale that {entry.article[:40]} came back from is not in the file or the books. "
                "Export from an earlier day, or remove the row.",
            )
        line = self._line(target, entry)
        quantity = abs(entry.quantity) or line.quantity
        self._taken[target.external_id, line.id] += quantity
        number = f"{found.number}:refund:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        if target.external_id != found.number:
            number += f":{target.external_id}"
        return Refund(
            source=source,
            external_id=number,
            sale=target.external_id,
            at=at,
            returns=(
                Return(line=line.id, quantity=quantity, amount=abs(self._coins.count(entry.amount, ""))),
            ),
            cashier=found.cashier,
        )

    def _by_line(self, sale: Sale, found: Receipt, before: Mapping[str, Returned]) -> tuple[Return, ...]:
        returns = []
        for entry, line in zip(found.sold, sale.lines, strict=True):
            untaxed = entry.amount - entry.tax
            given = entry.returned_amount * (entry.amount / untaxed if untaxed else 1)
            known = before.get(line.id, Returned(Decimal(), 0))
            amount = min(self._coins.count(given, ""), line.amount) - known.amount
            quantity = min(entry.returned, line.quantity) - known.quantity
            if amount < 0 or quantity < 0:
                raise Amiss("", f"{found.number[:40]} had more given back in the books. Look at it by hand.")
            if amount or quantity:
                returns.append(Return(line=line.id, quantity=quantity, amount=amount))
        return tuple(returns)

    def _by_amount(self, sale: Sale, found: Receipt, before: Mapping[str, Returned]) -> tuple[Return, ...]:
        given = min(self._coins.count(found.refunded, ""), sale.amount)
        more = given - sum(known.amount for known in before.values())
        if more < 0:
            raise Amiss("", f"{found.number[:40]} had more given back in the books. Look at it by hand.")
        parts = spread(more, [line.amount for line in sale.lines])
        nothing = Decimal()  # the export says nothing of pieces
        return tuple(
            Return(line=line.id, quantity=nothing, amount=part)
            for line, part in zip(sale.lines, parts, strict=True)
            if part
        )

    def _target(self, found: Receipt, entry: Entry, at: datetime) -> Sale | None:
        if entry.refund_of:
            return self._known(entry.refund_of)
        if entry.kind is Kind.REFUND and found.number in self._sales:
            return self._sales[found.number]
        if self._keeps_number and (sale := self._books.sale(found.number)):
            return sale
        for sale in reversed(self._bought.get((found.customer, entry.article), [])):
            if sale.at <= at and sale.external_id != found.number and self._fitting(sale, entry):
                return sale
        return None

    def _known(self, number: str) -> Sale | None:
        return self._sales.get(number) or self._books.sale(number)

    def _line(self, sale: Sale, entry: Entry) -> Line:
        if line := self._fitting(sale, entry):
            return line
        raise Amiss(
            "",
            f"{sale.external_id[:40]} sold no {entry.article[:40]} that could still come back. "
            "Check the quantity, or remove the row.",
        )

    def _fitting(self, sale: Sale, entry: Entry) -> Line | None:
        """Return the line of the article with as many pieces not yet brought back."""
        for line in sale.lines:
            same = line.id == entry.line if entry.line else line.sku == (entry.article or "-")
            left = line.quantity - self._taken[sale.external_id, line.id]
            if same and left > 0 and left >= abs(entry.quantity):
                return line
        return None


def merged(refunds: Iterable[Refund]) -> tuple[Refund, ...]:
    """Put refunds with one number together, so that a receipt of goods brought back is one refund."""
    together: dict[str, Refund] = {}
    for each in refunds:
        first = together.get(each.external_id)
        together[each.external_id] = (
            each
            if first is None
            else Refund(
                source=first.source,
                external_id=first.external_id,
                sale=first.sale,
                at=first.at,
                returns=first.returns + each.returns,
                cashier=first.cashier,
            )
        )
    return tuple(together.values())
