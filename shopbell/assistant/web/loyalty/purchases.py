"""Sales, returns and voids, as tills tell them."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from shopbell.assistant.web.loyalty.askings import ClaimForm
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.loyalty.door import SCOPE, Caller, checked_till
from shopbell.assistant.web.loyalty.forms import PurchaseForm, RefundForm, VoidForm
from shopbell.assistant.web.loyalty.refusals import REFUSALS, TILL
from shopbell.loyalty.answers import Explained, Recorded, Reversed
from shopbell.loyalty.tills import Scope


@post(
    "/",
    status_code=200,
    opt={SCOPE: Scope.SALES_WRITE},
    responses=REFUSALS,
    security=TILL,
    summary="Record a sale",
)
async def record(
    data: JSONBody[PurchaseForm], caller: NamedDependency[Caller], loyalty: NamedDependency[LoyaltyDesk]
) -> Recorded:
    """Record a sale under the till's name; the same again gets the same answer, byte for byte."""
    sale = data.sale(checked_till(caller))
    loyalty.checked_time(sale.at)
    return await loyalty.enter(loyalty.room.club.record_sale, sale, loyalty.now(), tender=data.tender())


@post(
    "/{source:str}/{external_id:str}/refunds",
    status_code=200,
    opt={SCOPE: Scope.SALES_WRITE},
    responses=REFUSALS,
    security=TILL,
    summary="Record goods that came back",
)
async def refund(
    source: FromPath[str],
    external_id: FromPath[str],
    data: JSONBody[RefundForm],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Reversed:
    """Take back what the goods earned and give back what they were paid with, wholly or in part."""
    found = data.refund(source, external_id)
    loyalty.checked_time(found.at)
    return await loyalty.enter(loyalty.room.club.record_refund, found, loyalty.now())


@post(
    "/{source:str}/{external_id:str}/void",
    status_code=200,
    opt={SCOPE: Scope.SALES_WRITE},
    responses=REFUSALS,
    security=TILL,
    summary="Undo a sale",
)
async def void(
    source: FromPath[str],
    external_id: FromPath[str],
    data: JSONBody[VoidForm],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Reversed:
    """Undo a sale that should not have been rung up."""
    found = data.void(source, external_id)
    loyalty.checked_time(found.at)
    return await loyalty.enter(loyalty.room.club.record_void, found, loyalty.now())


@post(
    "/{source:str}/{external_id:str}/claim",
    status_code=200,
    opt={SCOPE: Scope.SALES_WRITE},
    responses=REFUSALS,
    security=TILL,
    summary="Add a receipt to a customer's account",
)
async def claim(
    source: FromPath[str],
    external_id: FromPath[str],
    data: JSONBody[ClaimForm],
    loyalty: NamedDependency[LoyaltyDesk],
) -> Recorded:
    """Say whose a sale is on which nobody was named; the programme says how long that can be done."""
    return await loyalty.enter(loyalty.room.club.claim, source, external_id, data.customer, loyalty.now())


@get(
    "/{source:str}/{external_id:str}/explain",
    opt={SCOPE: Scope.READ},
    responses=REFUSALS,
    security=TILL,
    summary="Say why a sale earned what it did",
)
async def explain(
    source: FromPath[str], external_id: FromPath[str], loyalty: NamedDependency[LoyaltyDesk]
) -> Explained:
    """Return which rule gave or withheld each point, with the arithmetic, in sentences for the customer."""
    return await loyalty.look(loyalty.room.club.explain, source, external_id)


HANDLERS: tuple[HTTPRouteHandler, ...] = (record, refund, void, claim, explain)
