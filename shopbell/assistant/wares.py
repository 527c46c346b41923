"""What the command line tells the loyalty programme of a shop: its currency, its place, its wares."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from shopbell.assistant.clubhouse import about
from shopbell.assistant.errors import SettingsError
from shopbell.assistant.insight.staging import stage
from shopbell.assistant.settings import load
from shopbell.assistant.staff.tables import staff
from shopbell.knowledge.errors import KnowledgeError
from shopbell.knowledge.files import decode, read_one
from shopbell.knowledge.problem import Notes
from shopbell.knowledge.products import Product, read_products
from shopbell.knowledge.tables import csv_rows
from shopbell.loyalty.backroom import About, Backroom
from shopbell.loyalty.errors import ProgrammeError
from shopbell.loyalty.money import places
from shopbell.loyalty.reckoning.recommending import Ware as OnShelf
from shopbell.loyalty.simulation import Ware
from shopbell.storage.database import open_database, reading

_CATALOGUE = "catalogue.csv"
_CHRISTMAS = frozenset({11, 12})
_WORDS = ("christmas", "stollen", "mince pie", "advent", "gingerbread")


class Shops:
    """What the commands of the programme ask of a shop's folder."""

    def shop_dir(self, shop: Path) -> Path:
        """Return where the shop's own data is kept."""
        raise NotImplementedError

    def people(self, shop: Path) -> tuple[str, ...]:
        """Return the names of those with a staff account; raises DatabaseRefused."""
        engine = open_database(self.shop_dir(shop) / "shop.db")
        try:
            with reading(engine) as db:
                names = sa.select(staff.c.name).where(staff.c.revoked_at.is_(None)).order_by(staff.c.name)
                return tuple(db.execute(names).scalars())
        finally:
            engine.dispose()

    def converse(self, shop: Path, room: Backroom, seed: int, now: datetime, rest: Callable[[], None]) -> int:
        """Put made-up conversations beside the purchases, resting in between; return how many were new."""
        engine = open_database(self.shop_dir(shop) / "shop.db")
        try:
            return stage(engine, room, seed, now, rest)
        finally:
            engine.dispose()

    def about(self, shop: Path) -> About:
        """Return what the settings say; raises ProgrammeError when they are wrong."""
        try:
            return about(load(shop))
        except SettingsError as error:
            raise ProgrammeError(str(error)) from error

    def wares(self, shop: Path) -> tuple[Ware, ...]:
        """Return what the shop sells; raises ProgrammeError when its catalogue has nothing."""
        digits = places(self.about(shop).currency)
        return tuple(_ware(product, digits) for product in self._products(shop))

    def shelf(self, shop: Path) -> tuple[OnShelf, ...]:
        """Return what the shop can offer now; raises ProgrammeError when its catalogue has nothing."""
        return on_shelf(self._products(shop), self.about(shop).currency)

    def _products(self, shop: Path) -> tuple[Product, ...]:
        notes = Notes(_CATALOGUE)
        try:
            file = read_one(shop, _CATALOGUE)
            rows = csv_rows(decode(file, notes), notes) if file else ()
            products = read_products(rows, notes, zone=UTC)
        except KnowledgeError as error:
            raise ProgrammeError(f"{shop / _CATALOGUE}: {error}") from error
        if not products:
            raise ProgrammeError(f"{shop / _CATALOGUE}: holds no product to sell. Write some rows into it.")
        return products


def on_shelf(products: Iterable[Product], currency: str) -> tuple[OnShelf, ...]:
    """Return products as recommending looks at them: with price, stock, diets and allergens."""
    digits = places(currency)
    return tuple(
        OnShelf(
            sku=each.sku,
            name=each.name,
            category=each.category,
            price_minor=int(each.price.scaleb(digits)),
            stock=each.stock,
            diet=each.diet,
            allergens=each.allergens,
        )
        for each in products
    )


def _ware(product: Product, digits: int) -> Ware:
    words = product.name.lower()
    return Ware(
        sku=product.sku,
        name=product.name,
        category=product.category,
        price=int(product.price.scaleb(digits)),
        months=_CHRISTMAS if any(word in words for word in _WORDS) else frozenset(),
    )
