"""The book of figures: all that the owner is told of a span of days, and the rows behind it. Calls block."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from threading import Lock

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.engine import Engine

from shopbell.assistant.insight import matched, plotted, trends
from shopbell.assistant.insight.advising import Known, advice, slipping
from shopbell.assistant.insight.assumptions import FiguresSettings
from shopbell.assistant.insight.beside import beside
from shopbell.assistant.insight.counting import Counted, Saying
from shopbell.assistant.insight.errors import NoSuchFigure
from shopbell.assistant.insight.fairness import fairness
from shopbell.assistant.insight.gains import gains
from shopbell.assistant.insight.helping import helping
from shopbell.assistant.insight.lifted import lifted
from shopbell.assistant.insight.pleasing import pleasing
from shopbell.assistant.insight.prospects import Outlook, Prospects, nobody
from shopbell.assistant.insight.sources import QUARTER, Bought, Span, Told, bought, told
from shopbell.assistant.insight.talks import MADE_UP
from shopbell.assistant.insight.trading import REPEAT_DAYS, Books, Worth, trading
from shopbell.assistant.outreach.lift import Lift
from shopbell.assistant.staffwire.figures import FigureRow, FigureRows, Figures, Series
from shopbell.loyalty.kpis import visits
from shopbell.storage.database import reading

FRESH = timedelta(minutes=1)
"""For so long figures are told again as they were counted."""
Lifts = Callable[[datetime], Sequence[Lift]]
"""What each campaign brought, as of a moment."""
MOST_ROWS = 200
"""Rows sent at once."""
_MADE_UP = (
    "Some of these conversations are made up: they came with the demo's year, and their ids begin with demo-."
)


class About(Struct, frozen=True, kw_only=True):
    """What figures need to know of the shop."""

    shop: str
    currency: str
    zone: tzinfo
    assumed: FiguresSettings = FiguresSettings()
    tiers: Mapping[str, str] = {}
    """Level -> as customers know it; "" is where everybody starts."""

    @property
    def saying(self) -> Saying:
        """How numbers are said."""
        return Saying(self.assumed.few, self.currency)


class FigureBook:
    """The figures of one shop."""

    def __init__(
        self, engine: Engine, about: About, outlook: Outlook = nobody, lifts: Lifts = lambda _: ()
    ) -> None:
        """Take the database, what is known of the shop, the reckoning, and what messages brought."""
        self._lifts = lifts
        self._engine = engine
        self.about = about
        self._outlook = outlook
        self._lock = Lock()
        self._last: _Made | None = None

    def figures(self, span: Span, now: datetime) -> Figures:
        """Return all figures of a span; `now` is in the shop's zone. What is a minute old is told again."""
        made = self._made(span, now)
        seen, figures = made.seen, tuple(one.figure for one in made.counted)
        made_up = any(talk.id.startswith(MADE_UP) for talk in seen.told.talks)
        lost = slipping(seen.ahead, seen.bought.members, self.about.saying)
        known = Known(figures=figures, open_cases=seen.told.open_cases, lost=lost, unequal=made.unequal)
        return Figures(
            shop=self.about.shop,
            currency=self.about.currency,
            since=span.since,
            until=span.until,
            made_at=made.at,
            figures=figures,
            series=(*plotted.series(seen.told.talks, seen.bought.year, span), *made.series),
            assumed=self.about.assumed.listed(),
            made_up=_MADE_UP if made_up else "",
            warnings=made.unequal,
            slipping=lost,
            slipping_note=seen.ahead.note,
            advice=advice(known),
        )

    def rows(self, span: Span, now: datetime, figure: str, part: str = "") -> FigureRows:
        """Return the rows of a figure, those of one part only if one is named; raises NoSuchFigure."""
        counted = self._made(span, now).counted
        found = next((one for one in counted if one.figure.id == figure), None)
        if found is None:
            known = ", ".join(one.figure.id for one in counted)
            raise NoSuchFigure(f'There is no figure "{figure[:40]}". There are: {known}.')
        rows: Sequence[FigureRow] = [row for row in found.rows if not part or row.part == part]
        more = max(0, len(rows) - MOST_ROWS)
        return FigureRows(
            figure=figure,
            title=found.figure.title,
            rows=tuple(self._here(row) for row in rows[:MOST_ROWS]),
            more=more,
        )

    def _here(self, row: FigureRow) -> FigureRow:
        if "T" not in row.at:
            return row
        at = datetime.fromisoformat(row.at).astimezone(self.about.zone)
        return replace(row, at=at.isoformat(timespec="minutes"))

    def forget(self) -> None:
        """Count anew at the next call."""
        self._last = None

    def _made(self, span: Span, now: datetime) -> "_Made":
        with self._lock:  # two consoles at once count once
            last = self._last
            if last is not None and last.span == span and timedelta() <= now - last.at < FRESH:
                return last
            with reading(self._engine) as db:
                seen = _Seen.of(db, span, self._outlook)
                series = trends.series(db, span)
            counted, unequal = self._count(seen, span, now)
            self._last = _Made(span, now, seen, counted, unequal, series)
            return self._last

    def _count(self, seen: "_Seen", span: Span, now: datetime) -> tuple[tuple[Counted, ...], tuple[str, ...]]:
        about, books, talks = self.about, seen.bought, seen.told.talks
        sales = books.between(span.since, span.until)
        quarter = books.between(span.until - timedelta(days=REPEAT_DAYS - 1), span.until)
        trade = Books(
            span=sales,
            quarter=quarter,
            purses=books.purses,
            members=books.members,
            worth=[Worth(one.customer, one.clv_minor) for one in seen.ahead.worths.values()],
            worth_note=seen.ahead.note,
            names=about.tiers,
        )
        paid: dict[str, int] = {}
        for sale in quarter:
            paid[sale.customer] = paid.get(sale.customer, 0) + sale.amount
        computed = {
            who: tuple(seen.ahead.names.get(name, name) for name in one.segments)
            for who, one in seen.ahead.worths.items()
        }
        fair, unequal = fairness(
            books.members, books.given, paid, span.until, about.tiers, computed, about.saying
        )
        return (
            *helping(talks, about.saying, now),
            *pleasing(talks, seen.told.nps, about.saying),
            *trading(trade, about.saying),
            _beside(seen, span, about.saying),
            lifted(self._lifts(now), about.saying),
            *gains(talks, sales, dict(books.members), about.assumed, about.saying),
            fair,
        ), unequal


class _Made(Struct, frozen=True):
    """What was counted a moment ago."""

    span: Span
    at: datetime
    seen: "_Seen"
    counted: tuple[Counted, ...]
    unequal: tuple[str, ...]
    series: tuple[Series, ...]


class _Seen(Struct, frozen=True):
    told: Told
    bought: Bought
    ahead: Prospects

    @classmethod
    def of(cls, db: sa.Connection, span: Span, outlook: Outlook) -> "_Seen":
        books = bought(db, span)
        names = {who: one.name for who, one in books.members.items()}
        return cls(told(db, span, names), books, outlook(db))


def _beside(seen: _Seen, span: Span, saying: Saying) -> Counted:
    first = {who: talks[0].astimezone(span.zone).date() for who, talks in seen.told.visits.items() if talks}
    days = visits(seen.bought.year)
    start = span.until - timedelta(days=365) + QUARTER  # before it the books hold no quarter to compare
    found = matched.pairs(
        {who: day for who, day in first.items() if day >= start},
        first,
        days,
        {who: one.joined.date() for who, one in seen.bought.members.items()},
        span.until,
    )
    worth = {who: one.clv_minor for who, one in seen.ahead.worths.items()}
    return beside(found, days, seen.bought.members, worth, saying)
