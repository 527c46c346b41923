"""Trends: figures of past weeks. They are kept, for the conversations behind them are removed in time.

Each point is counted over the four weeks up to a Sunday: a week of a small shop is too few. Calls block.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine

from shopbell.assistant.insight.counting import Saying
from shopbell.assistant.insight.helping import helping
from shopbell.assistant.insight.pleasing import Score, pleasing
from shopbell.assistant.insight.sources import QUARTER, Span, told
from shopbell.assistant.insight.talks import SOON, Talk
from shopbell.assistant.staffwire.figures import Point, Series
from shopbell.loyalty.chain import stamp
from shopbell.storage.columns import texts
from shopbell.storage.database import metadata, reading

WEEKS = 26
"""Weeks that are shown."""
WINDOW = timedelta(days=28)
"""What one point is counted over."""
KEPT = ("reach", "resolution", "handover", "csat", "nps")
figure_week = sa.Table(
    "figure_week",
    metadata,
    sa.Column("week", sa.Text, primary_key=True),  # its Sunday
    *texts("at", "body"),
    sqlite_strict=True,
)


class Kept(Struct, frozen=True):
    """One figure of one week."""

    value: float | None
    low: float | None
    high: float | None
    n: int


_body = msgspec.json.Decoder(dict[str, Kept])


def sunday(day: date) -> date:
    """Return the last Sunday that was over by the beginning of `day`."""
    return day - timedelta(days=day.weekday() + 1)


def week(talks: Sequence[Talk], nps: Sequence[Score], end: Span, saying: Saying) -> dict[str, Kept]:
    """Return the figures of the four weeks that are a span."""
    talks = [talk for talk in talks if end.start <= talk.at < end.end]
    nps = [one for one in nps if end.end - QUARTER <= one.at < end.end]
    found = [*helping(talks, saying, end.end + SOON), *pleasing(talks, nps, saying)]
    measures = {one.figure.id: one.figure.whole for one in found if one.figure.id in KEPT}
    return {name: Kept(one.value, one.low, one.high, one.n) for name, one in measures.items()}


def keep(engine: Engine, saying: Saying, now: datetime, *, weeks: int = 1) -> int:
    """Keep the last so many weeks that are not kept yet, and return how many; `now` is in the shop's zone.

    A week is kept a day after it is over: until then nobody can have come back after it.
    """
    last = sunday((now - SOON).date())
    sundays = [last - timedelta(days=7 * back) for back in range(weeks)]
    with reading(engine) as db:
        known = set(db.execute(sa.select(figure_week.c.week)).scalars())
        missing = [day for day in sundays if day.isoformat() not in known]
        if not missing or now.tzinfo is None:
            return 0
        spans = {day: Span.ending(day, WINDOW.days, now.tzinfo) for day in missing}
        first = max(missing) - QUARTER - timedelta(weeks=weeks) if weeks > 1 else spans[last].since
        whole = Span(since=first, until=max(missing), zone=now.tzinfo)
        seen = told(db, whole, {})
    rows = [
        {"week": day.isoformat(), "at": stamp(now), "body": _text(week(seen.talks, seen.nps, span, saying))}
        for day, span in spans.items()
    ]
    with engine.begin() as db:
        db.execute(figure_week.insert(), rows)
    return len(rows)


def series(db: sa.Connection, span: Span) -> tuple[Series, ...]:
    """Return what is known of the weeks up to the end of a span."""
    first = span.until - timedelta(weeks=WEEKS)
    query = sa.select(figure_week.c.week, figure_week.c.body).where(
        figure_week.c.week > first.isoformat(), figure_week.c.week <= span.until.isoformat()
    )
    rows = {str(day): _body.decode(body) for day, body in db.execute(query.order_by(figure_week.c.week))}
    return tuple(
        Series(
            id=f"trend-{name}",
            title=title,
            unit="score" if name == "nps" else "share",
            points=_points(rows, name),
        )
        for name, title in (
            ("resolution", "Resolved without a person"),
            ("csat", "Satisfied"),
            ("nps", "Would recommend (NPS)"),
        )
        if rows
    )


def _points(rows: Mapping[str, Mapping[str, Kept]], name: str) -> tuple[Point, ...]:
    nothing = Kept(None, None, None, 0)
    return tuple(
        Point(label=day, value=one.value, low=one.low, high=one.high, n=one.n)
        for day, found in rows.items()
        for one in (found.get(name, nothing),)
    )


def _text(found: Mapping[str, Kept]) -> str:
    return msgspec.json.encode(found).decode()
