"""The figures over a real log and real books: read, followed to their rows, kept by the week, written."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.insight import trends
from shopbell.assistant.insight.assumptions import FiguresSettings
from shopbell.assistant.insight.book import About, FigureBook
from shopbell.assistant.insight.errors import NoSuchFigure, ReportRefused
from shopbell.assistant.insight.monday import Weekly, keep_weeks
from shopbell.assistant.insight.report import write_digest, write_report
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.insight.staging import stage
from shopbell.assistant.store import EventLog
from shopbell.loyalty.backroom import About as ClubAbout
from shopbell.loyalty.backroom import Backroom, open_backroom
from shopbell.loyalty.simulation import Ware, simulate
from tests.fakes.figures import FIGURES, fill_books
from tests.fakes.till import PROGRAMME
from tests.fakes.web import SETTINGS

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, 12, tzinfo=ZONE)
ABOUT = About(shop="Lantern", currency="GBP", zone=ZONE, assumed=FiguresSettings(few=5), tiers={"": "Spark"})


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path) -> Backroom:
    """Give a shop with a programme, and a year of 130 customers in its books."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "programme.toml").write_text(PROGRAMME)
    year = simulate(1, 2026, [Ware(sku="A", name="Tea", price=300)], zone=ZONE, customers=130)
    people = tuple(one for one in year.people if one.customer.joined_at <= NOW)
    kept = tuple(one for one in year.events if one.at <= NOW)
    fill_books(engine, msgspec.structs.replace(year, people=people, events=kept))
    return open_backroom(
        engine, shop, tmp_path, ClubAbout(currency="GBP", timezone="Europe/London", region="GB")
    )


def month() -> Span:
    return Span.ending(NOW.date(), 28, ZONE)


def test_no_figure_of_the_demo_is_empty(engine: sa.Engine, room: Backroom) -> None:
    """Made-up conversations make every figure speak but those of points and worth."""
    assert stage(engine, room, 1, NOW) > 100
    found = FigureBook(engine, ABOUT).figures(month(), NOW)
    silent = {one.id for one in found.figures if one.whole.value is None}
    assert silent == {"redemption", "breakage", "clv", "lift"}
    assert "demo" in found.made_up
    assert found.advice
    assert {one.id for one in found.series} == {
        "talks",
        "sales",
        "trend-resolution",
        "trend-csat",
        "trend-nps",
    }
    assert stage(engine, room, 1, NOW) == 0


def test_a_figure_is_followed_down_to_its_rows(engine: sa.Engine, room: Backroom) -> None:
    """The rows are as many as were counted, of one part if one is named; an unknown figure is refused."""
    stage(engine, room, 1, NOW)
    book = FigureBook(engine, ABOUT)
    reach = next(one for one in book.figures(month(), NOW).figures if one.id == "reach")
    rows = book.rows(month(), NOW, "reach")
    assert len(rows.rows) + rows.more == reach.rows == reach.whole.n
    assert {row.part for row in book.rows(month(), NOW, "reach", "kiosk").rows} == {"kiosk"}
    assert book.rows(month(), NOW, "matched").rows[0].kind == "customer"
    with pytest.raises(NoSuchFigure, match="There are: reach"):
        book.rows(month(), NOW, "luck")


def test_who_comes_back_within_a_day_was_not_helped(engine: sa.Engine) -> None:
    """A known customer's second conversation, hours later, takes the first one's resolution back."""
    log = EventLog(engine)
    for number, hours in enumerate((100.0, 90.0)):
        at = datetime(2026, 11, 21, tzinfo=UTC) - timedelta(hours=hours)
        events: list[e.Event] = [
            e.Opened(channel="web"),
            e.Recognised(customer="c1"),
            e.CustomerSaid(text="Hello", key="k"),
            e.Replied(reply=f"r{number}", answers=(), text="At nine.", rung="faq", subject="hours#open"),
        ]
        past = [(at + timedelta(seconds=n), event) for n, event in enumerate(events)]
        assert log.take_in(f"t{number}", f"token{number}", "web", past)
    outcomes = {
        row.id: row.outcome for row in FigureBook(engine, ABOUT).rows(month(), NOW, "resolution").rows
    }
    assert outcomes == {"t0": "taken back", "t1": "assumed"}


def test_past_weeks_are_kept_once(engine: sa.Engine, room: Backroom) -> None:
    """What was kept stays, also when its conversations are gone; the same week is not kept twice."""
    stage(engine, room, 1, NOW)
    with engine.connect() as db:
        kept = db.execute(sa.select(sa.func.count()).select_from(trends.figure_week)).scalar_one()
    assert kept == 20
    assert trends.keep(engine, ABOUT.saying, NOW) == 0
    assert trends.keep(engine, ABOUT.saying, NOW + timedelta(days=2)) == 1


def test_an_empty_shop_is_told_so(engine: sa.Engine) -> None:
    """Without a conversation and a sale every figure is there and silent, and nothing is advised."""
    found = FigureBook(engine, ABOUT).figures(month(), NOW)
    assert len(found.figures) >= 18
    assert all(one.whole.value is None and one.whole.silent for one in found.figures)
    assert not found.advice
    assert not found.warnings


def test_the_report_is_written_in_three_forms(tmp_path: Path) -> None:
    """One page without scripts and foreign files, JSON as on the wire, a PDF; another ending is refused."""
    for ending in ("html", "json", "pdf"):
        write_report(FIGURES, tmp_path / f"week.{ending}")
    page = (tmp_path / "week.html").read_text()
    assert "96 %" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert json.loads((tmp_path / "week.json").read_bytes())["shop"] == FIGURES.shop
    assert (tmp_path / "week.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(ReportRefused, match="html"):
        write_report(FIGURES, tmp_path / "week.docx")


def test_the_digest_fits_on_one_page(tmp_path: Path) -> None:
    """It names who slips away, what was saved and earned, and what to do; as PDF it is one page."""
    for ending in ("txt", "html", "pdf"):
        write_digest(FIGURES, tmp_path / f"digest.{ending}")
    text = (tmp_path / "digest.txt").read_text()
    assert all(words in text for words in ("Niamh Fennmere", "£171", "£73.70", "1. Write better answers"))
    assert (tmp_path / "digest.pdf").read_bytes().count(b"/Type /Page\n") == 1


def test_words_of_people_are_inert(tmp_path: Path) -> None:
    """A name that is markup is text on the page, and one in letters the PDF lacks does no harm."""
    named = msgspec.structs.replace(FIGURES.slipping[0], name="<b onclick=x>Łucja 李</b>")
    write_report(msgspec.structs.replace(FIGURES, slipping=(named,)), tmp_path / "week.html")
    assert "<b onclick" not in (tmp_path / "week.html").read_text()
    write_report(msgspec.structs.replace(FIGURES, slipping=(named,)), tmp_path / "week.pdf")


def test_the_digest_is_written_on_mondays_if_the_owner_asks(engine: sa.Engine, tmp_path: Path) -> None:
    """Without the setting nothing is written; with it, one file for each week."""
    weekly = Weekly(engine=engine, shop=tmp_path, settings=SETTINGS, digests=tmp_path / "digests")
    assert keep_weeks(weekly, NOW) is None
    asked = msgspec.structs.replace(SETTINGS, figures=FiguresSettings(digest=True))
    weekly = msgspec.structs.replace(weekly, settings=asked)
    written = keep_weeks(weekly, NOW)
    assert written is not None
    assert written.name == "week-to-2026-11-15.txt"
    assert keep_weeks(weekly, NOW) is None
