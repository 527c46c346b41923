"""Takings: what was bought, less what came back; points given, spent and lost. Every call blocks."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty import tables as t
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.judgement import Returned
from shopbell.loyalty.registry import customer_table

_BUYER = sa.func.coalesce(r.claim.c.customer, r.purchase.c.customer)
_SALES = (
    sa.select(r.purchase.c.id, _BUYER, r.purchase.c.at, r.purchase.c.day, r.purchase.c.amount)
    .join_from(r.purchase, r.claim, r.claim.c.purchase == r.purchase.c.id, isouter=True)
    .where(r.purchase.c.day >= sa.bindparam("since"), r.purchase.c.day <= sa.bindparam("until"))
    .order_by(r.purchase.c.at, r.purchase.c.id)
)
_LAST = sa.select(sa.func.max(r.reversal.c.id)).group_by(r.reversal.c.purchase)
_BACK = sa.select(r.reversal.c.purchase, r.reversal.c.kind, r.reversal.c.returned).where(
    r.reversal.c.id.in_(_LAST)
)
_POINTS = (
    sa.select(t.entry.c.owner, t.account.c.kind, sa.func.sum(t.posting.c.points))
    .join_from(t.posting, t.account, t.account.c.id == t.posting.c.account)
    .join(t.entry, t.entry.c.seq == t.posting.c.entry)
    .where(
        t.account.c.owner == "",
        t.account.c.unit == "points",
        t.entry.c.at >= sa.bindparam("since"),
        t.entry.c.at < sa.bindparam("until"),
    )
    .group_by(t.entry.c.owner, t.account.c.kind)
)
_LIVE = (
    sa.select(r.merge.c.source, r.merge.c.target)
    .join_from(r.merge, r.unmerge, r.unmerge.c.merge == r.merge.c.id, isouter=True)
    .where(r.unmerge.c.merge.is_(None))
)


class Taking(Struct, frozen=True):
    """One sale, less what came back of it."""

    customer: str
    """Who it belongs to now; empty: nobody was known."""
    at: str
    """ISO time in UTC."""
    day: date
    """Of the shop's calendar."""
    amount: int
    """Minor units."""


class Purse(Struct, frozen=True, kw_only=True):
    """What became of one customer's points in a span of time."""

    issued: int = 0
    redeemed: int = 0
    expired: int = 0


class Member(Struct, frozen=True, kw_only=True):
    """A customer, as far as figures ask."""

    id: str
    name: str
    joined: datetime
    born: int = 0
    """Year; 0: not known."""
    tier: str = ""
    segments: tuple[str, ...] = ()


class _Standing(Struct, frozen=True):
    tier: str = ""
    segments: tuple[str, ...] = ()


_standing = msgspec.json.Decoder(_Standing)
_returned = msgspec.json.Decoder(tuple[Returned, ...])


def takings(db: sa.Connection, since: date, until: date) -> tuple[Taking, ...]:
    """Return the sales of these days in order; one that came back whole is left out."""
    back = {row.purchase: _amount(row.returned) for row in db.execute(_BACK)}
    into = heirs(db)
    rows = db.execute(_SALES, {"since": since.isoformat(), "until": until.isoformat()}).all()
    days: dict[str, date] = {}
    found = []
    for number, customer, at, day, amount in rows:
        if day not in days:
            days[day] = date.fromisoformat(day)
        left = amount - back.get(number, 0) if back else amount
        if left > 0:
            found.append(Taking(into.get(customer, customer), at, days[day], left))
    return tuple(found)


def purses(db: sa.Connection, since: datetime, until: datetime) -> dict[str, Purse]:
    """Return what became of points, by customer."""
    sums: dict[str, Counter[str]] = {}
    into = heirs(db)
    for owner, kind, points in db.execute(_POINTS, {"since": stamp(since), "until": stamp(until)}):
        sums.setdefault(into.get(owner, owner), Counter())[kind] += int(points)
    return {
        owner: Purse(issued=max(0, -found["issued"]), redeemed=found["redeemed"], expired=found["expired"])
        for owner, found in sums.items()
        if owner
    }


def members(db: sa.Connection) -> dict[str, Member]:
    """Return every customer whose record stands."""
    who = customer_table.c
    query = (
        sa.select(who.id, who.name, who.joined_at, who.birthday, r.standing.c.body)
        .join_from(customer_table, r.standing, r.standing.c.customer == who.id, isouter=True)
        .where(who.status == "active")
    )
    return {
        ident: _member(ident, name, joined, born or "", body or "")
        for ident, name, joined, born, body in db.execute(query)
    }


def _member(ident: str, name: str, joined: str, born: str, body: str) -> Member:
    stands = _standing.decode(body) if body else _Standing()
    return Member(
        id=ident,
        name=name,
        joined=datetime.fromisoformat(joined),
        born=int(born[:4]) if born else 0,
        tier=stands.tier,
        segments=stands.segments,
    )


def _amount(returned: str) -> int:
    return sum(one.amount for one in _returned.decode(returned)) if returned else 0


def heirs(db: sa.Connection) -> Mapping[str, str]:
    """Return which record remains, for each that was merged into another."""
    into = {str(source): str(target) for source, target in db.execute(_LIVE)}
    found = {}
    for source in into:
        last = source
        while last in into:
            last = into[last]
        found[source] = last
    return found
