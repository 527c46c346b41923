"""What comes late or too early: a day closed while it goes on, receipts out of their order."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from shopbell.loyalty.errors import BadOperation
from tests.fakes.club import DAY, TEXT, ShopFloor

MORTAL = TEXT.replace("[version.points]", '[version.points]\nexpires = "1 day"')
VISITS = TEXT.replace(
    "[version.tiers]",
    '[[version.rule]]\nkind = "visit"\nid = "visit"\npoints = 2\n[version.tiers]',
)


def test_closing_today_loses_nobody_a_point_before_its_time(sqlite_shop: sa.Engine) -> None:
    """Points that are lost at noon are on the sheet of that morning, and can be spent until noon."""
    floor = ShopFloor(sqlite_shop, text=MORTAL)
    floor.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    floor.buy(500)
    floor.now = datetime(2026, 3, 3, 10, tzinfo=UTC)
    sheet = floor.club.close_day(floor.now.date(), now=floor.now)
    assert sheet.at == floor.now
    assert next(unit for unit in sheet.units if unit.unit == "points").liability == 5
    assert floor.has() == 5
    floor.buy(300)
    floor.now += DAY
    later = floor.club.close_day(floor.now.date() - DAY, now=floor.now)
    assert later == sheet
    following = floor.club.close_day(floor.now.date(), now=floor.now)
    assert next(unit for unit in following.units if unit.unit == "points").issued == 3


def test_a_day_that_is_yet_to_come_cannot_be_closed(sqlite_shop: sa.Engine) -> None:
    """Tomorrow's sheet would take points that are not lost yet."""
    floor = ShopFloor(sqlite_shop)
    with pytest.raises(BadOperation, match="yet to come"):
        floor.club.close_day(floor.now.date() + DAY, now=floor.now)


def test_a_late_receipt_does_not_count_a_later_day_twice(sqlite_shop: sa.Engine) -> None:
    """Tuesday's visit counts once, though Monday's receipt came between two of Tuesday's."""
    floor = ShopFloor(sqlite_shop, text=VISITS)
    tuesday = floor.now + DAY
    floor.now = tuesday
    assert "visit" in {one.rule for one in floor.buy(500).gained}
    floor.now = tuesday - DAY
    late = floor.sale(500)
    floor.now = tuesday
    floor.club.record_sale(late, floor.now)
    assert "visit" not in {one.rule for one in floor.buy(500).gained}
    assert floor.club.standing("ann", floor.now).last_purchase == tuesday.date()
