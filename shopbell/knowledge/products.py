"""Products: the shop's catalogue, the only source of prices and stock."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from msgspec import Struct

from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.problem import Notes
from shopbell.knowledge.tables import Raw, Row, named_rows

COLUMNS = ("sku", "name", "category", "price", "unit", "stock", "description", "allergens", "diet", "as_of")
REQUIRED = ("sku", "name", "price", "as_of")
_SKU = re.compile(r"[\w.-]{1,40}")
_PRICE = re.compile(r"[£$€]?\s*(\d{1,6}(?:[.,]\d{1,2})?)\s*[£$€]?")


class Product(Struct, frozen=True, kw_only=True):
    """One thing the shop sells."""

    sku: str
    name: str
    category: str = ""
    price: Decimal
    """In the shop's currency."""
    unit: str = ""
    """What the price is for, such as `250 g bag`."""
    stock: int | None = None
    """Pieces there at `as_of`; None: not counted, such as a drink that is made to order."""
    description: str = ""
    allergens: tuple[str, ...] = ()
    diet: tuple[str, ...] = ()
    as_of: datetime
    """When price and stock were true, with a time zone."""
    source: str = ""
    """Place in the catalogue, such as `catalogue.csv:12`."""

    def is_stale(self, now: datetime, within: timedelta) -> bool:
        """Say whether price and stock are older than `within`: a reply should then say of when."""
        return now - self.as_of > within


def read_products(rows: Iterable[Raw], notes: Notes, *, zone: tzinfo = UTC) -> tuple[Product, ...]:
    """Read the rows of a catalogue; `zone` is that of times written without one.

    Bad rows are noted and left out. Raises `FileRefused` when the head is wrong.
    """
    products: dict[str, Product] = {}
    for row in named_rows(rows, notes, columns=COLUMNS, required=REQUIRED):
        try:
            product = _product(row, notes.path, zone)
        except ValueError as fault:
            notes.error(row.line, f"The product is left out: {fault}")
            continue
        if first := products.get(product.sku):
            notes.error(
                row.line, f"The SKU {product.sku} stands already in {first.source}. Give each its own."
            )
            continue
        products[product.sku] = product
    return tuple(products.values())


def product_passage(product: Product) -> Passage:
    """Return what may be searched and read of a product: all but price and stock, which code fills in."""
    facts = [
        product.description,
        f"Category: {product.category}." if product.category else "",
        f"Contains: {', '.join(product.allergens)}." if product.allergens else "",
        f"Diet: {', '.join(product.diet)}." if product.diet else "",
    ]
    return Passage(
        id=f"product:{product.sku}",
        title=product.name,
        text=" ".join(filter(None, (f"{product.name}.", *facts))),
        kind=Kind.PRODUCT,
        topic=product.category,
        source=product.source,
    )


def _product(row: Row, path: str, zone: tzinfo) -> Product:
    cells = row.cells
    if not _SKU.fullmatch(cells["sku"]):
        raise ValueError(f'the sku "{cells["sku"][:40]}" may hold only letters, digits, dots and hyphens.')
    if not cells["name"]:
        raise ValueError("the name is empty. Fill it in or remove the row.")
    return Product(
        sku=cells["sku"],
        name=" ".join(cells["name"].split()),
        category=cells["category"],
        price=_price(cells["price"]),
        unit=cells["unit"],
        stock=_stock(cells["stock"]),
        description=cells["description"],
        allergens=_parts(cells["allergens"]),
        diet=_parts(cells["diet"]),
        as_of=_moment(cells["as_of"], zone),
        source=f"{path}:{row.line}",
    )


def _price(text: str) -> Decimal:
    if (found := _PRICE.fullmatch(text)) is None:
        raise ValueError(
            f'the price "{text[:20]}" is not understood. Write it as 12.50, without thousands marks.'
        )
    return Decimal(found[1].replace(",", "."))


def _stock(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004 - ten million pieces
        raise ValueError(
            f'the stock "{text[:20]}" is no whole number. Leave it empty if you do not count it.'
        )
    return int(text)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for raw in text.split(";") if (part := raw.strip())))


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'as_of "{text[:30]}" is no time. Write it as 2026-11-21T07:00.') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
