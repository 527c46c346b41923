"""Sight: what a flow may look at in one turn, read for the one customer of the session. Pure data."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from shopbell.knowledge.history import Remembered
from shopbell.loyalty.answers import Offer
from shopbell.loyalty.customers import Customer


class Sight(Struct, frozen=True, kw_only=True):
    """One customer, or nobody."""

    now: datetime
    """In the shop's zone."""
    club: str
    """Name of the programme."""
    customer: Customer | None = None
    """Who is verified; None: nobody."""
    offers: tuple[Offer, ...] = ()
    points: int = 0
    consents: Mapping[str, bool] = {}
    """The last word for each purpose; a purpose that is missing was never agreed to."""
    purposes: Mapping[str, str] = {}
    """What each purpose asks, in the owner's words."""
    remembered: tuple[Remembered, ...] = ()
    make_good: tuple[str, ...] = ()
    """What the owner offers after a complaint."""
    ask_nps: bool = False
    """Nobody asked in the last quarter."""
    back: str = ""
    """When somebody is in, in words that are true."""

    @property
    def owner(self) -> str:
        """Id of the customer; empty for nobody."""
        return self.customer.id if self.customer else ""
