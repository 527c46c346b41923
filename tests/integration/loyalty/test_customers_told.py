"""What the shop writes, what customers say, and what is counted of both, on PostgreSQL."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant.feedback.comments import comments
from shopbell.assistant.feedback.scores import csat, nps
from shopbell.assistant.feedback.tasks import follow_up
from shopbell.assistant.insight.monday import Weekly, keep_weeks
from shopbell.assistant.insight.opening import figure_book
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.outreach.errors import NoSuchLetter
from shopbell.assistant.outreach.optout import token
from shopbell.assistant.outreach.outcomes import lifts
from shopbell.assistant.outreach.plan import Rule
from shopbell.assistant.outreach.tables import letter_table
from shopbell.assistant.store import EventLog
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.sale import Line, Sale
from tests.fakes.mailserver import mail_server
from tests.unit.assistant.outreach.conftest import DAY, Writing

pytestmark = pytest.mark.postgres


@pytest.fixture
def shop(postgres_url: sa.URL, tmp_path: Path) -> Writing:
    """Give a shop whose books are in PostgreSQL."""
    return Writing(tmp_path, url=postgres_url, expires="90 days", birthday=Rule(mode="auto"))


def _sell(shop: Writing, who: str, number: int) -> None:
    line = Line(id="1", sku="M", name="Mug", amount=900)
    sale = Sale(source="till", external_id=str(number), at=shop.now, customer=who, lines=(line,))
    shop.room.club.record_sale(sale, shop.now)


async def test_letters_go_their_whole_way(shop: Writing) -> None:
    """Found, drafted, refused, released, sent once, shown once, answered by one tap, counted."""
    shop.join(born=date(1990, 11, 24))
    shop.join("ben", email=False)
    _sell(shop, "ann", 1)
    shop.now += 4 * DAY
    found = {one.trigger for one in shop.parts.occasions.find(shop.rules.on, shop.now)}
    assert {"welcome", "after_purchase"} <= found
    judging = shop.parts.judging
    async with mail_server(shop.folder) as server:
        office = shop.office(server)
        assert await office.draft() >= 3
        mine = {one.trigger: one for one in judging.letters("waiting") if one.customer == "ann"}
        judging.refuse(mine["after_purchase"].id, "sam", "Not now.")
        judging.release(mine["welcome"].id, "sam", shop.now)
        assert await office.send() == ["sent"]
        assert await office.send() == []
        (note,) = [one for one in judging.letters("waiting") if one.customer == "ben"]
        judging.release(note.id, "sam", shop.now)
        assert "Hello Ben" in await office.note_for("ben")
        with pytest.raises(sa.exc.IntegrityError), shop.engine.begin() as db:
            db.execute(letter_table.update().values(state="released"))
        with pytest.raises(NoSuchLetter):
            shop.parts.optout.stop(f"{note.id}.{'0' * 32}", shop.now)
        shop.parts.optout.stop(token(b"secret", mine["welcome"].id), shop.now)
        assert not [
            one for one in shop.parts.occasions.find(shop.rules.on, shop.now) if one.customer == "ann"
        ]
    assert len(server.mail) == 1
    assert lifts(shop.engine, shop.rules, "EUR", shop.now + 60 * DAY)
    assert judging.count() == 0
    shop.engine.dispose()


def test_what_customers_say_is_heard_and_counted(shop: Writing) -> None:
    """Stars and answers are read, a bad one becomes one call-back, figures and weeks are counted and kept."""
    shop.join()
    log, book = EventLog(shop.engine), Casebook(shop.engine)
    log.open("t1", "token-t1", "web", shop.now)
    log.append("t1", e.Recognised(customer="ann", level="verified"), shop.now)
    log.append("t1", e.Starred(stars=1, comment="cold"), shop.now)
    book.add(Case(key="n", kind="nps", conversation="t1", at=shop.now, customer="ann", score=9))
    _sell(shop, "ann", 1)
    heard = comments(shop.engine, shop.now - DAY)
    assert sorted((one.kind, one.score) for one in heard) == [("csat", 1), ("nps", 9)]
    assert nps(heard).value is None
    assert csat(heard).value is None
    assert (follow_up(shop.engine, shop.now), follow_up(shop.engine, shop.now)) == (1, 0)
    span = Span.ending(shop.now.date(), 28, shop.settings.zone)
    figures = figure_book(shop.engine, shop.settings, shop.room.programme)
    counted = figures.figures(span, shop.now)
    assert len(counted.figures) > 15
    for one in counted.figures:
        figures.rows(span, shop.now, one.id)
    weekly = Weekly(
        engine=shop.engine, shop=shop.folder, settings=shop.settings, digests=shop.folder / "digests"
    )
    assert keep_weeks(weekly, shop.now) is None
    assert keep_weeks(weekly, shop.now + timedelta(days=7)) is None
    shop.engine.dispose()
