"""Rewards at the counter: set aside, handed out, let go, undone."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from shopbell.assistant.web.loyalty.askings import RedeemForm, ReserveForm
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE, Caller
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.answers import Offer, Redeemed, Reserved
from shopbell.loyalty.codes import read_code
from shopbell.loyalty.qr import qr_svg
from shopbell.loyalty.tills import Scope


class Offers(Struct, frozen=True, kw_only=True):
    """The catalogue of rewards as one customer sees it."""

    rewards: Sequence[Offer]


@get(
    "/customers/{customer:str}/rewards",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="What a customer can have",
)
async def offers(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Offers:
    """Return the rewards with what each costs, and why it cannot be had if so."""
    return Offers(rewards=await loyalty.look(loyalty.room.club.rewards, customer, loyalty.now()))


@post(
    "/customers/{customer:str}/rewards/{reward:str}/reserve",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Set a reward aside",
)
async def reserve(
    customer: FromPath[str],
    reward: FromPath[str],
    data: JSONBody[ReserveForm],
    caller: NamedDependency[Caller],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Reserved:
    """Set a reward aside and give its code; the same key again gets the same answer."""
    club, now = loyalty.room.club, loyalty.now()
    return await loyalty.enter(club.reserve, customer, reward, now, key=data.key, by=caller.name)


@post(
    "/rewards/redeem",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Hand a reward out",
)
async def redeem(
    data: JSONBody[RedeemForm], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Redeemed:
    """Redeem a reward that was set aside, by its code or hold; once, however often it is asked."""
    return await loyalty.enter(loyalty.room.club.redeem, data.code, loyalty.now(), by=caller.name)


@post(
    "/rewards/{hold:str}/release",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Let a reward go",
)
async def release(
    hold: FromPath[str], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Redeemed:
    """Put back what was set aside."""
    return await loyalty.enter(loyalty.room.club.release, hold, loyalty.now(), by=caller.name)


@post(
    "/rewards/{hold:str}/undo",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Take a reward back",
)
async def undo(
    hold: FromPath[str], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Redeemed:
    """Undo a reward that was handed out a moment ago."""
    return await loyalty.enter(loyalty.room.club.undo, hold, loyalty.now(), by=caller.name)


@get(
    "/rewards/qr",
    media_type="image/svg+xml",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Draw a code",
)
async def draw(
    code: Annotated[str, QueryParameter(min_length=2, max_length=40, examples=[])],
) -> Response[str]:
    """Return a reward's code as the SVG of a QR code."""
    return Response(qr_svg(read_code(code)), media_type="image/svg+xml")


HANDLERS: tuple[HTTPRouteHandler, ...] = (offers, reserve, redeem, release, undo, draw)
