"""Routes of messages the shop writes first, and of what customers said."""

from litestar import get, post
from litestar.params import JSONBody

from shopbell.assistant.staffwire.customers import Settle
from shopbell.assistant.staffwire.letters import (
    FeedbackReport,
    LetterId,
    LetterNo,
    LetterRow,
    LetterRows,
    LetterWords,
)
from shopbell.assistant.staffwire.people import Kept
from shopbell.assistant.web.staff.accounts import Desk, Me


@get("/letters", opt={"right": "letters"})
async def letters(staff_desk: Desk, member: Me) -> LetterRows:
    """List drafts and what became of messages."""
    return await staff_desk.club.letters.letters(member)


@post("/letters/edit", status_code=200, opt={"right": "letters"})
async def edit(data: JSONBody[LetterWords], staff_desk: Desk, member: Me) -> LetterRow:
    """Change a draft's words."""
    return await staff_desk.club.letters.edit(member, data)


@post("/letters/release", status_code=200, opt={"right": "letters"})
async def release(data: JSONBody[LetterId], staff_desk: Desk, member: Me) -> LetterRow:
    """Let a draft go as soon as it may."""
    return await staff_desk.club.letters.release(member, data)


@post("/letters/refuse", status_code=200, opt={"right": "letters"})
async def refuse(data: JSONBody[LetterNo], staff_desk: Desk, member: Me) -> LetterRow:
    """Never send a message."""
    return await staff_desk.club.letters.refuse(member, data)


@get("/feedback", opt={"right": "customers"})
async def feedback(staff_desk: Desk, member: Me) -> FeedbackReport:
    """Say whom to call and what customers speak of."""
    return await staff_desk.club.feedback.report(member)


@post("/feedback/dial", status_code=200, opt={"right": "customers"})
async def dial(data: JSONBody[Settle], staff_desk: Desk, member: Me) -> Kept:
    """Ring staff, and then the customer who asked to be called back."""
    return await staff_desk.club.feedback.dial(member, data, staff_desk.telephone)


HANDLERS = (letters, edit, release, refuse, feedback, dial)
