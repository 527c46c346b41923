"""The back room: corrections, merges, the close of the day, and the proof of the books."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from shopbell.assistant.errors import BadRequest
from shopbell.assistant.web.loyalty.askings import AdjustmentForm, MergeForm
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE, Caller, checked_person
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.answers import Adjusted, Flag, Merged
from shopbell.loyalty.closing import CloseSheet
from shopbell.loyalty.house import Adjustment
from shopbell.loyalty.tills import Scope
from shopbell.loyalty.verify import Anchor, Verified

_HASH = r"^([0-9a-f]{64})?$"


class Open(Struct, frozen=True, kw_only=True):
    """Corrections that wait for a second person."""

    adjustments: Sequence[Adjusted]


class Flags(Struct, frozen=True, kw_only=True):
    """What a person should look at."""

    flags: Sequence[Flag]


@post(
    "/adjustments",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Correct a balance",
)
async def adjust(
    data: JSONBody[AdjustmentForm], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Adjusted:
    """Give or take by hand; above the shop's cap it waits for a second person."""
    adjustment = Adjustment(
        key=data.key,
        customer=data.customer,
        unit=data.unit,
        points=data.points,
        reason=data.reason,
        actor=caller.name,
    )
    return await loyalty.enter(loyalty.room.club.adjust, adjustment, loyalty.now())


@get(
    "/adjustments",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See what waits for a second person",
)
async def waiting(loyalty: NamedDependency[LoyaltyDesk]) -> Open:
    """Return the corrections that are not decided."""
    return Open(adjustments=await loyalty.look(loyalty.room.club.open_adjustments))


@post(
    "/adjustments/{request_id:str}/approve",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Approve a correction",
)
async def approve(
    request_id: FromPath[str], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Adjusted:
    """Decide as the second person; a till cannot."""
    by = checked_person(caller)
    return await loyalty.enter(loyalty.room.club.approve, request_id, by, loyalty.now())


@post(
    "/adjustments/{request_id:str}/refuse",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Refuse a correction",
)
async def refuse(
    request_id: FromPath[str], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Adjusted:
    """Decide as the second person; a till cannot."""
    by = checked_person(caller)
    return await loyalty.enter(loyalty.room.club.refuse, request_id, by, loyalty.now())


@post(
    "/merges",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Make two records one",
)
async def merge(
    data: JSONBody[MergeForm], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Merged:
    """Move all of one customer to another; it can be undone."""
    club = loyalty.room.club
    return await loyalty.act(club.merge, data.source, data.target, loyalty.now(), by=caller.name)


@post(
    "/merges/{number:int}/undo",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Make one record two again",
)
async def unmerge(
    number: FromPath[int], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Merged:
    """Undo a merge; what was spent meanwhile stays spent."""
    if not 0 < number < 2**53:
        raise BadRequest("A merge's number is above zero.")
    return await loyalty.act(loyalty.room.club.unmerge, number, loyalty.now(), by=caller.name)


@post(
    "/days/{day:date}/close",
    status_code=200,
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Close a day",
)
async def close(
    day: FromPath[date], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> CloseSheet:
    """Write the day's sheet, with what is owed to customers; a second time it is the same sheet."""
    today = loyalty.now().astimezone(loyalty.room.zone).date()
    if not date(today.year - 5, 1, 1) <= day <= today:
        raise BadRequest(f"{day} cannot be closed. Close today, or a day before it.")
    return await loyalty.act(loyalty.room.club.close_day, day, actor=caller.name, now=loyalty.now())


@get(
    "/verify",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="Prove the books",
)
async def verify(
    loyalty: NamedDependency[LoyaltyDesk],
    entries: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    hashed: Annotated[str, QueryParameter(name="hash", max_length=64, pattern=_HASH)] = "",
) -> Verified:
    """Walk the chain and the sums and name the first bad row; `entries` and `hash` as on a close sheet."""
    anchor = Anchor(entries=entries, hash=hashed) if entries and hashed else None
    return await loyalty.study(loyalty.room.club.verify, anchor)


@get(
    "/watch",
    opt={SCOPE: Scope.MANAGE},
    responses=REFUSALS,
    security=TILL,
    summary="See what looks odd",
)
async def watch(
    loyalty: NamedDependency[LoyaltyDesk], days: Annotated[int, QueryParameter(ge=1, le=92)] = 7
) -> Flags:
    """Return shared cards, outliers, adjust-then-redeem and refund cycling of the last days."""
    return Flags(flags=await loyalty.study(loyalty.room.club.watch, loyalty.now(), days=days))


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    adjust,
    waiting,
    approve,
    refuse,
    merge,
    unmerge,
    close,
    verify,
    watch,
)
