"""Recipes: which column of an export means what. The shop's own ones are small TOML files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shopbell.loyalty.amounts import Mark
from shopbell.loyalty.errors import RecipeRefused
from shopbell.loyalty.moments import Order

Names = tuple[str, ...]
"""Column names that may carry the field, best first; case and outer spaces do not count."""


class Kind(StrEnum):
    """What a row is."""

    SALE = "sale"
    REFUND = "refund"
    HEAD = "head"
    """It says something of the whole sale and is no line of it."""
    SKIP = "skip"
    """It is not looked at."""


class Columns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the fields stand. Rows with the same `sale` make one sale.

    Fields marked (sale) may stand on any row of a sale; the first that is filled counts.
    """

    sale: Names
    """The receipt's number; rows without one are refused."""
    date: Names
    """(sale) When it was paid."""
    time: Names = ()
    """(sale) The time of day, when it has a column of its own."""
    customer: Names = ()
    """(sale) What tells the customer: the till's number of them, an e-mail address or a phone number."""
    cashier: Names = ()
    """(sale)"""
    status: Names = ()
    """(sale) Looked up in `statuses`."""
    kind: Names = ()
    """Looked up in `kinds`."""
    line: Names = ()
    """The line's own id; else lines are numbered as they stand."""
    sku: Names = ()
    name: Names = ()
    category: Names = ()
    quantity: Names = ()
    """Below zero: goods that came back."""
    amount: Names = ()
    """Paid for the whole line. Either this or `price` is needed."""
    price: Names = ()
    """Of one piece; times the quantity it is the amount."""
    discount: Names = ()
    """Taken off the amount."""
    tax: Names = ()
    """Added to the amount."""
    total: Names = ()
    """(sale) Paid for all; the lines are scaled to it, so that discounts on the whole reach each line."""
    shipping: Names = ()
    """(sale) Part of `total` that is no goods."""
    refund_of: Names = ()
    """On a refund's row: the receipt it undoes."""
    refunded: Names = ()
    """(sale) Given back so far, in money."""
    returned: Names = ()
    """Pieces of this line that came back so far."""
    returned_amount: Names = ()
    """Given back for this line so far, before tax when `tax` is a column."""


class Recipe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of export is read."""

    source: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Becomes the sale's source; with the receipt's number it names the sale for ever."""
    columns: Columns
    kinds: dict[str, Kind] = {}
    """Text of the kind column, lower case -> what the row is. Unlisted: the row is refused."""
    statuses: dict[str, Kind] = {}
    """Text of the status column, lower case -> `sale` counts, `skip` does not. Unlisted: refused."""
    dates: Order = Order.UNSAID
    decimal: Mark = Mark.AUTO
    rounds: bool = False
    """Amounts finer than the currency are rounded, half to even, rather than refused."""
    refund_keeps_number: bool = False
    """A refund's row carries the number of the sale it undoes, even when that sale is not in the file."""


def load_recipe(path: Path) -> Recipe:
    """Read a recipe of the shop's own. Raises `RecipeRefused`."""
    try:
        recipe = msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except OSError as fault:
        raise RecipeRefused(
            f"{path} cannot be read: {fault.strerror or fault}. Check its name and rights."
        ) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise RecipeRefused(f"{path}: {fault}. Correct it there.") from fault
    check(recipe, str(path))
    return recipe


def check(recipe: Recipe, place: str) -> None:
    """Raise `RecipeRefused` when a sale could not be read by it."""
    columns = recipe.columns
    if not columns.sale or not columns.date:
        raise RecipeRefused(f"{place}: columns.sale and columns.date need a column name each.")
    if not (columns.amount or (columns.price and columns.quantity) or columns.total):
        raise RecipeRefused(
            f"{place}: name columns.amount, columns.price with columns.quantity, or columns.total."
        )
    if bool(columns.kind) != bool(recipe.kinds) or bool(columns.status) != bool(recipe.statuses):
        raise RecipeRefused(f"{place}: columns.kind goes with [kinds], and columns.status with [statuses].")
