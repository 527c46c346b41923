"""Receipts: the entries of one number made into a sale, its later refunds, and goods brought back."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from shopbell.loyalty.amounts import minor
from shopbell.loyalty.entries import Amiss, Entry
from shopbell.loyalty.recipe import Kind
from shopbell.loyalty.sale import Line, Sale

T = TypeVar("T")

MOST = 10**12
"""Minor units of one line at most."""


class Coins(Struct, frozen=True):
    """How money is counted."""

    digits: int
    """Decimals of the currency."""
    rounds: bool

    def count(self, value: Decimal, column: str) -> int:
        """Return minor units. Raises `Amiss`."""
        try:
            amount = minor(value, self.digits, rounds=self.rounds)
        except ValueError as fault:
            raise Amiss(column, str(fault)) from None
        if abs(amount) > MOST:
            raise Amiss(column, f"{value} is more than a till takes. Check the cell.")
        return amount


class Receipt(Struct, frozen=True, kw_only=True):
    """All rows with one number."""

    number: str
    at: datetime
    customer: str
    cashier: str
    counts: bool
    sold: tuple[Entry, ...]
    back: tuple[Entry, ...]
    """Rows of goods that came back."""
    total: Decimal | None
    """Paid for goods, when the export says it for the whole."""
    refunded: Decimal
    """Given back so far, unsigned."""


def receipt(entries: Sequence[Entry], resolve: Callable[[str], str]) -> Receipt:
    """Gather the rows of one number; `resolve` turns the export's word for a customer into the shop's id.

    Raises `Amiss` when no row says when it was paid.
    """
    at = _first(entry.at for entry in entries)
    if at is None:
        raise Amiss("", f"No row of {entries[0].sale[:40]} says when it was paid. Fill in the date.")
    total = _first(entry.total for entry in entries)
    shipping = _first(entry.shipping for entry in entries) or Decimal()
    listed = [entry for entry in entries if entry.kind is not Kind.HEAD]
    reference = next((entry.customer for entry in entries if entry.customer), "")
    back = tuple(entry for entry in listed if is_back(entry))
    return Receipt(
        number=entries[0].sale,
        at=at,
        customer=resolve(reference) if reference else "",
        cashier=next((entry.cashier for entry in entries if entry.cashier), ""),
        counts=_first(entry.counts for entry in entries) is not False,
        sold=tuple(sorted((e for e in listed if not is_back(e) and (e.amount or e.quantity)), key=_order)),
        back=back,
        total=None if total is None or back else total - shipping,
        refunded=abs(_first(entry.refunded for entry in entries) or Decimal()),
    )


def is_back(entry: Entry) -> bool:
    """Say whether the row is of goods that came back."""
    return entry.kind is Kind.REFUND or entry.quantity < 0 or entry.amount < 0


def sale(source: str, found: Receipt, coins: Coins, amount_column: str) -> Sale:
    """Return the sale. Raises `Amiss`."""
    amounts = [coins.count(entry.amount, amount_column) for entry in found.sold]
    if found.total is not None:
        goods = coins.count(found.total, amount_column)
        if goods < 0:
            raise Amiss(amount_column, f"{found.number[:40]} comes to less than nothing. Check its total.")
        amounts = spread(goods, amounts)
    lines = tuple(
        Line(
            id=entry.line or str(number),
            sku=entry.article or "-",
            name=entry.name,
            quantity=entry.quantity or Decimal(1),
            amount=amount,
            categories=(entry.category,) if entry.category else (),
        )
        for number, (entry, amount) in enumerate(zip(found.sold, amounts, strict=True), 1)
    )
    if len({line.id for line in lines}) < len(lines):
        raise Amiss("", f"Two lines of {found.number[:40]} have the same id. Export it again.")
    return Sale(
        source=source,
        external_id=found.number,
        at=found.at,
        customer=found.customer,
        lines=lines,
        cashier=found.cashier,
    )


def spread(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` in proportion to `weights`, exactly: the largest remainders get the odd units.

    This is Hamilton's method of apportionment; without any weight the first part gets all.
    """
    among = sum(weights)
    if not among:
        return [whole, *(0 for _ in weights[1:])] if weights else []
    parts = [whole * weight // among for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(whole * weights[at] % among), at))
    for at in by_remainder[: whole - sum(parts)]:
        parts[at] += 1
    return parts


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _order(entry: Entry) -> tuple[str, str, str, Decimal, Decimal]:
    """Order lines by what they say, so that the same receipt reads alike from exports sorted otherwise."""
    return entry.line, entry.article, entry.name, entry.quantity, entry.amount
