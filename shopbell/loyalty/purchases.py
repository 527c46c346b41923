"""Purchases: a sale is judged, posted and kept in one transaction, once, however often it is sent."""

import hashlib
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Recorded
from shopbell.loyalty.awarding import give_facts, purses
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.effects import Gained, Spent
from shopbell.loyalty.errors import NoSuchPurchase, PurchaseRefused, PurchaseReused
from shopbell.loyalty.explaining import Explanation, explain
from shopbell.loyalty.house import Shop, Tender
from shopbell.loyalty.judgement import Facts, Judgement
from shopbell.loyalty.lapsing import lapse
from shopbell.loyalty.members import load_standing, lock, note_reward, resolve, save_standing
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.sale import Refund, Sale, Void
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.tendering import tender_for
from shopbell.loyalty.terms import Terms
from shopbell.loyalty.webhooks import publish

T = TypeVar("T")
_AHEAD = timedelta(days=1)
"""A till's clock may be wrong by so much; a sale of next year would expire everybody's points."""
_LONGEST = 200


class Kept(Struct, frozen=True, kw_only=True):
    """The body of a purchase."""

    sale: Sale
    tender: Tender
    """Rewards by hold."""


class Bought(Struct, frozen=True, kw_only=True):
    """A purchase as it stands in the books."""

    id: int
    kept: Kept
    customer: str
    """As it was then; empty: nobody was known, and nobody has claimed it."""
    facts: Facts
    explanation: Explanation


def record(db: sa.Connection, shop: Shop, sale: Sale, tender: Tender, now: datetime) -> Recorded:
    """Take a sale in; see `Club.record_sale`."""
    lock(db)
    asked = fingerprint(sale, tender)
    if (before := kept_answer(db, r.purchase, sale, asked, Recorded)) is not None:
        return before
    _check(sale, now)
    buyer = resolve(db, sale.customer) if sale.customer else ""
    number = next_id(db, r.purchase)
    paid, spent = tender_for(db, shop, number, buyer, tender, now)
    named = msgspec.structs.replace(sale, customer=buyer)
    judged, gained, terms = settle_sale(db, shop, number, named)
    said = explain(judged, terms)
    answer = answer_for(db, number, named, judged, gained, spent, said, terms)
    result = msgspec.json.encode(answer)
    db.execute(
        r.purchase.insert().values(
            id=number,
            source=sale.source,
            external_id=sale.external_id,
            at=stamp(sale.at),
            day=judged.facts.day.isoformat(),
            customer=buyer,
            cashier=sale.cashier,
            amount=sale.amount,
            body=msgspec.json.encode(Kept(sale=named, tender=paid)).decode(),
            facts=msgspec.json.encode(judged.facts).decode(),
            explanation=msgspec.json.encode(said).decode(),
            request_hash=asked,
            recorded_at=stamp(now),
            result=result.decode(),
        )
    )
    publish(db, "purchase.recorded", result, now, draw=shop.draw)
    return answer


def settle_sale(
    db: sa.Connection, shop: Shop, number: int, sale: Sale
) -> tuple[Judgement, tuple[Gained, ...], Terms]:
    """Judge a sale of a record that remains, post what it gives and keep the standing after it."""
    terms = shop.terms(sale.at)
    if not sale.customer or shop.programme.terms_at(sale.at) is None:
        stranger = msgspec.structs.replace(sale, customer="")
        return judge(stranger, Standing(customer=""), terms), (), terms
    standing = load_standing(db, sale.customer, sale.at)
    if lapse(db, standing, terms, sale.at):
        standing = load_standing(db, sale.customer, sale.at)
    judged = judge(sale, standing, terms)
    gained = give_facts(db, number, judged.facts)
    save_standing(db, judged.standing_after)
    if any(given.customer != sale.customer for given in judged.facts.given):
        note_reward(db, sale.customer, judged.facts.day)
    return judged, gained, terms


