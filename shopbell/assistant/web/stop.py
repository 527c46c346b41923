"""The page behind the link that ends every message: one tap, no sign-in, nothing else changes.

Looking at it changes nothing, for programs that check mail open every link; the tap is a POST, and so is what
mail programs send for the customer (RFC 8058).
"""

from litestar import MediaType, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from shopbell.assistant.outreach.errors import NoSuchLetter
from shopbell.assistant.outreach.optout import PATH, Optout
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.pages import Pages

ASKED = "You can stop all messages that this shop writes you first. Your points and rewards stay as they are."
DONE = "Done. This shop writes you no more messages. Your points and rewards stay as they are."
AGAIN = "If you change your mind, say so at the counter or in the chat."
UNKNOWN = "This link is not known here any more. Tell us at the counter or in the chat, and we stop."
_Token = FromPath[str]


@get(f"{PATH}/{{token:str}}", media_type=MediaType.HTML, include_in_schema=False)
async def look(pages: NamedDependency[Pages], state: State, token: _Token) -> Response[str]:
    """Show the page with its one button."""
    desk: LoyaltyDesk = state["loyalty"]
    try:
        await desk.look(_optout(desk).holder, token)
    except NoSuchLetter:
        return _page(pages, UNKNOWN, status=404)
    return _page(pages, ASKED, button=True)


@post(f"{PATH}/{{token:str}}", media_type=MediaType.HTML, status_code=200, include_in_schema=False)
async def stop(pages: NamedDependency[Pages], state: State, token: _Token) -> Response[str]:
    """Take the consent back."""
    desk: LoyaltyDesk = state["loyalty"]
    try:
        await desk.act(_optout(desk).stop, token, desk.now())
    except NoSuchLetter:
        return _page(pages, UNKNOWN, status=404)
    return _page(pages, DONE, below=AGAIN)


def _optout(desk: LoyaltyDesk) -> Optout:
    if desk.outreach is None:
        raise NoSuchLetter(UNKNOWN)
    return desk.outreach.stores.optout


def _page(
    pages: Pages, lead: str, *, below: str = "", button: bool = False, status: int = 200
) -> Response[str]:
    page = pages.stop(lead=lead, below=below, button=button)
    return Response(
        page, media_type=MediaType.HTML, status_code=status, headers={"Cache-Control": "no-store"}
    )


HANDLERS = (look, stop)
