"""Customers at the counter: who they are, what they have, and how it came about."""

import secrets
from collections.abc import Sequence
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from shopbell.assistant.web.loyalty.askings import CustomerForm, PayForm
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE, Caller
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.answers import Account, Joined, Member, Recorded
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.errors import NoSuchCustomer, ReferralRefused
from shopbell.loyalty.house import Payment
from shopbell.loyalty.operations import Receipt
from shopbell.loyalty.statement import Movement
from shopbell.loyalty.tills import Scope

MOST_ROWS = 200
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_ROWS)]
Before = Annotated[int | None, QueryParameter(ge=1, le=2**53)]


class NewMember(Struct, frozen=True, kw_only=True):
    """A customer who just joined."""

    customer: Customer
    joined: Joined
    not_referred: str = ""
    """Why whoever brought them gets nothing for it; empty when they do, or nobody did."""


class History(Struct, frozen=True, kw_only=True):
    """Entries, newest first."""

    movements: Sequence[Movement]
    before: int | None
    """Ask with this for older ones; None: there are none."""


class Purchases(Struct, frozen=True, kw_only=True):
    """Purchases, newest first."""

    purchases: Sequence[Recorded]
    before: int | None
    """Ask with this for older ones; None: there are none."""


@post(
    "/customers",
    opt={SCOPE: Scope.SALES_WRITE},
    responses=REFUSALS,
    security=TILL,
    summary="Make a customer a member",
)
async def join(data: JSONBody[CustomerForm], loyalty: NamedDependency[LoyaltyDesk]) -> NewMember:
    """Keep a new customer, give the welcome and note who brought them."""
    room, now = loyalty.room, loyalty.now()
    brought_by = (await _found(loyalty, data.brought_by)).id if data.brought_by else ""
    customer = Customer(
        id=data.id or f"c-{secrets.token_hex(6)}",
        name=data.name,
        phone=data.phone,
        email=data.email,
        birthday=data.birthday,
        joined_at=now,
    )
    kept = await loyalty.look(room.customers.create, customer)
    try:
        joined = await loyalty.act(room.club.join, kept.id, now, brought_by=brought_by)
    except ReferralRefused as refused:
        joined = await loyalty.act(room.club.join, kept.id, now)
        return NewMember(customer=kept, joined=joined, not_referred=str(refused))
    return NewMember(customer=kept, joined=joined)


@get(
    "/customers",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Find a customer",
)
async def find(
    loyalty: NamedDependency[LoyaltyDesk],
    text: Annotated[
        str,
        QueryParameter(name="find", min_length=1, max_length=254, description="Phone, e-mail, code or id."),
    ],
) -> Customer:
    """Return the customer with this id, phone number, e-mail address or referral code."""
    return await _found(loyalty, text)


@get(
    "/customers/{customer:str}",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Who a customer is",
)
async def read(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Customer:
    """Return what is known of a customer."""
    return await loyalty.look(loyalty.room.customers.get, customer)


@get(
    "/customers/{customer:str}/balance",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="What a customer has",
)
async def balance(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Account:
    """Return the balances in all units, with what is pending and what will expire when."""
    return await loyalty.look(loyalty.room.club.balance, customer, loyalty.now())


@get(
    "/customers/{customer:str}/standing",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Where a customer stands",
)
async def standing(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Member:
    """Return level, benefits and open cards."""
    return await loyalty.look(loyalty.room.club.standing, customer, loyalty.now())


@get(
    "/customers/{customer:str}/history",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="How it came about",
)
async def history(
    customer: FromPath[str],
    loyalty: NamedDependency[LoyaltyDesk],
    unit: Annotated[str, QueryParameter(max_length=80)] = "",
    before: Before = None,
    limit: Limit = 50,
) -> History:
    """Return the entries of an account, newest first."""
    found = await loyalty.look(loyalty.room.club.history, customer, unit=unit, before=before, limit=limit)
    return History(movements=found, before=found[-1].seq if len(found) == limit else None)


@get(
    "/customers/{customer:str}/purchases",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="What a customer bought",
)
async def purchases(
    customer: FromPath[str],
    loyalty: NamedDependency[LoyaltyDesk],
    before: Before = None,
    limit: Limit = 50,
) -> Purchases:
    """Return the purchases with what each earned, newest first."""
    found = await loyalty.look(loyalty.room.club.purchases, customer, before=before, limit=limit)
    return Purchases(purchases=found, before=found[-1].purchase if len(found) == limit else None)


@post(
    "/customers/{customer:str}/pay",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Use points or money without a sale",
)
async def pay(
    customer: FromPath[str],
    data: JSONBody[PayForm],
    caller: NamedDependency[Caller],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Receipt:
    """Use up what a customer has; the same key again gets the same answer."""
    payment = Payment(unit=data.unit, points=data.points)
    club = loyalty.room.club
    return await loyalty.enter(club.pay, payment, customer, loyalty.now(), key=data.key, by=caller.name)


async def _found(loyalty: LoyaltyDesk, text: str) -> Customer:
    found = await loyalty.look(loyalty.room.customers.find, text)
    if found is None:
        raise NoSuchCustomer(
            "Nobody has this id, phone number, e-mail address or code. Ask again, or join them."
        )
    return found


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    join,
    find,
    read,
    balance,
    standing,
    history,
    purchases,
    pay,
)
