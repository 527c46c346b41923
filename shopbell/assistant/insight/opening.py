"""Opening: the book of figures of one shop, put together from its settings and its programme."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from shopbell.assistant.insight.book import About, FigureBook
from shopbell.assistant.insight.prospects import reckoned
from shopbell.assistant.outreach.lift import Lift
from shopbell.assistant.outreach.outcomes import lifts
from shopbell.assistant.settings import Settings
from shopbell.loyalty.programmefile import NAME, load
from shopbell.loyalty.terms import Programme


def figure_book(engine: Engine, settings: Settings, programme: Programme | None) -> FigureBook:
    """Return the shop's figures; without a programme those of the conversations are there."""
    about = About(
        shop=settings.shop.name,
        currency=settings.shop.currency,
        zone=settings.zone,
        assumed=settings.figures,
        tiers=tier_names(programme),
    )

    def brought(now: datetime) -> Sequence[Lift]:
        return lifts(engine, settings.outreach, settings.shop.currency, now)

    return FigureBook(engine, about, reckoned, brought)


def programme_of(shop: Path, settings: Settings) -> Programme | None:
    """Return the programme in the shop's folder, None when it has none; raises ProgrammeError."""
    path = shop / NAME
    if not path.is_file():
        return None
    return load(path, currency=settings.shop.currency, timezone=settings.shop.timezone)


def tier_names(programme: Programme | None) -> Mapping[str, str]:
    """Return how customers know each level; "" is where everybody starts."""
    tiers = programme.versions[-1].tiers if programme and programme.versions else None
    if tiers is None:
        return {"": "everybody"}
    return {"": tiers.base} | {tier.id: tier.label for tier in tiers.tier}
