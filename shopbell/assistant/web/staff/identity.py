"""What staff can do for a customer who wants to be known: a code to read out, a locked account, a card."""

from litestar import post
from litestar.datastructures import State
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.keysmith import Keysmith
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.staff.accounts import Desk, Me
from shopbell.loyalty.qr import qr_svg


@post("/sign-in-code", status_code=200, opt={"right": "floor"})
async def issue_code(
    data: JSONBody[w.CustomerId], staff_desk: Desk, member: Me, state: State
) -> w.SignInCode:
    """Make a one-time code for a customer who stands here, to be read out; an earlier one ends."""
    code = await _keysmith(state).issue_code(data.customer, by=member.name)
    await staff_desk.write(member, "code-issued", data.customer)
    return w.SignInCode(code=code.text, ends_at=code.expires_at)


@post("/unlock", status_code=200, opt={"right": "floor"})
async def unlock(data: JSONBody[w.CustomerId], staff_desk: Desk, member: Me, state: State) -> w.Kept:
    """Let a customer's PIN be tried again after it was wrong too often."""
    await _keysmith(state).unlock(data.customer)
    await staff_desk.write(member, "pin-unlocked", data.customer)
    return w.Kept(text="The PIN can be tried again.")


@post("/new-card", status_code=200, opt={"right": "floor"})
async def make_card(
    data: JSONBody[w.CustomerId], staff_desk: Desk, member: Me, state: State
) -> w.LoyaltyCard:
    """Make a customer's card; an earlier one ends."""
    text = await _keysmith(state).issue_card(data.customer)
    await staff_desk.write(member, "card-made", data.customer)
    return w.LoyaltyCard(text=text, svg=qr_svg(text))


HANDLERS = (issue_code, unlock, make_card)


def _keysmith(state: State) -> Keysmith:
    club: LoyaltyDesk | None = state["loyalty"]
    if club is None or club.keysmith is None:
        raise BadRequest("This shop has no loyalty programme, so there is nothing to sign in to.")
    return club.keysmith
