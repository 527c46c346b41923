"""Offering: what to offer to a basket or a customer now, of what is on the shelf. Calls block for some ms."""

from collections.abc import Callable, Collection
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.reckoning.answers import Advice
from shopbell.loyalty.reckoning.recommending import Wanted, Ware
from shopbell.loyalty.reckoning.suggesting import may_profile, suggest
from shopbell.storage.database import reading


class Offered(Struct, frozen=True, kw_only=True):
    """What is offered."""

    personal: bool
    """By what the customer usually buys; False: nobody is known, or they did not agree to profiling."""
    advice: tuple[Advice, ...]
    """The best first; empty when nothing fits, or nothing was reckoned yet."""


class Offering:
    """Knows the books, the shop's folder and the shelf."""

    def __init__(self, engine: sa.Engine, shop: Path) -> None:
        self._engine = engine
        self._shop = shop
        self.shelf: Callable[[], Collection[Ware]] = tuple
        """What can be had now; nothing until the shop's catalogue is open."""

    def offer(self, customer: str, wanted: Wanted, *, limit: int = 3) -> Offered:
        """Return what to offer; an empty customer is nobody. Raises `NoSuchCustomer`, `ReckoningRefused`."""
        with reading(self._engine) as db:
            personal = bool(customer) and may_profile(db, customer)
            who = customer if personal else ""
            found = suggest(db, self._shop, self.shelf(), wanted, customer=who, limit=limit)
        return Offered(personal=personal, advice=found)
