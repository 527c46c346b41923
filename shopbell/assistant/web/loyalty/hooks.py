"""Webhooks: who is told, and what became of it."""

from collections.abc import Sequence
from typing import Annotated

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from shopbell.assistant.errors import BadRequest
from shopbell.assistant.web.loyalty.askings import HookForm
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.subscriptions import Subscription
from shopbell.loyalty.tills import Scope
from shopbell.loyalty.webhooks import Attempt


class NewHook(Struct, frozen=True, kw_only=True):
    """A subscription on the one occasion its secret is shown."""

    subscription: Subscription
    secret: str
    """Signs every message; see docs/till.md."""


class Hooks(Struct, frozen=True, kw_only=True):
    """Who is told."""

    subscriptions: Sequence[Subscription]


class Deliveries(Struct, frozen=True, kw_only=True):
    """The latest tries, newest first."""

    attempts: Sequence[Attempt]


@post(
    "/webhooks",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Have somebody told",
)
async def subscribe(data: JSONBody[HookForm], loyalty: NamedDependency[LoyaltyDesk]) -> NewHook:
    """Send events to an address in the shop's own network from now on."""
    new = await loyalty.look(loyalty.room.subscriptions.subscribe, data.url, data.events, loyalty.now())
    return NewHook(subscription=new.subscription, secret=new.secret)


@get(
    "/webhooks",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See who is told",
)
async def subscriptions(loyalty: NamedDependency[LoyaltyDesk]) -> Hooks:
    """Return the subscriptions, oldest first."""
    return Hooks(subscriptions=await loyalty.look(loyalty.room.subscriptions.all))


@delete(
    "/webhooks/{subscription:str}",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Tell somebody nothing more",
)
async def unsubscribe(subscription: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> None:
    """End a subscription; what waits for it is dropped."""
    await loyalty.look(loyalty.room.subscriptions.unsubscribe, subscription, loyalty.now())


@get(
    "/webhooks/log",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See what became of the messages",
)
async def deliveries(
    loyalty: NamedDependency[LoyaltyDesk], limit: Annotated[int, QueryParameter(ge=1, le=1_000)] = 100
) -> Deliveries:
    """Return the latest tries to deliver."""
    return Deliveries(attempts=await loyalty.look(loyalty.room.outbox.log, limit))


@post(
    "/webhooks/deliveries/{delivery:int}/redeliver",
    status_code=204,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Send a message again",
)
async def redeliver(delivery: FromPath[int], loyalty: NamedDependency[LoyaltyDesk]) -> None:
    """Send a delivery again at once, whether it came through or not."""
    if not 0 < delivery < 2**53:
        raise BadRequest("A delivery's number is above zero.")
    await loyalty.act(loyalty.room.outbox.redeliver, delivery, loyalty.now())


HANDLERS: tuple[HTTPRouteHandler, ...] = (subscribe, subscriptions, unsubscribe, deliveries, redeliver)
