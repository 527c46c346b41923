"""Entries: what one row of an export says, read by a recipe."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import fields

from shopbell.loyalty.amounts import exact
from shopbell.loyalty.errors import SheetRefused
from shopbell.loyalty.moments import moment
from shopbell.loyalty.recipe import Columns, Kind, Names, Recipe
from shopbell.loyalty.sheet import Row

NUMBER_LENGTH = 120
"""Characters of a receipt's number at most."""


class Fault(Struct, frozen=True, kw_only=True):
    """Why a row cannot be taken in."""

    row: int
    """Row of the file, from 1."""
    column: str
    """Name of the column, as the file spells it; empty when it is the row as a whole."""
    reason: str
    remedy: str
    """What to do about it."""


class Amiss(ValueError):
    """A cell cannot be read."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column

    def at(self, row: int) -> Fault:
        """Return the fault; the message's last sentence is the remedy."""
        reason, _, remedy = str(self).rpartition(". ")
        return Fault(row=row, column=self.column, reason=f"{reason}.", remedy=remedy)


class Entry(Struct, frozen=True, kw_only=True):
    """One row that counts. Fields marked (sale) are empty where the row leaves them to another row."""

    row: int
    sale: str
    kind: Kind
    line: str
    sku: str
    name: str
    category: str
    quantity: Decimal
    """Signed; zero when the row says nothing of pieces."""
    amount: Decimal
    """Signed, exact, in the currency's major unit, with discount and tax worked in."""
    tax: Decimal
    refund_of: str
    returned: Decimal
    """Pieces that came back later, unsigned."""
    returned_amount: Decimal
    """Given back for them, unsigned, before tax when the recipe adds tax."""
    at: datetime | None
    """(sale)"""
    customer: str
    """(sale)"""
    cashier: str
    """(sale)"""
    counts: bool | None
    """(sale) What the status says."""
    total: Decimal | None
    """(sale)"""
    shipping: Decimal | None
    """(sale)"""
    refunded: Decimal | None
    """(sale) Unsigned."""

    @property
    def article(self) -> str:
        """What tells the article: the SKU, or else the name."""
        return self.sku or self.name


