"""Dossier: what the counter should know of one customer, read at one moment and without writing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.accounts import account, member
from shopbell.loyalty.answers import HoldState, Member, Merged, Offer
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.consents import Consent, consents
from shopbell.loyalty.held import find_held, state_of
from shopbell.loyalty.house import Shop
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.merging import merge
from shopbell.loyalty.offers import offers
from shopbell.loyalty.purchases import Bought, read_purchase
from shopbell.loyalty.rules import Stamps
from shopbell.loyalty.statement import Balance

VISITS = 20
"""Purchases that are looked at for the usual order."""
USUAL_TIMES = 3
"""What was bought less often is no habit."""
USUAL_MOST = 3
"""Things of a usual order."""


class Punched(Struct, frozen=True, kw_only=True):
    """A punch card."""

    name: str
    stamps: int
    size: int


class Visit(Struct, frozen=True, kw_only=True):
    """A purchase, as one would tell of it."""

    at: datetime
    amount: int
    """Minor units."""
    things: tuple[str, ...]
    source: str


class HeldReward(Struct, frozen=True, kw_only=True):
    """A reward set aside."""

    hold: str
    customer: str
    reward: str
    name: str
    points: int
    """What it takes of the points; 0 for one that was given."""
    state: HoldState
    expires_at: datetime


class Joinder(Struct, frozen=True, kw_only=True):
    """What a merge would bring."""

    merged: Merged
    member: Member
    """Where the one who remains would stand."""
    withdrawn: tuple[str, ...]
    """Purposes of consent that would end."""


class Dossier(Struct, frozen=True, kw_only=True):
    """All of it."""

    member: Member
    top_tier: bool
    """On the highest level there is."""
    balances: tuple[Balance, ...]
    cards: tuple[Punched, ...]
    visits: tuple[Visit, ...]
    """Newest first."""
    usual: tuple[str, ...]
    """Bought most, and again and again; empty where there is no habit."""
    consents: tuple[Consent, ...]
    """The last word for each purpose."""
    offers: tuple[Offer, ...]
    holds: tuple[HeldReward, ...]
    """Set aside now."""
    merges: tuple[Merged, ...]
    """Records that were joined to this one and can be parted again, the newest first."""


def dossier(db: sa.Connection, shop: Shop, customer: str, now: datetime) -> Dossier:
    """Return what is known of a customer; raises `NoSuchCustomer`."""
    owner = resolve(db, customer)
    names = also_known_as(db, owner)
    bought = _bought(db, names)
    stands, terms = member(db, shop, owner, now), shop.terms(now)
    tiers = terms.version.tiers
    latest = {one.purpose: one for one in consents(db, owner)}
    cards = [rule for rule in terms.version.rule if isinstance(rule, Stamps)]
    return Dossier(
        member=stands,
        top_tier=bool(tiers and tiers.tier and tiers.tier[-1].id == stands.tier),
        balances=account(db, owner, now).balances,
        cards=tuple(
            Punched(name=rule.label, stamps=stands.stamps.get(rule.id, 0), size=rule.size) for rule in cards
        ),
        visits=tuple(_visit(one) for one in bought),
        usual=usual(_visit(one).things for one in bought),
        consents=tuple(latest.values()),
        offers=offers(db, shop, owner, now),
        holds=_holds(db, shop, owner, now),
        merges=_merges(db, owner),
    )


def usual(visits: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return what was bought on at least `USUAL_TIMES` visits, the commonest first."""
    count = Counter(thing for things in visits for thing in set(things))
    common = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    return tuple(thing for thing, times in common if times >= USUAL_TIMES)[:USUAL_MOST]


def held_reward(db: sa.Connection, shop: Shop, word: str, now: datetime) -> HeldReward:
    """Return what a code or hold stands for, and spend nothing; raises `CodeRefused`."""
    return _held(db, shop, find_held(db, word).id, now)


def rehearse(engine: sa.Engine, shop: Shop, source: str, target: str, now: datetime, *, by: str) -> Joinder:
    """Merge, say what came of it, and take it all back. Raises `MergeRefused`."""
    with engine.connect() as db:
        try:
            before = _agreed(db, resolve(db, target))
            merged = merge(db, shop, source, target, now, by=by)
            stands = member(db, shop, merged.target, now)
            withdrawn = tuple(sorted(before - _agreed(db, merged.target)))
        finally:
            db.rollback()
    return Joinder(merged=merged, member=stands, withdrawn=withdrawn)


def _agreed(db: sa.Connection, customer: str) -> set[str]:
    latest = {one.purpose: one.given for one in consents(db, customer)}
    return {purpose for purpose, given in latest.items() if given}


def _bought(db: sa.Connection, names: Sequence[str]) -> tuple[Bought, ...]:
    """Return the last purchases that did not come back whole."""
    whole = sa.exists().where(r.reversal.c.purchase == r.purchase.c.id, r.reversal.c.kind == "void")
    query = (
        sa.select(r.purchase)
        .join_from(r.purchase, r.claim, r.claim.c.purchase == r.purchase.c.id, isouter=True)
        .where(sa.or_(r.purchase.c.customer.in_(names), r.claim.c.customer.in_(names)), ~whole)
        .order_by(r.purchase.c.at.desc(), r.purchase.c.id.desc())
        .limit(VISITS)
    )
    return tuple(read_purchase(db, row) for row in db.execute(query).all())


def _visit(bought: Bought) -> Visit:
    sale = bought.kept.sale
    things = tuple(line.name or line.sku for line in sale.lines)
    return Visit(at=sale.at, amount=sale.amount, things=things, source=sale.source)


def _holds(db: sa.Connection, shop: Shop, owner: str, now: datetime) -> tuple[HeldReward, ...]:
    names = also_known_as(db, owner)
    ended = sa.exists().where(r.hold_event.c.hold == r.hold.c.id)
    query = sa.select(r.hold.c.id).where(
        r.hold.c.customer.in_(names), ~ended, r.hold.c.expires_at > stamp(now)
    )
    found = db.execute(query.order_by(r.hold.c.at)).scalars().all()
    return tuple(_held(db, shop, ident, now) for ident in found)


def _held(db: sa.Connection, shop: Shop, ident: str, now: datetime) -> HeldReward:
    held = find_held(db, ident)
    reward = shop.terms(now).reward(held.reward)
    return HeldReward(
        hold=held.id,
        customer=held.customer,
        reward=held.reward,
        name=reward.name if reward else held.reward,
        points=held.points if held.unit == "points" else 0,
        state=state_of(db, held.id),
        expires_at=held.expires_at,
    )


def _merges(db: sa.Connection, owner: str) -> tuple[Merged, ...]:
    query = (
        sa.select(r.merge.c.result)
        .join_from(r.merge, r.unmerge, r.unmerge.c.merge == r.merge.c.id, isouter=True)
        .where(r.merge.c.target == owner, r.unmerge.c.merge.is_(None))
        .order_by(r.merge.c.id.desc())
    )
    return tuple(msgspec.json.decode(result, type=Merged) for result in db.execute(query).scalars())
