"""Tender: what a sale is paid with besides money, and how it comes back with the goods."""

from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.effects import Spent
from shopbell.loyalty.errors import PurchaseRefused
from shopbell.loyalty.held import find_held, state_of
from shopbell.loyalty.house import Shop, Tender
from shopbell.loyalty.journal import Journal, done_about
from shopbell.loyalty.ledger import post
from shopbell.loyalty.passes import give_passes_back, use_passes
from shopbell.loyalty.redeeming import hand_out, undo

_MONEY = ("money", "points")
_PASSES = "passes:"


def tender_for(
    db: sa.Connection, shop: Shop, purchase: int, buyer: str, tender: Tender, now: datetime
) -> tuple[Tender, tuple[Spent, ...]]:
    """Take what the sale is paid with; return it with rewards by hold, and what was used up."""
    if not buyer and tender != Tender():
        raise PurchaseRefused("Points, balances and rewards are somebody's. Name the customer.")
    spent = []
    for number, one in enumerate(tender.payments):
        if one.unit not in _MONEY and not one.unit.startswith(_PASSES):
            raise PurchaseRefused(
                f"Nobody can pay with {one.unit[:40]}. Use money, points, or passes of a pack."
            )
        if one.unit.startswith(_PASSES):
            use_passes(db, shop, buyer, one.unit.removeprefix(_PASSES), one.points, now)
        key = payment_key(purchase, number)
        post(db, o.Spend(key=key, at=now, owner=buyer, unit=one.unit, points=one.points, reason="paid with"))
        spent.append(Spent(unit=one.unit, points=one.points))
    holds = []
    for word in tender.rewards:
        held = find_held(db, word)
        if held.customer != buyer:
            raise PurchaseRefused("The reward is another customer's. Name that customer, or leave it out.")
        hand_out(db, shop, word, now, by="")
        holds.append(held.id)
        spent.append(Spent(unit=held.unit, points=held.points, reward=held.reward))
    return Tender(payments=tender.payments, rewards=tuple(holds)), tuple(spent)


def give_tender_back(
    db: sa.Connection, shop: Shop, purchase: int, owner: str, tender: Tender, part: Fraction, now: datetime
) -> tuple[Spent, ...]:
    """Give back what a sale was paid with, of whose money `part` came back so far; rewards with all of it.

    What was given back before counts, so any sequence of partial returns gives back exactly what was paid.
    """
    back = []
    for number, one in enumerate(tender.payments):
        key = payment_key(purchase, number)
        before = done_about(db, Journal(db).find(key, ("spend",)).seq, "give_back")
        if points := int(one.points * part) - before:
            post(db, o.GiveBack(key=f"{key}:back:{before}", at=now, spend=key, points=points, owner=owner))
            if one.unit.startswith(_PASSES):
                give_passes_back(db, owner, one.unit.removeprefix(_PASSES), points, now)
            back.append(Spent(unit=one.unit, points=points))
    if part == 1:
        for word in tender.rewards:
            held = find_held(db, word)
            if state_of(db, held.id) == "redeemed":
                undo(db, shop, held, now, by="")
                back.append(Spent(unit=held.unit, points=held.points, reward=held.reward))
    return tuple(back)


def payment_key(purchase: int, number: int) -> str:
    """Return the ledger's key of one payment."""
    return f"purchase:{purchase}:paid:{number}"
