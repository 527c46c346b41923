"""What a customer holds besides points: packs and their passes, and the segments they are in."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE, Caller
from shopbell.assistant.web.loyalty.forms import TEXT, Form, Key
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.holdinganswers import PackState, Segmented, Stepped
from shopbell.loyalty.packsteps import PackRequest
from shopbell.loyalty.segmenting import FORM, MOST
from shopbell.loyalty.tills import Scope

MOST_PASSES = 1_000


class StepForm(Form, frozen=True, kw_only=True):
    """What shall be done with a pack; sent again with the same key it is done once."""

    key: Key
    pack: Annotated[
        str, Meta(min_length=1, max_length=400, pattern=TEXT, examples=["front/2026-11-21-0042/1/1"])
    ]
    """The pack's `id`, from the list of packs."""
    step: Annotated[Literal["use", "skip", "pause", "resume", "leave"], Meta(examples=["use"])]
    """`leave` gives the rest of the money back."""
    passes: Annotated[int, Meta(ge=1, le=MOST_PASSES, examples=[1])] = 1
    """How many are used."""
    until: date | None = None
    """The day on which a pause ends."""


class SegmentsForm(Form, frozen=True, kw_only=True):
    """The segments of a customer; those not named are left."""

    segments: Annotated[
        tuple[Annotated[str, Meta(pattern=FORM, examples=["regular"])], ...],
        Meta(max_length=MOST, examples=[["regular", "tea-drinker"]]),
    ]
    reason: Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT, examples=["Buys tea weekly"])]


class Packs(Struct, frozen=True, kw_only=True):
    """A customer's packs, in the order they were bought."""

    packs: Sequence[PackState]


class Segments(Struct, frozen=True, kw_only=True):
    """What was said of a customer's segments, newest first; the first are those of today."""

    changes: Sequence[Segmented]


@get(
    "/customers/{customer:str}/packs",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="See a customer's packs",
)
async def packs(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Packs:
    """Return prepaid packs and subscriptions with what is left, and what leaving would give back today."""
    return Packs(packs=await loyalty.look(loyalty.room.club.holdings.packs, customer, loyalty.now()))


@post(
    "/customers/{customer:str}/packs/steps",
    status_code=200,
    opt={SCOPE: Scope.REWARDS_REDEEM},
    responses=REFUSALS,
    security=TILL,
    summary="Use, skip, pause or leave a pack",
)
async def step(
    customer: FromPath[str],
    data: JSONBody[StepForm],
    caller: NamedDependency[Caller],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Stepped:
    """Do it once; a pack is bought by a sale of its goods, and used by this or by paying a sale with it."""
    request = PackRequest(
        key=data.key,
        customer=customer,
        pack=data.pack,
        step=data.step,
        passes=data.passes,
        until=data.until,
        by=caller.name,
    )
    return await loyalty.enter(loyalty.room.club.holdings.step, request, loyalty.now())


@get(
    "/customers/{customer:str}/segments",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="See a customer's segments",
)
async def segments(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Segments:
    """Return what was said of them, with who said it and why."""
    return Segments(changes=await loyalty.look(loyalty.room.club.holdings.segments, customer))


@put(
    "/customers/{customer:str}/segments",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Put a customer into segments",
)
async def set_segments(
    customer: FromPath[str],
    data: JSONBody[SegmentsForm],
    caller: NamedDependency[Caller],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Segmented:
    """Put a customer into these segments and no others, for rules that are for some only."""
    return await loyalty.enter(
        loyalty.room.club.holdings.set_segments,
        customer,
        data.segments,
        data.reason,
        loyalty.now(),
        by=caller.name,
    )


HANDLERS: tuple[HTTPRouteHandler, ...] = (packs, step, segments, set_segments)