class Layout:
    """Where a recipe's fields stand in one file. Raises `SheetRefused` when a needed column is missing."""

    def __init__(self, head: Sequence[str], recipe: Recipe, zone: tzinfo) -> None:
        self._recipe = recipe
        self._zone = zone
        self._head = tuple(head)
        places: dict[str, int] = {}
        for at, name in enumerate(head):
            places.setdefault(name.strip().casefold(), at)
        self._places = {
            field.name: [
                places[n.casefold()] for n in names_of(recipe.columns, field.name) if n.casefold() in places
            ]
            for field in fields(Columns)
        }
        self._check()

    def entry(self, row: Row) -> Entry | None:
        """Return what the row says, None when the recipe skips it. Raises `Amiss`."""
        kind = self._kind(row)
        if kind is Kind.SKIP:
            return None
        listed = kind is not Kind.HEAD
        tax = self._number(row, "tax")
        quantity = self._number(row, "quantity") if listed else Decimal()
        return Entry(
            row=row.line,
            sale=self._sale(row),
            kind=kind,
            line=self._text(row, "line"),
            sku=self._text(row, "sku"),
            name=" ".join(self._text(row, "name").split()),
            category=self._text(row, "category"),
            quantity=quantity,
            amount=self._amount(row, quantity) + tax if listed else Decimal(),
            tax=tax,
            refund_of=self._text(row, "refund_of"),
            returned=abs(self._number(row, "returned")),
            returned_amount=abs(self._number(row, "returned_amount")),
            at=self._at(row),
            customer=self._text(row, "customer"),
            cashier=self._text(row, "cashier"),
            counts=self._counts(row),
            total=self._optional(row, "total"),
            shipping=self._optional(row, "shipping"),
            refunded=self._optional(row, "refunded"),
        )

    def column(self, field: str) -> str:
        """Return how the file spells the first column of a field; empty when it has none."""
        places = self._places[field]
        return self._head[places[0]] if places else ""

    def _check(self) -> None:
        columns = self._recipe.columns
        needed = [
            "sale",
            "date",
            *(["kind"] if columns.kind else []),
            *(["status"] if columns.status else []),
        ]
        missing = [" or ".join(names_of(columns, field)) for field in needed if not self._places[field]]
        priced = self._places["price"] and self._places["quantity"]
        if not (self._places["amount"] or priced or self._places["total"]):
            missing.append(" or ".join((*columns.amount, *columns.price, *columns.total)))
        if missing:
            raise SheetRefused(
                f"Missing columns: {'; '.join(missing)}. The file has: {', '.join(self._head)[:300]}. "
                f'Check that it is an export of "{self._recipe.source}", or write a mapping for it.'
            )

    def _cell(self, row: Row, field: str) -> tuple[str, str]:
        """Return the text of the first filled column of a field and the name of that column."""
        for place in self._places[field]:
            if place < len(row.cells) and row.cells[place]:
                return row.cells[place], self._head[place]
        return "", self.column(field)

    def _text(self, row: Row, field: str) -> str:
        return self._cell(row, field)[0]

    def _sale(self, row: Row) -> str:
        text, column = self._cell(row, "sale")
        if not text:
            raise Amiss(column, "The receipt's number is empty. Fill it in or remove the row.")
        if len(text) > NUMBER_LENGTH:
            raise Amiss(column, f"The receipt's number has more than {NUMBER_LENGTH} characters. Shorten it.")
        return text

    def _kind(self, row: Row) -> Kind:
        if not self._recipe.kinds:
            return Kind.SALE
        text, column = self._cell(row, "kind")
        if (kind := self._recipe.kinds.get(text.casefold())) is None:
            known = ", ".join(self._recipe.kinds)
            raise Amiss(
                column, f'"{text[:30]}" is not known here ({known}). List it under [kinds] in a mapping.'
            )
        return kind

    def _counts(self, row: Row) -> bool | None:
        text, column = self._cell(row, "status")
        if not self._recipe.statuses or not text:
            return None
        if (kind := self._recipe.statuses.get(text.casefold())) is None:
            known = ", ".join(self._recipe.statuses)
            raise Amiss(
                column, f'"{text[:30]}" is not known here ({known}). List it under [statuses] in a mapping.'
            )
        return kind is Kind.SALE

    def _at(self, row: Row) -> datetime | None:
        text, column = self._cell(row, "date")
        try:
            clock = self._text(row, "time")
            return moment(text, self._zone, clock=clock, order=self._recipe.dates) if text else None
        except ValueError as fault:
            raise Amiss(column, str(fault)) from None

    def _optional(self, row: Row, field: str) -> Decimal | None:
        text, column = self._cell(row, field)
        try:
            return exact(text, self._recipe.decimal) if text else None
        except ValueError as fault:
            raise Amiss(column, str(fault)) from None

    def _number(self, row: Row, field: str) -> Decimal:
        return self._optional(row, field) or Decimal()

    def _amount(self, row: Row, quantity: Decimal) -> Decimal:
        """Return what was paid for the line, without `tax`."""
        amount, price = self._optional(row, "amount"), self._optional(row, "price")
        if amount is None and price is not None:
            amount = price * (quantity or 1)
        if amount is None:
            amount = self._optional(row, "total")
        if amount is None:
            raise Amiss(
                self.column("amount") or self.column("price"), "The amount is empty. Write 0.00 for a gift."
            )
        discount = abs(self._number(row, "discount"))
        return amount - discount if amount >= 0 else amount + discount


def names_of(columns: Columns, field: str) -> Names:
    """Return the column names of one field."""
    names: Names = getattr(columns, field)
    return names
