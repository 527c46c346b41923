"""Reversals: goods that come back and sales rung up by mistake, taken back to the last point, once."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Reversed
from shopbell.loyalty.awarding import purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.effects import Taken
from shopbell.loyalty.errors import PurchaseRefused
from shopbell.loyalty.house import Shop
from shopbell.loyalty.judgement import Facts, Returned
from shopbell.loyalty.members import keeper, load_standing, lock, note_reward, save_standing
from shopbell.loyalty.purchases import Bought, find_purchase, fingerprint, kept_answer, next_id
from shopbell.loyalty.returning import judge_return
from shopbell.loyalty.returns import parts
from shopbell.loyalty.sale import Refund, Return, Void
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.taking import reopen, take
from shopbell.loyalty.tendering import give_tender_back
from shopbell.loyalty.webhooks import publish


def reverse(db: sa.Connection, shop: Shop, request: Refund | Void, now: datetime) -> Reversed:
    """Take a return in; see `Club.record_refund` and `Club.record_void`."""
    lock(db)
    asked = fingerprint(request)
    if (before := kept_answer(db, r.reversal, request, asked, Reversed)) is not None:
        return before
    if not request.external_id:
        raise PurchaseRefused("A return needs a number of its own.")
    bought = find_purchase(db, request.source, request.sale)
    number = next_id(db, r.reversal)
    returns = request.returns if isinstance(request, Refund) else ()
    owner = keeper(db, bought.customer) if bought.customer else ""
    returned, taken = undo_facts(
        db, shop, number, bought, owner, returns, came_back(db, bought.id), request.at
    )
    part, whole = _part(bought.facts, returned)
    back = give_tender_back(db, shop, bought.id, owner, bought.kept.tender, part, now) if owner else ()
    answer = Reversed(
        reversal=number,
        purchase=bought.id,
        source=request.source,
        external_id=request.external_id,
        kind="refund" if isinstance(request, Refund) else "void",
        customer=owner,
        at=datetime.fromisoformat(stamp(request.at)),
        whole=whole,
        taken=taken,
        given_back=back,
        purses=purses(db, owner, ["points", *(one.unit for one in taken if one.customer == owner)], now),
    )
    body = msgspec.json.encode(returns).decode()
    _keep(db, answer, request, now, {"body": body, "returned": msgspec.json.encode(returned).decode()})
    publish(db, "purchase.returned", msgspec.json.encode(answer), now, draw=shop.draw)
    return answer


def _keep(
    db: sa.Connection, answer: Reversed, request: Refund | Void, now: datetime, texts: dict[str, str]
) -> None:
    db.execute(
        r.reversal.insert().values(
            id=answer.reversal,
            purchase=answer.purchase,
            source=request.source,
            external_id=request.external_id,
            kind=answer.kind,
            at=stamp(request.at),
            cashier=request.cashier,
            request_hash=fingerprint(request),
            recorded_at=stamp(now),
            result=msgspec.json.encode(answer).decode(),
            **texts,
        )
    )


def undo_facts(
    db: sa.Connection,
    shop: Shop,
    number: int,
    bought: Bought,
    owner: str,
    returns: Sequence[Return],
    before: Sequence[Returned],
    at: datetime,
) -> tuple[tuple[Returned, ...], tuple[Taken, ...]]:
    """Judge what comes back, post what it undoes and keep the standing after it."""
    facts, terms = bought.facts, shop.terms(bought.facts.at)
    if not owner:
        undone = judge_return(facts, returns, before, Standing(customer=""), terms)
        return undone.returned, ()
    facts = msgspec.structs.replace(facts, customer=owner)
    standing = load_standing(db, owner, at)
    undone = judge_return(facts, returns, before, standing, terms)
    shortfall = terms.version.points.shortfall
    rewards = reopen(db, number, owner, undone.reopened, shortfall, at)
    taken = take(db, number, bought.id, undone.takes, shortfall, at)
    save_standing(db, undone.standing_after)
    after = undone.standing_after.referred
    if facts.referral and standing.referred and after and standing.referred.paid and not after.paid:
        note_reward(db, owner, None)
    return undone.returned, (*taken, *rewards)


def came_back(db: sa.Connection, purchase: int) -> tuple[Returned, ...]:
    """Return all that has come back of a purchase so far."""
    query = sa.select(r.reversal.c.returned).where(r.reversal.c.purchase == purchase)
    last = db.execute(query.order_by(r.reversal.c.id.desc()).limit(1)).scalar()
    return msgspec.json.decode(last, type=tuple[Returned, ...]) if last else ()


def _part(facts: Facts, returned: Sequence[Returned]) -> tuple[Fraction, bool]:
    """Return what part of the sale's money has come back so far, and whether all of the sale has."""
    whole = all(part == 1 for part in parts(facts, returned).values())
    paid = sum(line.amount for line in facts.lines)
    if whole or paid <= 0:
        return Fraction(int(whole)), whole
    return min(Fraction(1), Fraction(sum(one.amount for one in returned), paid)), False
