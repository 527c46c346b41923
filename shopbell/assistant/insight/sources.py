"""Sources: what figures are counted from, read from the shop's database. Every call blocks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.insight.pleasing import Score
from shopbell.assistant.insight.talks import LASTING, Talk, talks_of
from shopbell.assistant.outreach.tables import COUNTED, letter_table
from shopbell.assistant.store import conversation_table, event_table
from shopbell.loyalty.adjustments import given_by_hand
from shopbell.loyalty.casebook import case_table
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.registry import unstamp
from shopbell.loyalty.takings import Member, Purse, Taking, members, purses, takings

QUARTER = timedelta(days=90)
YEAR = timedelta(days=365)
_TALK = conversation_table.c
_recognised = msgspec.json.Decoder(e.Event)


class Span(Struct, frozen=True, kw_only=True):
    """Days of the shop's calendar, both included."""

    since: date
    until: date
    zone: tzinfo

    @classmethod
    def ending(cls, until: date, days: int, zone: tzinfo) -> "Span":
        """Return so many days, of which `until` is the last."""
        return cls(since=until - timedelta(days=days - 1), until=until, zone=zone)

    @property
    def start(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.since, time(), tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return datetime.combine(self.until + timedelta(days=1), time(), tzinfo=self.zone)


class Told(Struct, frozen=True, kw_only=True):
    """What conversations tell."""

    talks: tuple[Talk, ...]
    """Those that began in the span."""
    visits: Mapping[str, Sequence[datetime]]
    """Customer -> when each of their conversations began, whenever that was."""
    nps: tuple[Score, ...]
    """Of the span, and of the 90 days up to its end."""
    open_cases: int
    """Complaints and call-backs nobody closed."""


class Bought(Struct, frozen=True, kw_only=True):
    """What the books tell."""

    year: tuple[Taking, ...]
    members: Mapping[str, Member]
    purses: Mapping[str, Purse]
    given: Mapping[str, tuple[str, ...]]
    """Customer -> what they were given in 90 days: goodwill, or an offer."""

    def between(self, since: date, until: date) -> tuple[Taking, ...]:
        """Return the sales of these days."""
        return tuple(sale for sale in self.year if since <= sale.day <= until)


def told(db: sa.Connection, span: Span, names: Mapping[str, str]) -> Told:
    """Read the conversations of a span; `names` are those of customers."""
    visits = _visits(db)
    start, end = span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat()
    query = (
        sa.select(event_table)
        .join_from(event_table, conversation_table, _TALK.id == event_table.c.conversation)
        .where(_TALK.started_at >= start, _TALK.started_at < end)
        # A visit to an old conversation after its week counts as coming back, later ones do not matter.
        .where(event_table.c.at < (span.end + LASTING).astimezone(UTC).isoformat())
        .order_by(event_table.c.seq)
    )
    entries = (_entry(row) for row in db.execute(query).all())
    return Told(
        talks=talks_of(entries, visits),
        visits=visits,
        nps=_nps(db, min(span.start, span.end - QUARTER), span.end, names),
        open_cases=_open_cases(db),
    )


def bought(db: sa.Connection, span: Span) -> Bought:
    """Read a year of the books, up to the end of the span."""
    return Bought(
        year=takings(db, span.until - YEAR, span.until),
        members=members(db),
        purses=purses(db, span.end - YEAR, span.end),
        given=_given(db, span.end),
    )


def _entry(row: sa.Row[tuple[object, ...]]) -> e.Logged:
    return e.Logged(
        seq=row.seq,
        conversation=row.conversation,
        at=datetime.fromisoformat(row.at),
        event=e.decode(row.body),
    )


def _visits(db: sa.Connection) -> dict[str, list[datetime]]:
    query = (
        sa.select(_TALK.id, _TALK.started_at, event_table.c.body)
        .join_from(event_table, conversation_table, _TALK.id == event_table.c.conversation)
        .where(event_table.c.kind == e.Recognised.__name__)
        .order_by(_TALK.started_at)
    )
    found: dict[str, dict[str, datetime]] = {}
    for talk, at, body in db.execute(query):
        event = _recognised.decode(body)
        if isinstance(event, e.Recognised) and event.customer and event.level in {"verified", "vouched"}:
            found.setdefault(event.customer, {})[talk] = datetime.fromisoformat(at)
    return {customer: sorted(talks.values()) for customer, talks in found.items()}


def _nps(db: sa.Connection, start: datetime, end: datetime, names: Mapping[str, str]) -> tuple[Score, ...]:
    case = case_table.c
    query = (
        sa.select(case.customer, case.conversation, case.at, case.score)
        .where(case.kind == "nps", case.score.is_not(None))
        .where(case.at >= stamp(start), case.at < stamp(end))
        .order_by(case.seq)
    )
    return tuple(
        Score(
            customer=row.customer,
            name=names.get(row.customer, ""),
            conversation=row.conversation,
            at=unstamp(row.at),
            score=row.score,
        )
        for row in db.execute(query)
    )


def _open_cases(db: sa.Connection) -> int:
    case = case_table.c
    query = sa.select(sa.func.count()).where(
        case.kind.in_(["complaint", "call-back"]), case.closed_at.is_(None)
    )
    return int(db.execute(query.select_from(case_table)).scalar_one())


def _given(db: sa.Connection, end: datetime) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for customer, _, points, at in given_by_hand(db):
        if end - QUARTER <= at < end:
            found[customer] = (*found.get(customer, ()), f"{points} points as goodwill")
    letter = letter_table.c
    query = sa.select(letter.customer, letter.trigger).where(
        letter.state.in_(COUNTED), letter.reached_at >= stamp(end - QUARTER), letter.reached_at < stamp(end)
    )
    for customer, trigger in db.execute(query):
        found[customer] = (*found.get(customer, ()), f"a message: {trigger}")
    return found
