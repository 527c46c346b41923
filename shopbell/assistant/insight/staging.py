"""Staging: puts the made-up conversations into the demo shop's log, as real ones are kept. Blocks."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.engine import Engine

from shopbell.assistant.insight import trends
from shopbell.assistant.insight.counting import Saying
from shopbell.assistant.insight.makebelieve import KNOWN_DAYS, Vote, stories
from shopbell.assistant.store import EventLog
from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.casebook import Case, Casebook, CaseKind
from shopbell.loyalty.errors import LoyaltyError
from shopbell.loyalty.house import Adjustment
from shopbell.loyalty.takings import takings
from shopbell.storage.database import reading

WEEKS = 20
"""Past weeks whose figures are kept."""
_GOODWILL, _POINTS = 9, 20
"""One customer in so many gets so many points as goodwill."""
_REDEEM = 5
"""One customer in so many redeems a reward."""
_CASES: tuple[CaseKind, ...] = ("complaint", "call-back")
_WHY = "made up with the demo's year"


def stage(
    engine: Engine, room: Backroom, seed: int, now: datetime, rest: Callable[[], None] = lambda: None
) -> int:
    """Put conversations, votes and goodwill beside the purchases; return how many conversations were new.

    `rest` is called after each that is new, so that a shop that is open can write too.
    """
    with reading(engine) as db:
        last = now.astimezone(room.zone).date()
        sales = takings(db, last - timedelta(days=KNOWN_DAYS), last)
    bought: dict[str, list[datetime]] = defaultdict(list)
    for sale in sales:
        if sale.customer:
            bought[sale.customer].append(datetime.fromisoformat(sale.at))
    told, votes = stories(seed, bought, now, room.zone)
    log = EventLog(engine)
    new = 0
    for one in told:
        if log.take_in(one.id, _token(one.id, room.secret), one.channel, one.past):
            new += 1
            rest()
    _open_cases(Casebook(engine), votes)
    _redeem(room, sorted(bought)[::_REDEEM], seed, now)
    _give(room, sorted(bought)[::_GOODWILL], seed, now)
    trends.keep(engine, Saying(), now.astimezone(room.zone), weeks=WEEKS)
    return new


def _open_cases(cases: Casebook, votes: Sequence[Vote]) -> None:
    for vote in votes:
        cases.add(
            Case(
                key=f"{vote.conversation}-nps",
                kind="nps",
                customer=vote.customer,
                conversation=vote.conversation,
                at=vote.at,
                score=vote.score,
            )
        )
    for kind, vote in zip(_CASES, votes, strict=False):
        case = Case(
            key=f"{vote.conversation}-{kind}",
            kind=kind,
            customer=vote.customer,
            conversation=vote.conversation,
            at=vote.at,
            text="Made up with the demo's year.",
        )
        cases.add(case)


def _redeem(room: Backroom, customers: list[str], seed: int, now: datetime) -> None:
    """Let some customers redeem the dearest reward they have points for."""
    versions = room.programme.versions
    rewards = sorted((one.cost, one.id) for one in versions[-1].reward if one.cost) if versions else []
    for customer in customers:
        for _, reward in reversed(rewards):
            with suppress(LoyaltyError):  # too few points for it: a cheaper one may do
                key = f"demo-{seed}-{customer}"
                held = room.club.reserve(customer, reward, now, key=key, by="Robin")
                room.club.redeem(held.code, now, by="Robin")
                break


def _give(room: Backroom, customers: list[str], seed: int, now: datetime) -> None:
    for customer in customers:
        asked = Adjustment(
            key=f"demo-{seed}-{customer}",
            customer=customer,
            unit="points",
            points=_POINTS,
            reason=_WHY,
            actor="Robin",
        )
        try:
            room.club.adjust(asked, now)
        except LoyaltyError:  # a programme may know no points
            return


def _token(ident: str, secret: bytes) -> str:
    # Nobody holds it: these conversations are over, and must not be opened by guessing.
    return hashlib.sha256(secret + ident.encode()).hexdigest()
