"""Outcomes: what customers did after they were drawn for a campaign, read from the books. Blocks."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shopbell.assistant.outreach.lift import Drawn, Lift, lift
from shopbell.assistant.outreach.plan import Outreach, Trigger
from shopbell.assistant.outreach.tables import COUNTED, letter_table
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.money import minor
from shopbell.loyalty.records import claim, purchase
from shopbell.loyalty.registry import unstamp
from shopbell.storage.database import reading

_table = letter_table.c


def lifts(engine: Engine, rules: Outreach, currency: str, now: datetime) -> tuple[Lift, ...]:
    """Return the lift of every campaign whose draws are old enough, the newest first.

    A customer counts once in a campaign, by the first draw.
    """
    days = timedelta(days=rules.compare_days)
    with reading(engine) as db:
        old = _table.drawn_at <= stamp(now - days)
        query = sa.select(letter_table).where(old).order_by(_table.drawn_at)
        groups: dict[str, dict[str, sa.Row[tuple[object, ...]]]] = defaultdict(dict)
        for row in db.execute(query):
            groups[row.campaign].setdefault(row.customer, row)
        found = []
        for campaign, rows in groups.items():
            arms: dict[str, list[Drawn]] = {"treated": [], "held": []}
            for row in rows.values():
                arms[row.arm].append(_after(db, row.customer, unstamp(row.drawn_at), days))
            sent = sum(row.state in COUNTED for row in rows.values())
            each = minor(_cost(rules, campaign), currency)
            found.append(lift(campaign, arms["treated"], arms["held"], sent=sent, each_minor=each))
    return tuple(reversed(found))


def _cost(rules: Outreach, campaign: str) -> Decimal:
    trigger = campaign.rpartition("-")[0]
    known: tuple[Trigger, ...] = get_args(Trigger)
    return next((rules.rule(one).cost for one in known if one == trigger), Decimal(0))


def _after(db: Connection, customer: str, drawn_at: datetime, days: timedelta) -> Drawn:
    """Return what a customer bought in the days after the draw."""
    buyer = sa.func.coalesce(claim.c.customer, purchase.c.customer)
    query = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(purchase.c.amount), 0))
        .select_from(purchase.join(claim, claim.c.purchase == purchase.c.id, isouter=True))
        .where(buyer == customer, purchase.c.at > stamp(drawn_at), purchase.c.at <= stamp(drawn_at + days))
    )
    visits, spent = db.execute(query).one()
    return Drawn(bool(visits), int(spent))
