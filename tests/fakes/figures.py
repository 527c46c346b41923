"""Fixed figures, for the console, the page and the reports."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from shopbell.assistant.insight.book import About, FigureBook
from shopbell.assistant.insight.counting import Case, Kind, Saying
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.staffwire.figures import (
    Advice,
    Assumed,
    Figure,
    FigureRow,
    FigureRows,
    Figures,
    Point,
    Series,
    Slipping,
)
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.records import purchase
from shopbell.loyalty.registry import customer_table
from shopbell.loyalty.simulation import Year

_SAY = Saying(few=20, currency="GBP")
_MADE = datetime(2026, 11, 22, 9, tzinfo=UTC)


def _share(
    name: str, title: str, group: str, hits: int, of: int, parts: tuple[str, ...] = ("web",)
) -> Figure:
    kind = Kind(
        id=name,
        title=title,
        group=group,  # type: ignore[arg-type]  # a word of the wire
        definition="Conversations in which it was so, over all in which a customer said something.",
    )
    cases = [
        Case(
            FigureRow(
                kind="conversation",
                id=f"c-{n:03d}",
                name="web",
                at=f"2026-11-{1 + n % 21:02d}T10:{n % 60:02d}",
                outcome="answered" if n < hits else "not answered",
                part=parts[n % len(parts)],
            ),
            n < hits,
        )
        for n in range(of)
    ]
    return kind.rate(_SAY, cases).figure


def _money(name: str, title: str, value: float, n: int) -> Figure:
    kind = Kind(
        id=name,
        title=title,
        group="money",
        unit="money",
        definition="By your own assumptions.",
        method="Bootstrap",
    )
    return kind.of(_SAY.measure("", value, (value * 0.9, value * 1.1), n, "money")).figure


FIGURES = Figures(
    shop="Lantern Street Coffee & Bakery",
    currency="GBP",
    since=date(2026, 10, 26),
    until=date(2026, 11, 22),
    made_at=_MADE,
    figures=(
        _share("reach", "Reach", "assistant", 216, 226, ("web", "kiosk", "phone")),
        _share("resolution", "Resolved without a person", "assistant", 163, 209, ("confirmed", "assumed")),
        _share("handover", "Handed to a person", "assistant", 29, 226),
        _share("csat", "Satisfied with the conversation", "people", 84, 98, ("assistant", "staff")),
        _share("unserved", "Wishes for a person nobody served", "people", 1, 3),
        _share("repeat", "Came again", "customers", 336, 377, ("Spark", "Flame", "Beacon")),
        _money("saved", "Saved", 17_100, 217),
        _money("earned", "Earned", 7_370, 55),
        _share("fairness", "Who is given something", "fairness", 48, 437, ("level Spark", "level Flame")),
    ),
    series=(
        Series(
            id="talks",
            title="Conversations by day",
            name="the assistant alone",
            unit="count",
            points=tuple(
                Point(label=str(date(2026, 10, 26) + timedelta(days=n)), value=float(n % 9))
                for n in range(28)
            ),
        ),
        Series(
            id="trend-resolution",
            title="Resolved without a person",
            unit="share",
            points=tuple(
                Point(
                    label=str(date(2026, 7, 5) + timedelta(days=7 * n)),
                    value=None if n == 4 else 0.7 + n / 100,
                    low=None if n == 4 else 0.6,
                    high=None if n == 4 else 0.9,
                    n=80,
                )
                for n in range(12)
            ),
        ),
    ),
    assumed=(Assumed(key="wage", value="15.00 an hour", meaning="is what staff costs"),),
    warnings=(
        "level Flame: 4 % were given something, beside 14 % of all others (-10 points, 91 customers).",
    ),
    slipping=(
        Slipping(
            customer="c0042",
            name="Niamh Fennmere",
            why="She came every week until 18 October, and has not come for 35 days.",
            worth="£214",
        ),
    ),
    slipping_note="As of 22 November 2026: 1 of 240 customers who agreed to be reckoned.",
    advice=(
        Advice(
            what="Write better answers about repair.",
            why="Only 48 % of 40 questions about it stayed with the assistant.",
            where="console, F4: knowledge",
        ),
    ),
)
ROWS = FigureRows(
    figure="reach",
    title="Reach",
    rows=tuple(
        FigureRow(
            kind="conversation",
            id=f"c-{n:03d}",
            name="web",
            at=f"2026-11-21T10:{59 - n}",
            outcome="answered" if n % 5 else "not answered",
            part="web",
        )
        for n in range(12)
    ),
    more=214,
)
PEOPLE = FigureRows(
    figure="repeat",
    title="Repeat customers",
    rows=tuple(
        FigureRow(
            kind="customer",
            id=f"c{n:04d}",
            name=name,
            at=f"2026-11-{20 - n:02d}",
            outcome="came again" if n % 2 else "came once",
            part=part,
        )
        for n, (name, part) in enumerate(
            (
                ("Niamh Fennmere", "Beacon"),
                ("", "everybody"),
                ("Tadeusz Larkholt-Weatherington", ""),
            )
        )
    ),
)
"""Customers by name; one whose name is not told is shown by number."""
QUIET = Figures(
    shop="Lantern Street Coffee & Bakery",
    currency="GBP",
    since=date(2026, 10, 26),
    until=date(2026, 11, 22),
    made_at=_MADE,
    figures=(_share("reach", "Reach", "assistant", 2, 3),),
    slipping_note="Nobody was reckoned yet.",
)
ANSWERS: dict[str, msgspec.Struct] = {
    **{f"figures?days={days}": FIGURES for days in (7, 28, 91)},
    "figures/rows": ROWS,
}


class FakeBook(FigureBook):
    """Gives fixed figures."""

    def __init__(self, found: Figures = FIGURES) -> None:
        self.about = About(shop=found.shop, currency=found.currency, zone=UTC)
        self.found = found

    def figures(self, span: Span, now: datetime) -> Figures:
        return self.found

    def rows(self, span: Span, now: datetime, figure: str, part: str = "") -> FigureRows:
        return ROWS


def fill_books(engine: sa.Engine, year: Year) -> None:
    """Put customers and sales into the tables, without judging them: figures ask no more."""
    people = [
        {
            "id": one.customer.id,
            "name": one.customer.name,
            "birthday": one.customer.birthday.isoformat() if one.customer.birthday else None,
            "joined_at": stamp(one.customer.joined_at),
            "referral_code": one.customer.id,
            "status": "active",
        }
        for one in year.people
    ]
    blank = dict.fromkeys(("cashier", "body", "facts", "explanation", "recorded_at", "result"), "")
    sales = [
        blank
        | {
            "id": number,
            "source": one.source,
            "external_id": one.external_id,
            "at": stamp(one.at),
            "day": one.at.date().isoformat(),
            "customer": one.customer,
            "amount": one.amount,
            "request_hash": b"",
        }
        for number, one in enumerate(year.sales, 1)
    ]
    with engine.begin() as db:
        db.execute(customer_table.insert(), people)
        db.execute(purchase.insert(), sales)
