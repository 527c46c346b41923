"""The demo shop's year: loaded in slices beside an open shop, gone on with after a stop."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from shopbell.loyalty import demo
from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.simulation import Ware, Year, simulate
from tests.fakes.till import PROGRAMME

ZONE = ZoneInfo("Europe/London")


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.fixture
def room(sqlite_shop: sa.Engine, tmp_path: Path) -> Backroom:
    """Give a shop without customers."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "programme.toml").write_text(PROGRAMME)
    return open_backroom(
        sqlite_shop, shop, tmp_path, About(currency="GBP", timezone="Europe/London", region="GB")
    )


@pytest.fixture
def year() -> Year:
    """Give two months of a small shop."""
    whole = simulate(1, 2026, [Ware(sku="A", name="Tea", category="Tea", price=300)], zone=ZONE, customers=5)
    last = next(event.at for event in whole.events if event.at.date() >= date(2026, 3, 1))
    return demo.span(whole, whole.events[0].at, last)


def test_a_year_stopped_half_way_is_gone_on_with(room: Backroom, sqlite_shop: sa.Engine, year: Year) -> None:
    """After a stop the rest is added, and the books are those of a year loaded in one go."""
    rests = 0

    def stop_after_three_slices() -> None:
        nonlocal rests
        rests += _purchases(sqlite_shop) > 0  # it rests after each new customer too
        if rests == 3:
            raise Stopped

    with pytest.raises(Stopped):
        demo.load_year(room, sqlite_shop, year, progress=lambda *_: None, rest=stop_after_three_slices)
    assert 0 < _purchases(sqlite_shop) < len(year.events)
    again = demo.load_year(room, sqlite_shop, year, progress=lambda *_: None)
    assert again.repeated > 0
    assert again.repeated + again.sales + again.returns == len(year.events)
    assert room.club.verify().fault is None
    assert demo.load_year(room, sqlite_shop, year, progress=lambda *_: None).sales == 0


def test_a_slice_is_small(room: Backroom, sqlite_shop: sa.Engine, year: Year) -> None:
    """Between two rests no more than twenty sales go in, so that a till waits for a moment only."""
    seen = [0]
    demo.load_year(
        room, sqlite_shop, year, progress=lambda *_: None, rest=lambda: seen.append(_purchases(sqlite_shop))
    )
    assert max(after - before for before, after in pairwise(seen)) <= 20
    assert len(seen) > 3


def test_the_calendar_knows_that_the_year_is_being_loaded(tmp_path: Path) -> None:
    """The mark stands from the beginning to the end of the loading, also after a stop."""
    assert not demo.is_filling(tmp_path)
    demo.mark_filling(tmp_path, filling=True)
    assert demo.is_filling(tmp_path)
    demo.mark_filling(tmp_path, filling=False)
    assert not demo.is_filling(tmp_path)


def _purchases(engine: sa.Engine) -> int:
    with engine.connect() as db:
        return int(db.execute(sa.text("SELECT count(*) FROM purchase")).scalar_one())
