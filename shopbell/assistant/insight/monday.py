"""Monday: past weeks are kept as figures, and the digest is written if the owner wants it. Calls block."""

from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy.engine import Engine

from shopbell.assistant.insight import trends
from shopbell.assistant.insight.counting import Saying
from shopbell.assistant.insight.opening import figure_book, programme_of
from shopbell.assistant.insight.report import write_digest
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.settings import Settings

MOST = 26
"""Digests that are kept, the newest."""


class Weekly(Struct, frozen=True, kw_only=True):
    """What the weekly work stands on."""

    engine: Engine
    shop: Path
    """The shop's folder."""
    settings: Settings
    digests: Path
    """Where digests are put."""


def keep_weeks(weekly: Weekly, now: datetime) -> Path | None:
    """Keep the last week's figures, and from Monday on write its digest once; return the file if it is new.

    `now` is in the shop's zone. Done again, it finds nothing left to do. Raises ReportRefused when the folder
    cannot be written.
    """
    settings = weekly.settings
    trends.keep(weekly.engine, Saying(settings.figures.few, settings.shop.currency), now)
    if not settings.figures.digest:
        return None
    last = trends.sunday(now.date())
    path = weekly.digests / f"week-to-{last}.txt"
    if path.exists():
        return None
    book = figure_book(weekly.engine, settings, programme_of(weekly.shop, settings))
    # Plain text, for an erasure looks through these files for the name as it is written.
    write_digest(book.figures(Span.ending(last, 7, settings.zone), now), path)
    for old in sorted(weekly.digests.glob("week-to-*.txt"))[:-MOST]:
        old.unlink()
    return path
