"""Routes of the shop's knowledge: gaps, drafts, previews, publishing, retiring, problems."""

import asyncio

from litestar import get, post
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.staff.accounts import Desk, Me


@get("/gaps", opt={"right": "knowledge"})
async def gaps(staff_desk: Desk) -> w.Gaps:
    """List the questions that found no answer, grouped and counted."""
    return await asyncio.to_thread(staff_desk.editor.gaps)


@post("/gaps/forget", status_code=200, opt={"right": "publish"})
async def forget(data: JSONBody[w.GapId], staff_desk: Desk, member: Me) -> w.Kept:
    """Drop a group of questions."""
    await asyncio.to_thread(staff_desk.editor.forget_gap, data.id)
    await staff_desk.write(member, "gap-forgotten", str(data.id))
    return w.Kept()


@post("/draft", status_code=200, opt={"right": "knowledge"})
async def draft(data: JSONBody[w.DraftFrom], staff_desk: Desk, member: Me) -> w.Draft:
    """Make an entry of what staff said in a conversation."""
    await staff_desk.write(member, "entry-drafted", data.conversation)
    return await asyncio.to_thread(staff_desk.editor.draft, data)


@post("/preview", status_code=200, opt={"right": "knowledge"})
async def preview(data: JSONBody[w.Draft], staff_desk: Desk) -> w.Preview:
    """Say what retrieval would say with this entry."""
    async with staff_desk.editing:
        return await asyncio.to_thread(staff_desk.editor.preview, data)


@post("/publish", opt={"right": "publish"})
async def publish(data: JSONBody[w.Draft], staff_desk: Desk, member: Me) -> w.Published:
    """Write an entry into the shop's folder; it is live within two seconds."""
    async with staff_desk.editing:
        published = await asyncio.to_thread(staff_desk.editor.publish, data)
    await staff_desk.write(member, "entry-published", published.id, file=published.file)
    return published


@post("/retire", status_code=200, opt={"right": "publish"})
async def retire(data: JSONBody[w.Retire], staff_desk: Desk, member: Me) -> w.Kept:
    """Let an entry be given no more."""
    async with staff_desk.editing:
        await asyncio.to_thread(staff_desk.editor.retire, data.id)
    await staff_desk.write(member, "entry-retired", data.id)
    return w.Kept(text="It is not given any more; its words stay in the file.")


@get("/problems", opt={"right": "knowledge"})
async def problems(staff_desk: Desk) -> w.Complaints:
    """List conflicts and everything else the owner should look at."""
    return w.Complaints(problems=staff_desk.machine.complaints())


@get("/expiring", opt={"right": "knowledge"})
async def expiring(staff_desk: Desk) -> w.Expiring:
    """List the facts that end soon."""
    return await asyncio.to_thread(staff_desk.editor.expiring)


HANDLERS = (gaps, forget, draft, preview, publish, retire, problems, expiring)
