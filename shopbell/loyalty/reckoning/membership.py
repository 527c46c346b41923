"""Membership: who came into which computed segment and who left, kept with the reasons of both."""

from collections.abc import Iterable, Mapping
from datetime import date

import sqlalchemy as sa

from shopbell.loyalty.reckoning import tables as t

_AT_ONCE = 20_000
_KEPT_DAYS = 730
"""Days that an ended membership is kept."""
Now = Mapping[str, Mapping[str, str]]
"""Customer -> segment -> reason."""


def keep_members(db: sa.Connection, now: Now, day: date) -> tuple[int, int]:
    """Write down who came into segments and who left, as of a day; return how many of each.

    Customers who are not among `now` at all are forgotten: they withdrew their consent, or are gone.
    """
    stored = _open(db)
    came = [
        {"customer": who, "segment": name, "since": day.isoformat(), "reason": reason, "left_because": ""}
        for who, groups in now.items()
        for name, reason in groups.items()
        if name not in stored.get(who, {})
    ]
    left = [
        (who, name, since)
        for who, groups in stored.items()
        if who in now
        for name, since in groups.items()
        if name not in now[who]
    ]
    _forget(db, [who for who in stored if who not in now], day)
    _leave(db, left, day)
    for start in range(0, len(came), _AT_ONCE):
        db.execute(t.membership.insert(), came[start : start + _AT_ONCE])
    return len(came), len(left)


def _open(db: sa.Connection) -> dict[str, dict[str, str]]:
    columns = (t.membership.c.customer, t.membership.c.segment, t.membership.c.since)
    found: dict[str, dict[str, str]] = {}
    query = sa.select(*columns).where(t.membership.c.until.is_(None)).execution_options(yield_per=_AT_ONCE)
    for who, name, since in db.execute(query):
        found.setdefault(who, {})[name] = since
    return found


def _leave(db: sa.Connection, left: Iterable[tuple[str, str, str]], day: date) -> None:
    """End memberships; who came in on the same day was never really in."""
    same = (
        t.membership.c.customer == sa.bindparam("who"),
        t.membership.c.segment == sa.bindparam("name"),
        t.membership.c.since == sa.bindparam("begun"),
    )
    brief = [
        {"who": who, "name": name, "begun": since} for who, name, since in left if since == day.isoformat()
    ]
    ended = [
        {"who": who, "name": name, "begun": since} for who, name, since in left if since != day.isoformat()
    ]
    if brief:
        db.execute(t.membership.delete().where(*same), brief)
    if ended:
        because = f"The rule did not hold any more on {day.isoformat()}."
        values = {"until": day.isoformat(), "left_because": because}
        db.execute(t.membership.update().where(*same).values(values), ended)


def _forget(db: sa.Connection, customers: list[str], day: date) -> None:
    gone = t.membership.c.customer == sa.bindparam("who")
    if customers:
        db.execute(t.membership.delete().where(gone), [{"who": who} for who in customers])
    oldest = date.fromordinal(day.toordinal() - _KEPT_DAYS).isoformat()
    db.execute(t.membership.delete().where(t.membership.c.until < oldest))
