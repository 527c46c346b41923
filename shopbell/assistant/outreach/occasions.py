"""Occasions: reads from the books who may be written to today, and the facts for it. Every call blocks."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine, Row

from shopbell.assistant.outreach.atrisk import AtRisk, Slipping
from shopbell.assistant.outreach.occasion import MARKETING, Occasion
from shopbell.assistant.outreach.plan import Trigger
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.bonuses import birthday_in
from shopbell.loyalty.cards import lapses
from shopbell.loyalty.casebook import case_table
from shopbell.loyalty.members import load_standing
from shopbell.loyalty.money import plural
from shopbell.loyalty.purchases import Bought, read_purchase
from shopbell.loyalty.records import purchase
from shopbell.loyalty.registry import consent_table, customer_table, unstamp
from shopbell.loyalty.span import midnight
from shopbell.loyalty.statement import balance
from shopbell.storage.database import reading

NEW_DAYS = 7
"""A welcome is for who joined within so many days."""
ENDING_DAYS = 30
"""Points that end within so many days are told of."""
NEAR = 0.15
"""Share of a reward's price that may be missing for it to be near."""
AFTER_DAYS = (3, 6)
"""Days after a purchase at which it is asked how it was."""
MENDED_DAYS = (2, 10)
"""Days after a complaint was settled at which it is asked whether it is right."""
AWAY_DAYS = 21
"""A message to who stays away may go within so many days of its draft."""
_DAY = timedelta(days=1)
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Member(Struct, frozen=True, kw_only=True):
    """A customer who agreed to be written to."""

    id: str
    name: str
    birthday: date | None
    joined_at: datetime


class About(Struct, frozen=True, kw_only=True):
    """What every message may name."""

    shop: str
    assistant: str


