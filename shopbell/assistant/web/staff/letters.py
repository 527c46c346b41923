"""Routes of messages the shop writes first, and of what customers said."""

from litestar import get, post
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.staff.accounts import Desk, Me


@get("/letters", opt={"right": "letters"})
async def letters(staff_desk: Desk, member: Me) -> w.LetterRows:
    """List drafts and what became of messages."""
    return await staff_desk.club.letters.letters(member)


@post("/letters/edit", status_code=200, opt={"right": "letters"})
async def edit(data: JSONBody[w.LetterWords], staff_desk: Desk, member: Me) -> w.LetterRow:
    """Change a draft's words."""
    return await staff_desk.club.letters.edit(member, data)


@post("/letters/release", status_code=200, opt={"right": "letters"})
async def release(data: JSONBody[w.LetterId], staff_desk: Desk, member: Me) -> w.LetterRow:
    """Let a draft go as soon as it may."""
    return await staff_desk.club.letters.release(member, data)


@post("/letters/refuse", status_code=200, opt={"right": "letters"})
async def refuse(data: JSONBody[w.LetterNo], staff_desk: Desk, member: Me) -> w.LetterRow:
    """Never send a message."""
    return await staff_desk.club.letters.refuse(member, data)


@get("/feedback", opt={"right": "customers"})
async def feedback(staff_desk: Desk, member: Me) -> w.FeedbackReport:
    """Say whom to call and what customers speak of."""
    return await staff_desk.club.feedback.report(member)


HANDLERS = (letters, edit, release, refuse, feedback)
