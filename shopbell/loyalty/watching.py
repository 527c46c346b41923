"""Watching: gathers from the books what the watch looks at."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty import tables as t
from shopbell.loyalty.adjustments import given_by_hand
from shopbell.loyalty.answers import Flag, Recorded
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.members import keeper
from shopbell.loyalty.registry import unstamp
from shopbell.loyalty.watch import (
    Limits,
    Move,
    Use,
    adjusted_and_spent,
    refund_cycles,
    shared_cards,
    top_cards,
)

_SPENDS = ("spend", "hold")


def watch(db: sa.Connection, now: datetime, days: int, limits: Limits) -> tuple[Flag, ...]:
    """Return what stands out in the last days, the gravest of each kind first."""
    since, until = stamp(now - timedelta(days=days)), stamp(now)
    names = _Names(db)
    uses = _uses(db, names, since, until)
    given = [
        Move(customer=customer, actor=actor, points=points, at=at)
        for customer, actor, points, at in given_by_hand(db)
        if since <= stamp(at) <= until
    ]
    flags = [
        *shared_cards(uses, limits),
        *top_cards(uses, limits),
        *adjusted_and_spent(given, _spent(db, names, since, until), limits),
        *refund_cycles(_returns(db, names, since, until), uses, limits),
    ]
    return tuple(sorted(flags, key=lambda flag: (flag.kind, -flag.count, flag.customer)))


class _Names(dict[str, str]):
    """The record that remains, looked up once each."""

    def __init__(self, db: sa.Connection) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, customer: str) -> str:
        self[customer] = keeper(self._db, customer)
        return self[customer]


def _uses(db: sa.Connection, names: Mapping[str, str], since: str, until: str) -> list[Use]:
    within = (r.purchase.c.at >= since, r.purchase.c.at <= until, r.purchase.c.customer != "")
    found = []
    for row in db.execute(sa.select(r.purchase).where(*within).order_by(r.purchase.c.at)).all():
        answer = msgspec.json.decode(row.result, type=Recorded)
        own = [one.points for one in answer.gained if (one.customer, one.unit) == (row.customer, "points")]
        found.append(
            Use(
                customer=names[row.customer],
                cashier=row.cashier,
                at=unstamp(row.at),
                day=date.fromisoformat(row.day),
                points=sum(own),
            )
        )
    return found


def _spent(db: sa.Connection, names: Mapping[str, str], since: str, until: str) -> list[Move]:
    within = (t.entry.c.at >= since, t.entry.c.at <= until, t.entry.c.kind.in_(_SPENDS))
    rows = db.execute(sa.select(t.entry).where(*within, t.entry.c.unit.in_(("points", "money")))).all()
    return [
        Move(customer=names[row.owner], actor=row.actor, points=row.points, at=unstamp(row.at))
        for row in rows
    ]


def _returns(db: sa.Connection, names: Mapping[str, str], since: str, until: str) -> list[Move]:
    query = (
        sa.select(r.reversal.c.at, r.reversal.c.cashier, r.purchase.c.customer, r.purchase.c.amount)
        .join_from(r.reversal, r.purchase, r.purchase.c.id == r.reversal.c.purchase)
        .where(r.reversal.c.at >= since, r.reversal.c.at <= until, r.purchase.c.customer != "")
    )
    return [
        Move(customer=names[row.customer], actor=row.cashier, points=row.amount, at=unstamp(row.at))
        for row in db.execute(query).all()
    ]
