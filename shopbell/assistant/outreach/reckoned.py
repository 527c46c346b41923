"""Reckoned: who is slipping away, as the last reckoning of the shop's books says. Blocks."""

from collections.abc import Iterator

import sqlalchemy as sa

from shopbell.assistant.outreach.atrisk import Slipping
from shopbell.loyalty.reckoning.reading import read_at_risk
from shopbell.storage.database import reading

MOST = 200
"""Customers at risk that are looked at, those most worth first: nobody can mean so many messages."""


class Reckoned:
    """The at-risk list of the reckoning."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def slipping(self) -> Iterator[Slipping]:
        """Return everybody at risk; nobody before the first reckoning."""
        with reading(self._engine) as db:
            found = read_at_risk(db, limit=MOST)
        for one in found:
            yield Slipping(customer=one.customer, last_visit=one.last, why=one.why)
