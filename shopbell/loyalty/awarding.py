"""Awards become entries of the ledger: one each, under a key made of what they were given for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.award import Award
from shopbell.loyalty.effects import Gained, Purse
from shopbell.loyalty.judgement import Exchange, Facts
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import STAMPS, keeper
from shopbell.loyalty.statement import balance


def give(db: sa.Connection, key: str, customer: str, award: Award, at: datetime) -> Gained:
    """Post one award. Stamps are on the card at once and never pend: a full card is used up at once, too."""
    stamps = award.unit.startswith(STAMPS)
    made = Gained(
        customer=customer,
        unit=award.unit,
        points=award.points,
        rule=award.rule,
        line=award.line,
        why=award.why,
        matures_at=None if stamps else award.matures_at,
        expires_at=award.expires_at,
    )
    post(
        db,
        o.Accrue(
            key=key,
            at=at,
            owner=customer,
            unit=made.unit,
            points=made.points,
            matures_at=made.matures_at,
            expires_at=made.expires_at,
            reason=made.why,
            rule=made.rule,
            line=made.line,
        ),
    )
    return made


def give_all(
    db: sa.Connection, key: str, customer: str, awards: Iterable[Award], at: datetime
) -> tuple[Gained, ...]:
    """Post awards of one occasion under `key:0`, `key:1` and so on."""
    return tuple(give(db, f"{key}:{n}", customer, award, at) for n, award in enumerate(awards))


def award_key(purchase: int, number: int) -> str:
    """Return the key of an award of a purchase, by its position in `Facts.given`."""
    return f"purchase:{purchase}:award:{number}"


def give_facts(db: sa.Connection, purchase: int, facts: Facts) -> tuple[Gained, ...]:
    """Post all that a purchase gives: awards, then full cards against their rewards."""
    gained = [
        give(db, award_key(purchase, n), keeper(db, given.customer), given.award, facts.at)
        for n, given in enumerate(facts.given)
    ]
    gained += [
        _exchange(db, f"purchase:{purchase}:card:{n}", facts, one) for n, one in enumerate(facts.exchanges)
    ]
    return tuple(gained)


def _exchange(db: sa.Connection, key: str, facts: Facts, full: Exchange) -> Gained:
    post(
        db,
        o.Spend(
            key=key,
            at=facts.at,
            owner=facts.customer,
            unit=full.unit,
            points=full.points,
            reason=full.award.why,
            rule=full.rule,
        ),
    )
    return give(db, f"{key}:reward", facts.customer, full.award, facts.at)


def purses(db: sa.Connection, customer: str, units: Sequence[str], now: datetime) -> tuple[Purse, ...]:
    """Return what a customer has of some units, sorted by unit."""
    found = [balance(db, customer, unit, now) for unit in sorted(set(units))] if customer else []
    return tuple(
        Purse(customer=one.owner, unit=one.unit, available=one.available, pending=one.pending, held=one.held)
        for one in found
    )
