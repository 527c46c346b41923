"""Routes of the counter card: find a customer, look, reveal, say whose a conversation is; joining records."""

from litestar import get, post
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.staff.accounts import Desk, Me


@post("/find", status_code=200, opt={"right": "customers"})
async def find(data: JSONBody[w.FindCustomer], staff_desk: Desk, member: Me) -> w.CustomerRows:
    """Find customers; in a body, because addresses are written into logs of servers and proxies."""
    return await staff_desk.club.patrons.find(member, data.text)


@post("/card", status_code=200, opt={"right": "customers"})
async def card(data: JSONBody[w.CustomerId], staff_desk: Desk, member: Me) -> w.Patron:
    """Show the counter card."""
    return await staff_desk.club.patrons.card(member, data.customer)


@post("/reveal", status_code=200, opt={"right": "reveal"})
async def reveal(data: JSONBody[w.Reveal], staff_desk: Desk, member: Me) -> w.Revealed:
    """Show what is masked, for a reason."""
    return await staff_desk.club.patrons.reveal(member, data)


@post("/recognise", status_code=200, opt={"right": "customers"})
async def recognise(data: JSONBody[w.Recognise], staff_desk: Desk, member: Me) -> w.Kept:
    """Say whose a conversation is."""
    await staff_desk.recognise(member, data.conversation, data.customer)
    return w.Kept()


@post("/complaints/settle", status_code=200, opt={"right": "customers"})
async def settle(data: JSONBody[w.Settle], staff_desk: Desk, member: Me) -> w.Kept:
    """Note that a complaint was seen to."""
    return await staff_desk.club.complaints.settle(member, data)


@post("/award", status_code=200, opt={"right": "award"})
async def award(data: JSONBody[w.Award], staff_desk: Desk, member: Me) -> w.Awarded:
    """Give points as goodwill, or ask a second person to."""
    awarded = await staff_desk.club.goodwill.award(member, data)
    await staff_desk.recount()
    return awarded


@get("/requests", opt={"right": "award"})
async def requests(staff_desk: Desk, member: Me) -> w.Requests:
    """List what waits for a second person."""
    return await staff_desk.club.goodwill.waiting(member)


@post("/requests/decide", status_code=200, opt={"right": "approve"})
async def decide(data: JSONBody[w.Decide], staff_desk: Desk, member: Me) -> w.Awarded:
    """Approve or refuse what a colleague asked for."""
    decided = await staff_desk.club.goodwill.decide(member, data)
    await staff_desk.recount()
    return decided


@post("/rewards/set-aside", status_code=200, opt={"right": "redeem"})
async def set_aside(data: JSONBody[w.SetAside], staff_desk: Desk, member: Me) -> w.HoldRow:
    """Set a reward aside and give its code."""
    return await staff_desk.club.handing.set_aside(member, data)


@post("/rewards/look", status_code=200, opt={"right": "redeem"})
async def look(data: JSONBody[w.RewardCode], staff_desk: Desk, member: Me) -> w.HoldRow:
    """Say what a code stands for, before it is handed out."""
    return await staff_desk.club.handing.look(member, data)


@post("/rewards/redeem", status_code=200, opt={"right": "redeem"})
async def redeem(data: JSONBody[w.RewardCode], staff_desk: Desk, member: Me) -> w.HoldRow:
    """Hand a reward out."""
    return await staff_desk.club.handing.redeem(member, data)


@post("/rewards/release", status_code=200, opt={"right": "redeem"})
async def release(data: JSONBody[w.RewardCode], staff_desk: Desk, member: Me) -> w.HoldRow:
    """Put a reward back."""
    return await staff_desk.club.handing.release(member, data)


@post("/rewards/undo", status_code=200, opt={"right": "redeem"})
async def undo(data: JSONBody[w.RewardCode], staff_desk: Desk, member: Me) -> w.HoldRow:
    """Take back that a reward was handed out."""
    return await staff_desk.club.handing.undo(member, data)


@post("/twins/preview", status_code=200, opt={"right": "merge"})
async def preview(data: JSONBody[w.Pair], staff_desk: Desk, member: Me) -> w.MergePreview:
    """Say what joining two records would bring."""
    return await staff_desk.club.twins.preview(member, data)


@post("/twins/join", status_code=200, opt={"right": "merge"})
async def join(data: JSONBody[w.Pair], staff_desk: Desk, member: Me) -> w.Merged:
    """Join two records of one person."""
    return await staff_desk.club.twins.join(member, data)


@post("/twins/part", status_code=200, opt={"right": "merge"})
async def part(data: JSONBody[w.Unmerge], staff_desk: Desk, member: Me) -> w.Merged:
    """Part two records again."""
    return await staff_desk.club.twins.part(member, data)


HANDLERS = (
    find,
    card,
    reveal,
    recognise,
    settle,
    award,
    requests,
    decide,
    set_aside,
    look,
    redeem,
    release,
    undo,
    preview,
    join,
    part,
)
