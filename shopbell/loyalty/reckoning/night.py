"""The night: reckons everybody from the books, and stores what was found in one transaction."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from shopbell.loyalty.backroom import About
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.consents import PROFILING
from shopbell.loyalty.programmefile import NAME as PROGRAMME
from shopbell.loyalty.programmefile import load
from shopbell.loyalty.purchases import next_id
from shopbell.loyalty.reckoning import tables as t
from shopbell.loyalty.reckoning.answers import CustomerWorth, Reckoning
from shopbell.loyalty.reckoning.copurchase import keep_habits
from shopbell.loyalty.reckoning.found import Found, find, still_agreed
from shopbell.loyalty.reckoning.histories import consenting
from shopbell.loyalty.reckoning.membership import keep_members
from shopbell.loyalty.reckoning.worth import AHEAD_DAYS, LEAST_VISITS, SOON_DAYS
from shopbell.loyalty.span import local_day
from shopbell.storage.database import reading
from shopbell.storage.sharing import writing

_KEPT_RUNS = 400
_AT_ONCE = 10_000
TOO_LITTLE = (
    "There are too few customers who came again, so nobody has figures of their own: everybody stands at the "
    "average, and nobody is called at risk."
)
UNTRIED = "The books are too short to try the figures on the past, so their error is not known yet."


def reckon(
    engine: sa.Engine, shop: Path, about: About, now: datetime, *, day: date | None = None
) -> Reckoning:
    """Reckon what was bought before today (or before `day`), and store it. Raises ReckoningRefused.

    Nobody waits while it is reckoned; while it is stored, who writes waits.
    """
    begun = time.monotonic()
    end = day or local_day(now, ZoneInfo(about.timezone))
    with reading(engine) as db:
        found = find(db, shop, about, end, _tiers(shop, about, now))
    with writing(engine) as db:
        return _store(db, still_agreed(found, consenting(db, PROFILING)), now, begun)


def _store(db: sa.Connection, found: Found, now: datetime, begun: float) -> Reckoning:
    keep_members(db, found.members, found.day)
    keep_habits(db, found.habits)
    _keep_worths(db, found.worths)
    db.execute(t.computed.delete())
    rows = [{"name": each.name, "body": msgspec.json.encode(each).decode()} for each in found.segments]
    if rows:
        db.execute(t.computed.insert(), rows)
    valued = found.valued
    run = Reckoning(
        id=next_id(db, t.reckoning),
        at=now,
        day=found.day,
        customers=found.customers,
        reckoned=len(found.worths),
        at_risk=sum(each.at_risk for each in found.worths),
        purchases=found.purchases,
        ahead_days=AHEAD_DAYS,
        soon_days=SOON_DAYS,
        least_visits=LEAST_VISITS,
        parameters=found.parameters,
        held_out=valued.held_out,
        seconds=round(time.monotonic() - begun, 2),
        note=TOO_LITTLE if valued.fitted is None else UNTRIED if valued.held_out is None else "",
    )
    body = msgspec.json.encode(run).decode()
    db.execute(t.reckoning.insert().values(id=run.id, at=stamp(now), day=run.day.isoformat(), body=body))
    db.execute(t.reckoning.delete().where(t.reckoning.c.id <= run.id - _KEPT_RUNS))
    return run


def _keep_worths(db: sa.Connection, worths: Sequence[CustomerWorth]) -> None:
    db.execute(t.worth.delete())
    for start in range(0, len(worths), _AT_ONCE):
        rows = [
            {
                "customer": each.customer,
                "clv": each.clv_minor,
                "at_risk": int(each.at_risk),
                "stake": each.stake_minor,
                "body": msgspec.json.encode(each).decode(),
            }
            for each in worths[start : start + _AT_ONCE]
        ]
        db.execute(t.worth.insert(), rows)


def _tiers(shop: Path, about: About, now: datetime) -> Mapping[str, str]:
    """Return the names of the levels in force; none without a programme."""
    if not (shop / PROGRAMME).is_file():
        return {}
    programme = load(shop, currency=about.currency, timezone=about.timezone)
    terms = programme.terms_at(now)
    tiers = terms.version.tiers if terms else None
    return {tier.id: tier.label for tier in tiers.tier} if tiers else {}