def find_purchase(db: sa.Connection, source: str, external_id: str) -> Bought:
    """Return a purchase by its number at its source; raises `NoSuchPurchase`."""
    named = (r.purchase.c.source == source, r.purchase.c.external_id == external_id)
    row = db.execute(sa.select(r.purchase).where(*named)).one_or_none()
    if row is None:
        raise NoSuchPurchase(f"{source} has recorded no sale {external_id[:40]}. Check the number.")
    return read_purchase(db, row)


def read_purchase(db: sa.Connection, row: sa.Row[tuple[object, ...]]) -> Bought:
    """Make a purchase of its row, with what a claim has made of it since."""
    claimed = db.execute(sa.select(r.claim).where(r.claim.c.purchase == row.id)).one_or_none()
    last = row if claimed is None else claimed
    return Bought(
        id=row.id,
        kept=msgspec.json.decode(row.body, type=Kept),
        customer=last.customer,
        facts=msgspec.json.decode(last.facts, type=Facts),
        explanation=msgspec.json.decode(last.explanation, type=Explanation),
    )


def fingerprint(request: Sale | Refund | Void, tender: Tender | None = None) -> bytes:
    """Return the 32 bytes that tell two requests apart; the same instant in another zone is the same."""
    said = msgspec.structs.replace(request, at=datetime.fromisoformat(stamp(request.at)))
    return hashlib.sha256(msgspec.json.encode((type(request).__name__, said, tender))).digest()


def kept_answer(
    db: sa.Connection, table: sa.Table, request: Sale | Refund | Void, asked: bytes, kind: type[T]
) -> T | None:
    """Return the first answer to this request, None when it is new; raises `PurchaseReused`."""
    query = sa.select(table.c.request_hash, table.c.result).where(
        table.c.source == request.source, table.c.external_id == request.external_id
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    if bytes(row.request_hash) != asked:
        raise PurchaseReused(
            f"{request.source} has sent {request.external_id[:40]} before, with other content. "
            "Send it as it was, or under a new number."
        )
    return msgspec.json.decode(row.result, type=kind)


def next_id(db: sa.Connection, table: sa.Table) -> int:
    """Return the next number of a table that is only ever added to, under the lock."""
    return int(db.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()) + 1


def _check(sale: Sale, now: datetime) -> None:
    ids = [line.id for line in sale.lines]
    if not ids or len(set(ids)) != len(ids):
        raise PurchaseRefused("A sale has at least one line, and each line an id of its own.")
    if not 0 < len(sale.source) <= _LONGEST or not 0 < len(sale.external_id) <= _LONGEST:
        raise PurchaseRefused(f"Source and number of a sale have 1 to {_LONGEST} characters.")
    if any(line.quantity <= 0 for line in sale.lines):
        raise PurchaseRefused("A quantity is above zero. Send goods that came back as a refund.")
    if sale.at > now + _AHEAD:
        raise PurchaseRefused(
            f"The sale is dated {sale.at:%Y-%m-%d %H:%M}, which is yet to come. Set the till's clock."
        )


def answer_for(
    db: sa.Connection,
    number: int,
    sale: Sale,
    judged: Judgement,
    gained: tuple[Gained, ...],
    spent: tuple[Spent, ...],
    said: Explanation,
    terms: Terms,
) -> Recorded:
    """Make the answer to a sale, or to its claim."""
    tier = terms.tier(judged.standing_after.tier)
    tiers = terms.version.tiers
    units = [one.unit for one in gained if one.customer == sale.customer]
    return Recorded(
        purchase=number,
        source=sale.source,
        external_id=sale.external_id,
        customer=sale.customer,
        at=datetime.fromisoformat(stamp(sale.at)),
        amount=sale.amount,
        gained=gained,
        spent=spent,
        withheld=tuple(one for one in judged.withheld if one.told),
        sentences=said.sentences,
        purses=purses(db, sale.customer, ["points", *units, *(one.unit for one in spent)], sale.at),
        tier=tier.label if tier else tiers.base if tiers and judged.facts.member else "",
    )
