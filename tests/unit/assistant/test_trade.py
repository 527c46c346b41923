"""What the till told of a day."""

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.assistant.numbers import Tally
from shopbell.assistant.staffwire import Trade
from shopbell.assistant.store import EventLog
from shopbell.assistant.trade import trading
from tests.fakes.club import DAY, T0, ShopFloor

ZONE = ZoneInfo("Europe/London")


def test_sales_and_points_of_one_day(engine: sa.Engine) -> None:
    """Two sales, one of them to a member, and a return; what was sold the day after is not of this day."""
    floor = ShopFloor(engine)
    floor.buy(1_250, who="ann")
    back = floor.buy(400, 350, who="")
    floor.refund(back, "2")
    floor.now += DAY
    floor.buy(900, who="ben")
    first, second, third = (trading(engine, ZONE, "EUR")(T0.date() + n * DAY) for n in range(3))
    assert first == Trade(sales=2, amount="€16.50", known=1, known_amount="€12.50", issued=12, redeemed=0)
    assert (second.sales, second.amount, second.issued) == (1, "€9.00", 9)
    assert third == Trade(sales=0, amount="€0.00", known=0, known_amount="€0.00", issued=0, redeemed=0)


def test_points_spent_are_told_in_points(engine: sa.Engine) -> None:
    """A reward that was handed out counts with what it cost."""
    floor = ShopFloor(engine)
    floor.buy(2_000, who="ann")
    held = floor.club.reserve("ann", "five-off", floor.now, key="k1")
    floor.club.redeem(held.code, floor.now)
    assert trading(engine, ZONE, "EUR")(T0.date()).redeemed == 10


def test_a_shop_without_a_programme_tells_no_sales(engine: sa.Engine) -> None:
    """Only with a programme does a till tell anything; with one the day's figures hold it."""
    tally = Tally(EventLog(engine), ZONE)
    assert tally.on(T0.date()).trade is None
    tally.sell(trading(engine, ZONE, "EUR"))
    told = tally.on(T0.date()).trade
    assert told is not None
    assert told.sales == 0
