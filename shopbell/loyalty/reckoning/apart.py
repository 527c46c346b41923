"""Apart: a reckoning in a process of its own, and whether the day's is due. Imports nothing that is slow."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.backroom import About
from shopbell.loyalty.reckoning import tables as t
from shopbell.loyalty.reckoning.answers import Reckoning
from shopbell.loyalty.span import local_day
from shopbell.storage.database import open_database
from shopbell.storage.precedence import go_last

_HOUR = 3
"""Of the shop's clock: the day before is over everywhere, and nobody is there."""


class Premises(Struct, frozen=True, kw_only=True):
    """Where the books are, and whose they are."""

    database: Path | str
    """A SQLite file, or a URL."""
    shop: Path
    """The shop's folder."""
    about: About


def is_due(db: sa.Connection, about: About, now: datetime) -> bool:
    """Say whether the day's reckoning is to be done: from three in the morning on, once a day."""
    zone = ZoneInfo(about.timezone)
    if now.astimezone(zone).hour < _HOUR:
        return False
    if db.execute(sa.select(r.purchase.c.id).limit(1)).first() is None:
        return False
    last = db.execute(sa.select(sa.func.max(t.reckoning.c.day))).scalar()
    return last is None or last < local_day(now, zone).isoformat()


def reckon_apart(premises: Premises, now: datetime) -> Reckoning:
    """Reckon, and let everybody else on the machine go first. Raises ReckoningRefused, DatabaseRefused."""
    go_last()
    return reckon_here(premises, now)


def reckon_here(premises: Premises, now: datetime) -> Reckoning:
    """Reckon in this process, and come back when it is done. Raises as `reckon_apart`."""
    from shopbell.loyalty.reckoning.night import reckon  # noqa: PLC0415 - scipy takes a while to import

    where = premises.database
    engine = open_database(where if isinstance(where, Path) else sa.make_url(where))
    try:
        return reckon(engine, premises.shop, premises.about, now)
    finally:
        engine.dispose()
