"""From errors to what a program reads: one function maps every error to a status, a code and a text."""

import logging

from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import Struct
from sqlalchemy.exc import OperationalError

from shopbell.assistant import errors
from shopbell.assistant.outreach import errors as outreach
from shopbell.assistant.web.errors import NoToken, TooFast
from shopbell.loyalty import errors as loyalty
from shopbell.loyalty import identityerrors as identity

_log = logging.getLogger(__name__)


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong."""

    status: int
    """HTTP status."""
    code: str
    """Stable, for programs."""
    text: str
    """For people: what is wrong and what to do."""


_STATUS: tuple[tuple[type[errors.AssistantError], int], ...] = (
    (NoToken, 401),
    (TooFast, 429),
    (errors.NoSuchConversation, 404),
    (errors.ConversationOver, 409),
    (errors.BadRequest, 400),
    (errors.FloorTaken, 409),
    (errors.NotHolder, 409),
    (errors.DraftClosed, 409),
    (errors.NameTaken, 409),
    (errors.BadLogin, 401),
    (errors.NoRight, 403),
    (errors.NoSuchStaff, 404),
    (errors.NoProgramme, 404),
    (outreach.NoSuchLetter, 404),
    (outreach.LetterRefused, 409),
    (errors.ModelError, 503),
)
_LOYALTY: tuple[tuple[type[loyalty.LoyaltyError], int], ...] = (
    (loyalty.KeyRefused, 401),
    (loyalty.ScopeMissing, 403),
    (loyalty.TooFast, 429),
    (identity.SignInTooFast, 429),
    (identity.PinRefused, 400),
    (identity.SignInRefused, 403),
    (loyalty.NoSuchCustomer, 404),
    (loyalty.NoSuchPurchase, 404),
    (loyalty.NotInLedger, 404),
    (loyalty.DeliveryMissing, 404),
    (loyalty.CodeRefused, 409),
    (loyalty.CustomerTaken, 409),
    (loyalty.CustomerRefused, 400),
    (loyalty.PurchaseReused, 409),
    (loyalty.PurchaseRefused, 400),
    (loyalty.BadOperation, 400),
    (loyalty.RecipeRefused, 400),
    (loyalty.SheetRefused, 400),
    (loyalty.ImportRefused, 409),
    (loyalty.SubscriptionRefused, 400),
    (loyalty.ProgrammeError, 503),
    (loyalty.LoyaltyError, 409),  # all others: what was asked contradicts the books
)
_CODES = {
    400: "bad-request",
    401: "no-token",
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    429: "rate",
}


def problem(error: Exception) -> Problem:
    """Return what to tell about an error; of an unforeseen one nothing but that it happened."""
    if isinstance(error, errors.AssistantError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return Problem(status=status, code=error.code, text=str(error))
    if isinstance(error, loyalty.LoyaltyError):
        status = next(status for kind, status in _LOYALTY if isinstance(error, kind))
        return Problem(status=status, code=error.code, text=str(error))
    if isinstance(error, OperationalError):
        _log.warning("web.busy", exc_info=error)
        return Problem(status=503, code="busy", text="The books are busy. Send the same again in a moment.")
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "bad-request" if error.status_code < 500 else "fault")  # noqa: PLR2004 - the server's own faults begin there
        return Problem(status=error.status_code, code=code, text=_words(error))
    _log.error("web.fault", exc_info=error)
    return Problem(status=500, code="fault", text="Something went wrong on our side. Please try again.")


def respond(_request: Request[None, None, State], error: Exception) -> Response[dict[str, str]]:
    """Answer a request that failed."""
    found = problem(error)
    headers = dict(getattr(error, "headers", None) or {})
    if found.status == 401:  # noqa: PLR2004 - the status says itself
        headers["WWW-Authenticate"] = "Bearer"
    body = {"code": found.code, "text": found.text}
    return Response(body, status_code=found.status, headers=headers, media_type=MediaType.JSON)


def _words(error: HTTPException) -> str:
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        first = extra[0]
        return f"{first.get('key', 'body')}: {first.get('message', error.detail)}"
    return error.detail or "The request cannot be served."
