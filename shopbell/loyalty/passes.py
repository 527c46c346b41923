"""Passes: a pack's are used and given back; the standing keeps its days, the ledger its passes."""

from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import packs
from shopbell.loyalty.errors import PackRefused
from shopbell.loyalty.house import Shop
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import load_standing, save_standing
from shopbell.loyalty.rules import Pack
from shopbell.loyalty.standing import PackHeld, Standing
from shopbell.loyalty.terms import Terms


def use_passes(db: sa.Connection, shop: Shop, customer: str, rule: str, passes: int, now: datetime) -> None:
    """Mark passes used on the packs of a rule, the one that ends first first; the caller spends them."""
    standing, day = load_standing(db, customer, now), shop.terms(now).day(now)
    left = passes
    ordered = sorted(standing.packs, key=lambda held: (held.valid_until or date.max, held.bought))
    for held in ordered:
        if held.rule == rule and left and (count := min(left, packs.awake(held, day).left)):
            standing = with_pack(standing, packs.use(held, day, count))
            left -= count
    if left:
        raise PackRefused(f"{passes} passes were asked for, and {passes - left} are left.")
    save_standing(db, standing)


def give_passes_back(db: sa.Connection, customer: str, rule: str, passes: int, now: datetime) -> None:
    """Mark passes unused again, on the packs of a rule that have used ones; the caller gives them back."""
    standing = load_standing(db, customer, now)
    for held in standing.packs:
        if held.rule == rule and (count := min(passes, held.used)):
            standing = with_pack(standing, msgspec.structs.replace(held, used=held.used - count))
            passes -= count
    save_standing(db, standing)


def use_due(db: sa.Connection, standing: Standing, terms: Terms, now: datetime) -> Standing:
    """Use a pass of each pack for every day on which one came due."""
    day = terms.day(now)
    for held in standing.packs:
        rule = _rule(terms, held)
        if rule is None or held.closed:
            continue
        after, days = packs.due(held, rule, day)
        standing = with_pack(standing, after)
        for one in days:
            request = o.Spend(
                key=f"pack:{held.id}:{one}",
                at=now,
                owner=standing.customer,
                unit=f"passes:{rule.id}",
                points=1,
                rule=rule.id,
                reason=f"{rule.label}: the one of {one:%-d %B %Y}",
            )
            post(db, request)
    return standing


def with_pack(standing: Standing, held: PackHeld) -> Standing:
    """Return the standing with this pack in place of what it was before."""
    changed = tuple(held if one.id == held.id else one for one in standing.packs)
    return msgspec.structs.replace(standing, packs=changed)


def _rule(terms: Terms, held: PackHeld) -> Pack | None:
    return next((one for one in terms.version.rule if isinstance(one, Pack) and one.id == held.rule), None)
