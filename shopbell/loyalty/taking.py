"""Taking back: what a return undoes becomes entries of the ledger."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import tables as t
from shopbell.loyalty.awarding import award_key
from shopbell.loyalty.effects import Taken
from shopbell.loyalty.journal import done_about
from shopbell.loyalty.judgement import Exchange, Take
from shopbell.loyalty.ledger import post
from shopbell.loyalty.members import also_known_as, keeper
from shopbell.loyalty.operations import Kind

Shortfall = Literal["clamp", "negative"]
_SOME = sa.select(t.entry.c.seq, t.entry.c.key, t.entry.c.points).order_by(t.entry.c.seq.desc())


def take(
    db: sa.Connection,
    number: int,
    purchase: int,
    takes: Sequence[Take],
    shortfall: Shortfall,
    at: datetime,
) -> tuple[Taken, ...]:
    """Post what is taken back; `number` is that of the return."""
    found = []
    for n, one in enumerate(takes):
        whose = keeper(db, one.customer)
        short = 0
        for part, (accrual, points) in enumerate(_accruals(db, purchase, whose, one)):
            back = o.ClawBack(
                key=f"return:{number}:{n}:{part}:{accrual}",
                at=at,
                accrual=accrual,
                points=points,
                shortfall=shortfall,
                owner=whose,
                reason=one.why,
                rule=one.rule,
                line=one.line,
            )
            short += post(db, back).shortfall
        found.append(
            Taken(
                customer=whose,
                unit=one.unit,
                points=one.points,
                shortfall=short,
                rule=one.rule,
                line=one.line,
                why=one.why,
            )
        )
    return tuple(found)


def reopen(
    db: sa.Connection,
    number: int,
    owner: str,
    reopened: Sequence[Exchange],
    shortfall: Shortfall,
    at: datetime,
) -> tuple[Taken, ...]:
    """Put the stamps of cards that are no longer full back on the card, and take their rewards."""
    for n, one in enumerate(reopened):
        key = f"return:{number}:card:{n}"
        for spend, points in _left(db, owner, one.rule, one.unit, one.points, ("spend", "give_back")):
            back = o.GiveBack(key=f"{key}:{spend}", at=at, spend=spend, points=points, owner=owner)
            post(db, back)
    return tuple(
        _take_reward(db, f"return:{number}:card:{n}", owner, one, shortfall, at)
        for n, one in enumerate(reopened)
    )


def _take_reward(
    db: sa.Connection, key: str, owner: str, card: Exchange, shortfall: Shortfall, at: datetime
) -> Taken:
    award, short = card.award, 0
    for accrual, points in _left(db, owner, card.rule, award.unit, award.points, ("accrue", "claw_back")):
        claw = o.ClawBack(
            key=f"{key}:{accrual}",
            at=at,
            accrual=accrual,
            points=points,
            shortfall=shortfall,
            owner=owner,
            reason=award.why,
            rule=card.rule,
        )
        short += post(db, claw).shortfall
    return Taken(
        customer=owner,
        unit=award.unit,
        points=award.points,
        shortfall=short,
        rule=card.rule,
        line="",
        why=award.why,
    )


def _accruals(db: sa.Connection, purchase: int, owner: str, one: Take) -> Iterator[tuple[str, int]]:
    if one.award >= 0:
        yield award_key(purchase, one.award), one.points
    else:
        yield from _left(db, owner, one.rule, one.unit, one.points, ("accrue", "claw_back"))


def _left(
    db: sa.Connection, owner: str, rule: str, unit: str, points: int, kinds: tuple[Kind, Kind]
) -> Iterator[tuple[str, int]]:
    """Yield the keys of a rule's latest entries, and how much of each to undo; `points` in all at most."""
    made, undone = kinds
    mine = t.entry.c.owner.in_(also_known_as(db, owner))
    query = _SOME.where(mine, t.entry.c.kind == made, t.entry.c.rule == rule, t.entry.c.unit == unit)
    for row in db.execute(query).all():
        if part := min(points, row.points - done_about(db, row.seq, undone)):
            yield row.key, part
            points -= part
        if not points:
            return
