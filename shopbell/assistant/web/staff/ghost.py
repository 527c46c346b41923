"""Routes of ghost mode: how its topics stand, and taking a promotion back."""

from litestar import get, post
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.web.staff.accounts import Desk, Me


@get("/ghost", opt={"right": "system"})
async def standings(staff_desk: Desk) -> w.GhostReport:
    """Say how each topic stands."""
    return await staff_desk.ghost.report()


@post("/ghost/take-back", status_code=200, opt={"right": "ghost"})
async def take_back(data: JSONBody[w.TopicName], staff_desk: Desk, member: Me) -> w.Kept:
    """Let a promoted topic need approval again; its row of accepted drafts begins anew."""
    if not await staff_desk.ghost.take_back(member.name, data.topic):
        raise BadRequest("That topic was not promoted; there is nothing to take back.")
    return w.Kept(text=f"Replies on {data.topic} need approval again.")


HANDLERS = (standings, take_back)
