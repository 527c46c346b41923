"""What the till tells the shop: a sale, and what later became of it.

Money is whole minor units of the shop's currency (cents), tax included and discounts taken off.
"""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct


class Line(Struct, frozen=True, kw_only=True):
    """One line of a receipt."""

    id: str
    """Unique within the receipt, such as "1"."""
    sku: str
    name: str = ""
    quantity: Decimal = Decimal(1)
    """Pieces, or kilograms of goods sold by weight; above zero."""
    amount: int
    """Minor units paid for the whole line."""
    categories: tuple[str, ...] = ()


class Sale(Struct, frozen=True, kw_only=True):
    """One sale; (source, external_id) names it for ever."""

    source: str
    """Where it was recorded: "till-1", "shopify", "csv"."""
    external_id: str
    at: datetime
    """When it was paid, with its zone."""
    customer: str = ""
    """The customer's id, or nothing when nobody was known."""
    lines: tuple[Line, ...]
    cashier: str = ""

    @property
    def amount(self) -> int:
        """Minor units paid in all."""
        return sum(line.amount for line in self.lines)


class Return(Struct, frozen=True, kw_only=True):
    """How much of one receipt line came back."""

    line: str
    quantity: Decimal | None = None
    """None: all that had not come back before."""
    amount: int | None = None
    """Minor units given back; None: in proportion to the quantity."""


class Refund(Struct, frozen=True, kw_only=True):
    """Goods brought back, wholly or in part; (source, external_id) names it for ever."""

    source: str
    external_id: str
    sale: str
    """The external id of the sale, from the same source."""
    at: datetime
    returns: tuple[Return, ...] = ()
    """Empty: everything that had not come back before."""
    cashier: str = ""


class Void(Struct, frozen=True, kw_only=True):
    """A sale that should not have been rung up: undone as a whole."""

    source: str
    external_id: str
    sale: str
    at: datetime
    cashier: str = ""
    reason: str = ""
