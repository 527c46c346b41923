"""Trade: what the till told of one day, and what became of points, beside the figures of conversations."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy.engine import Engine

from shopbell.assistant.staffwire import Trade
from shopbell.loyalty.money import money
from shopbell.loyalty.takings import purses, takings
from shopbell.storage.database import reading

Trading = Callable[[date], Trade]
"""Tells the trade of one day of the shop's calendar. It blocks."""


def trading(engine: Engine, zone: tzinfo, currency: str) -> Trading:
    """Return what tells the trade of a shop whose days begin and end in `zone`."""

    def on(day: date) -> Trade:
        start = datetime.combine(day, time(), tzinfo=zone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        with reading(engine) as db:
            sales, points = takings(db, day, day), purses(db, start, end).values()
        known = [sale for sale in sales if sale.customer]
        return Trade(
            sales=len(sales),
            amount=money(sum(sale.amount for sale in sales), currency),
            known=len(known),
            known_amount=money(sum(sale.amount for sale in known), currency),
            issued=sum(one.issued for one in points),
            redeemed=sum(one.redeemed for one in points),
        )

    return on
