"""Daily: what the calendar brings to everybody, once a day, without keeping the tills waiting."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import DayDone
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.closing import CloseSheet
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.house import Shop
from shopbell.loyalty.joining import give_bonuses
from shopbell.loyalty.lapsing import lapse
from shopbell.loyalty.ledger import Ledger
from shopbell.loyalty.members import load_standing, lock, save_standing
from shopbell.loyalty.operations import CloseDay, Rate
from shopbell.loyalty.passes import use_due
from shopbell.loyalty.redeeming import release_late
from shopbell.loyalty.registry import customer_table
from shopbell.loyalty.span import midnight
from shopbell.loyalty.tiers import reassess

_BATCH = 100
_DUE = (
    sa.select(customer_table.c.id)
    .join_from(customer_table, r.standing, r.standing.c.customer == customer_table.c.id, isouter=True)
    .where(
        customer_table.c.status == "active",
        sa.func.coalesce(r.standing.c.reviewed, "") < sa.bindparam("today"),
        customer_table.c.joined_at <= sa.bindparam("now"),
    )
    .order_by(customer_table.c.id)
    .limit(_BATCH)
)


def day_done(engine: sa.Engine, shop: Shop, now: datetime) -> DayDone:
    """Do all that is due by `now`; done again the same day, it finds nothing left to do."""
    ledger = Ledger(engine)
    with engine.begin() as db:
        lock(db)
        released = release_late(db, shop, now)
    matured, expired = ledger.mature(now), ledger.expire(now)
    lapsed = bonuses = moved = 0
    due = _BATCH
    while due == _BATCH:
        with engine.begin() as db:
            lock(db)
            today = shop.terms(now).day(now).isoformat()
            customers = db.execute(_DUE, {"today": today, "now": stamp(now)}).scalars().all()
            for customer in customers:
                one = _settle(db, shop, customer, now)
                lapsed, bonuses, moved = lapsed + one[0], bonuses + one[1], moved + one[2]
        due = len(customers)
    return DayDone(
        at=now,
        matured=matured,
        expired=expired,
        lapsed=lapsed,
        released=released,
        bonuses=bonuses,
        risen_or_fallen=moved,
    )


def close(engine: sa.Engine, shop: Shop, day: date, actor: str, now: datetime | None) -> CloseSheet:
    """Write the sheet of a day at its end on the shop's clock, with what points and balances cost.

    A day that still goes on at `now` is closed as it stands: no point is lost before its time, and what comes
    later is on the next sheet. Raises `BadOperation` for a day that is yet to come.
    """
    zone = ZoneInfo(shop.programme.timezone)
    end = midnight(date.fromordinal(day.toordinal() + 1), zone)
    if now is not None:
        if now < midnight(day, zone):
            raise BadOperation(f"{day} is yet to come. Close today, or a day before it.")
        end = min(end, now)
    terms = shop.terms(midnight(day, zone))
    rates = [Rate(unit="points", money=shop.house.point_worth), Rate(unit="money", money=Decimal(1))]
    rates += [
        Rate(unit=f"reward:{one.id}", money=Decimal(terms.minor(one.worth))) for one in terms.version.reward
    ]
    return Ledger(engine).close_day(CloseDay(day=day, at=end, rates=tuple(rates), actor=actor))


def _settle(db: sa.Connection, shop: Shop, customer: str, now: datetime) -> tuple[int, int, int]:
    """Return entries lapsed, bonuses given, and 1 when the level changed."""
    before, terms = load_standing(db, customer, now), shop.terms(now)
    lapsed = lapse(db, before, terms, now)
    after = reassess(before, terms, now)
    after = use_due(db, after, terms, now)
    after, gained = give_bonuses(db, shop, after, now)
    save_standing(db, after)
    return lapsed, len(gained), int(after.tier != before.tier)
