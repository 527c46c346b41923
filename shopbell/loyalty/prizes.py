"""Prizes: what using a reward gives, and how that is taken back."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import tables as t
from shopbell.loyalty.award import Award
from shopbell.loyalty.bonuses import expiry, redeemed
from shopbell.loyalty.held import Held
from shopbell.loyalty.ledger import post
from shopbell.loyalty.sentences import amount
from shopbell.loyalty.terms import Terms


def prizes(terms: Terms, held: Held, now: datetime) -> tuple[Award, ...]:
    """Return what using a reward gives: a prize of points or money, and points back for those it cost."""
    reward = terms.reward(held.reward)
    found = [] if reward is None else [("points", reward.points), ("money", terms.minor(reward.money))]
    name = reward.name if reward else held.reward
    awards = tuple(
        Award(
            rule=f"reward:{held.reward}",
            unit=unit,
            points=points,
            expires_at=expiry(unit, None, now, terms),
            why=f"{name}: {amount(unit, points, terms)}.",
        )
        for unit, points in found
        if points
    )
    return (*awards, *(redeemed(held.points, now, terms) if held.unit == "points" else ()))


def take_prizes_back(
    db: sa.Connection, key: str, owner: str, shortfall: Literal["clamp", "negative"], now: datetime
) -> None:
    """Take back all that was given under `key:0`, `key:1` and so on."""
    keys = sa.select(t.entry.c.key).where(t.entry.c.key.like(f"{key}:%"), t.entry.c.kind == "accrue")
    for given in db.execute(keys.order_by(t.entry.c.seq)).scalars().all():
        post(db, o.ClawBack(key=f"{given}:back", at=now, accrual=given, owner=owner, shortfall=shortfall))