class Occasions:
    """The calendar of reasons to write."""

    def __init__(self, engine: Engine, room: Backroom, at_risk: AtRisk, about: About) -> None:
        self._engine = engine
        self._room = room
        self._at_risk = at_risk
        self._about = about
        self._finders: Mapping[Trigger, Callable[[Iterable[Member], datetime], Iterator[Occasion]]] = {
            "welcome": self._welcome,
            "birthday": self._birthday,
            "reward_near": self._reward_near,
            "points_expiring": self._points_expiring,
            "win_back": self._win_back,
            "after_purchase": self._after_purchase,
            "service_recovery": self._service_recovery,
        }

    def find(self, triggers: Iterable[Trigger], now: datetime) -> Iterator[Occasion]:
        """Yield today's occasions of these triggers, for customers who agreed to be written to."""
        with reading(self._engine) as db:
            members = _members(db)
        for trigger in triggers:
            yield from self._finders[trigger](members, now)

    # --- one for each trigger ------------------------------------------------------------------------------

    def _welcome(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        for one in members:
            if timedelta() <= now - one.joined_at < NEW_DAYS * _DAY:
                facts = {"points": _number(self._points(one, now))}
                why = f"Joined on {self._said(one.joined_at)}."
                until = one.joined_at + 2 * NEW_DAYS * _DAY
                yield self._occasion("welcome", one, "", facts, why, until)

    def _birthday(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        today = self._today(now)
        for one in members:
            born = one.birthday
            if born is not None and birthday_in((born.month, born.day), today.year) == today:
                facts = {"birthday": f"{today:%-d %B}"}
                until = midnight(today + _DAY, self._room.zone)
                yield self._occasion("birthday", one, str(today.year), facts, "Birthday today.", until)

    def _reward_near(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        today = self._today(now)
        quarter = f"{today.year}q{(today.month + 2) // 3}"
        for one in members:
            points = self._points(one, now)
            near = [
                (offer.cost - points, offer)
                for offer in (self._room.club.rewards(one.id, now) if points > 0 else ())
                if offer.cost and not offer.owned and 0 < offer.cost - points <= NEAR * offer.cost
            ]
            if near:
                missing, offer = min(near, key=lambda pair: pair[0])
                facts = {"points": _number(points), "missing": _number(missing), "reward": offer.name}
                why = f"{plural(missing, 'point')} to {offer.name}."
                key = f"{offer.reward}:{quarter}"
                yield self._occasion("reward_near", one, key, facts, why, now + 7 * _DAY)

    def _points_expiring(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        for one in members:
            with reading(self._engine) as db:
                found = self._ending(db, one, now)
            if found is not None:
                expiring, last_day = found
                points = self._points(one, now)
                facts = {
                    "points": _number(points),
                    "expiring": _number(expiring),
                    "expires_on": f"{last_day:%-d %B %Y}",
                }
                why = f"{plural(expiring, 'point')} of {_number(points)} end on {last_day:%-d %B %Y}."
                until = midnight(last_day, self._room.zone)
                yield self._occasion("points_expiring", one, str(last_day), facts, why, until)

    def _win_back(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        slipping: dict[str, Slipping] = {one.customer: one for one in self._at_risk.slipping()}
        for one in members:
            away = slipping.get(one.id)
            if away is not None:
                facts = {"last_visit": f"{away.last_visit:%-d %B %Y}"}
                key = str(away.last_visit)
                yield self._occasion("win_back", one, key, facts, away.why, now + AWAY_DAYS * _DAY)

    def _after_purchase(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        today, known = self._today(now), {one.id: one for one in members}
        first, last = (str(today - days * _DAY) for days in reversed(AFTER_DAYS))
        for bought in self._bought(first, last):
            one = known.get(bought.customer)
            sale = bought.kept.sale
            things = sorted((line for line in sale.lines if line.name), key=lambda line: -line.amount)
            if one is not None and things:
                day = sale.at.astimezone(self._room.zone)
                facts = {"thing": things[0].name, "bought_on": f"{day:%-d %B}"}
                why = f"Bought {things[0].name} on {day:%-d %B %Y}."
                yield self._occasion("after_purchase", one, f"{day:%Y-%m}", facts, why, now + 4 * _DAY)

    def _service_recovery(self, members: Iterable[Member], now: datetime) -> Iterator[Occasion]:
        known = {one.id: one for one in members}
        soonest, latest = MENDED_DAYS
        with reading(self._engine) as db:
            rows = db.execute(sa.select(case_table).where(case_table.c.kind == "complaint")).all()
        for row in rows:
            one = known.get(row.customer)
            if one is None or row.closed_at is None:
                continue
            since = now - unstamp(row.closed_at)
            if soonest * _DAY <= since <= latest * _DAY:
                facts = {"told_on": self._said(unstamp(row.at))}
                why = (
                    f"A complaint of {facts['told_on']} was settled on {self._said(unstamp(row.closed_at))}."
                )
                yield self._occasion("service_recovery", one, str(row.seq), facts, why, now + 14 * _DAY)

    # --- inside --------------------------------------------------------------------------------------------

    def _occasion(
        self, trigger: Trigger, one: Member, key: str, facts: Mapping[str, str], why: str, until: datetime
    ) -> Occasion:
        common = {
            "name": first_name(one.name),
            "shop": self._about.shop,
            "club": self._room.programme.club,
            "assistant": self._about.assistant,
        }
        return Occasion(
            trigger=trigger, customer=one.id, key=key, facts=common | dict(facts), why=why, until=until
        )

    def _ending(self, db: Connection, one: Member, now: datetime) -> tuple[int, date] | None:
        """Return the points that end next, and the last day they can be used."""
        zone, horizon = self._room.zone, now + ENDING_DAYS * _DAY
        held = balance(db, one.id, "points", now)
        ends = sorted(lot.expires_at for lot in held.lots if lot.expires_at and lot.expires_at <= horizon)
        if ends:
            points = sum(lot.points for lot in held.lots if lot.expires_at == ends[0])
            return (points, (ends[0] - timedelta(seconds=1)).astimezone(zone).date()) if points > 0 else None
        standing, terms = load_standing(db, one.id, now), self._room.club.terms(now)
        lost = [found for found in lapses(standing, terms, terms.day(horizon)) if found.unit == "points"]
        if lost and lost[0].on > terms.day(now) and held.available > 0:
            return held.available, lost[0].on - _DAY
        return None

    def _points(self, one: Member, now: datetime) -> int:
        with reading(self._engine) as db:
            return max(0, balance(db, one.id, "points", now).available)

    def _bought(self, first: str, last: str) -> list[Bought]:
        query = sa.select(purchase).where(purchase.c.day >= first, purchase.c.day <= last)
        with reading(self._engine) as db:
            return [read_purchase(db, row) for row in db.execute(query.order_by(purchase.c.id)).all()]

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._room.zone).date()

    def _said(self, at: datetime) -> str:
        return f"{at.astimezone(self._room.zone):%-d %B %Y}"


def first_name(name: str) -> str:
    """Return how somebody is addressed: letters alone, so that no name carries a link into a message."""
    found = _NAME.search(name)
    return found[0][:30] if found else "there"


def _number(points: int) -> str:
    return f"{points:,}"


def _members(db: Connection) -> tuple[Member, ...]:
    """Return the customers whose last word on being written to is yes."""
    said = consent_table.c
    last = sa.select(sa.func.max(said.seq)).where(said.purpose == MARKETING).group_by(said.customer)
    query = (
        sa.select(customer_table)
        .join(consent_table, said.customer == customer_table.c.id)
        .where(said.seq.in_(last), said.given == 1, customer_table.c.status == "active")
        .order_by(customer_table.c.id)
    )
    return tuple(_member(row) for row in db.execute(query))


def _member(row: Row[tuple[object, ...]]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        birthday=date.fromisoformat(row.birthday) if row.birthday else None,
        joined_at=unstamp(row.joined_at),
    )
