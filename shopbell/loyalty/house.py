"""The house: the programme in force, and what the shop has decided besides it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from shopbell.loyalty.terms import Programme, Terms


class House(Struct, frozen=True, kw_only=True):
    """The shop's choices about its counter."""

    hold_lasts: timedelta = timedelta(minutes=15)
    """A reserved reward that nobody fetches is released after that."""
    undo_within: timedelta = timedelta(minutes=5)
    """A reward handed out can be taken back that long."""
    adjust_most: int = 200
    """Points of one correction that one person may make alone."""
    adjust_day: int = 1000
    """Points of all corrections of one person on one day, ups and downs together."""
    point_worth: Decimal = Decimal(1)
    """Minor units that a point costs the shop."""


class Payment(Struct, frozen=True, kw_only=True):
    """What a sale is paid with besides money."""

    unit: str
    """`money` (minor units of the customer's balance), `points`, or `passes:<rule>`."""
    points: Annotated[int, Meta(gt=0)]


class Tender(Struct, frozen=True, kw_only=True):
    """All a sale is paid with besides money."""

    payments: tuple[Payment, ...] = ()
    rewards: tuple[str, ...] = ()
    """Reserved rewards, by hold or by code, that are handed out with the sale."""


class Adjustment(Struct, frozen=True, kw_only=True):
    """A correction by hand."""

    key: str
    """Unique for ever: the same again is answered as the first time."""
    customer: str
    unit: str = "points"
    points: int
    """Above zero: given; below: taken."""
    reason: str
    actor: str
    """The staff account."""


class Shop(Struct, frozen=True, kw_only=True):
    """What every operation of the club needs to know."""

    programme: Programme
    house: House
    draw: Callable[[int], bytes]
    """Gives so many random bytes."""
    secret: bytes
    """Makes the same code again for a repeated reservation."""

    def terms(self, moment: datetime) -> Terms:
        """Return the terms in force; before the first version, those of the first."""
        version = self.programme.versions[0]
        return self.programme.terms_at(moment) or Terms(
            club=self.programme.club,
            version=version,
            currency=self.programme.currency,
            timezone=self.programme.timezone,
        )
