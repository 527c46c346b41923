"""What the nightly reckoning found: worth, who slips away, groups, and what to offer, with the reasons."""

from collections.abc import Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE
from shopbell.assistant.web.loyalty.reckonedforms import Groups, Members, Standing, Suggested, Worth, Worths
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.reckoning import reading as found
from shopbell.loyalty.reckoning.answers import Limits
from shopbell.loyalty.reckoning.offering import Offered
from shopbell.loyalty.reckoning.recommending import Wanted
from shopbell.loyalty.tills import Scope
from shopbell.storage.database import reading

P = ParamSpec("P")
T = TypeVar("T")
MOST_ROWS, MOST_OFFERED = 200, 20
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_ROWS)]
Offset = Annotated[int, QueryParameter(ge=0, le=10_000_000)]
Listed = Annotated[str, QueryParameter(max_length=600, description="Several are parted by commas.")]


async def _read(
    loyalty: LoyaltyDesk, fn: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    def read() -> T:
        with reading(loyalty.room.engine) as db:
            return fn(db, *args, **kwargs)

    return await loyalty.look(read)


async def _standing(loyalty: LoyaltyDesk) -> Standing | None:
    run = await _read(loyalty, found.read_reckoning)
    if run is None:
        return None
    return Standing(
        day=run.day,
        ahead_days=run.ahead_days,
        least_visits=run.least_visits,
        held_out=run.held_out,
        note=run.note,
    )


@get(
    "/worth",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See what customers are worth",
)
async def worths(loyalty: NamedDependency[LoyaltyDesk], limit: Limit = 50, offset: Offset = 0) -> Worths:
    """Return customers with what they are expected to pay in a year, who is worth most first."""
    rows = await _read(loyalty, found.read_worths, limit=limit, offset=offset)
    return Worths(reckoned=await _standing(loyalty), customers=rows)


@get(
    "/at-risk",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See who is slipping away",
)
async def at_risk(loyalty: NamedDependency[LoyaltyDesk], limit: Limit = 50, offset: Offset = 0) -> Worths:
    """Return who was a regular and is late, with the reason in a sentence, the most at stake first."""
    rows = await _read(loyalty, found.read_at_risk, limit=limit, offset=offset)
    return Worths(reckoned=await _standing(loyalty), customers=rows)


@get(
    "/customers/{customer:str}/worth",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See what a customer is worth",
)
async def worth(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Worth:
    """Return one customer's figures, and why they are at risk or not."""
    one = await _read(loyalty, found.read_worth, customer)
    return Worth(reckoned=await _standing(loyalty), worth=one)


@get(
    "/groups",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See the groups that rules make",
)
async def groups(loyalty: NamedDependency[LoyaltyDesk]) -> Groups:
    """Return the groups of the last reckoning; those made by hand are a customer's segments."""
    rows = await _read(loyalty, found.read_segments)
    return Groups(reckoned=await _standing(loyalty), groups=rows)


@get(
    "/groups/{group:str}/members",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See who is in a group",
)
async def members(
    group: FromPath[str], loyalty: NamedDependency[LoyaltyDesk], limit: Limit = 50, offset: Offset = 0
) -> Members:
    """Return who is in it now, by customer; nobody for a group that there is not."""
    return Members(members=await _read(loyalty, found.read_members, group, limit=limit, offset=offset))


@get(
    "/customers/{customer:str}/groups",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See which groups a customer is and was in",
)
async def memberships(customer: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]) -> Members:
    """Return each group with since when, until when and why, the newest first."""
    return Members(members=await _read(loyalty, found.read_memberships, customer))


@get(
    "/suggestions",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Ask what to offer",
)
async def suggestions(
    loyalty: NamedDependency[LoyaltyDesk],
    customer: Annotated[str, QueryParameter(max_length=64)] = "",
    basket: Listed = "",
    diet: Listed = "",
    without: Listed = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_OFFERED)] = 3,
) -> Suggested:
    """Return what goes with a basket of articles, or with what a customer usually buys, at this hour.

    Nothing that is sold out, or that the catalogue does not mark with the diet, or marks with an allergen.
    """
    limits = Limits(diets=_parted(diet), allergens=_parted(without))
    at = loyalty.now().astimezone(loyalty.room.zone)
    wanted = Wanted(basket=_parted(basket), at=at, limits=limits)
    done: Offered = await loyalty.look(loyalty.offering.offer, customer, wanted, limit=limit)
    return Suggested(personal=done.personal, suggestions=done.advice)


def _parted(text: str) -> tuple[str, ...]:
    return tuple(word for each in text.split(",") if (word := each.strip()))


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    worths,
    at_risk,
    worth,
    groups,
    members,
    memberships,
    suggestions,
)
