"""Routes of the house: conversations, figures, the machine, the audit log."""

import asyncio
from contextlib import aclosing
from datetime import date
from typing import Annotated

from litestar import MediaType, Response, get, post
from litestar.params import FromPath, QueryParameter

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.staffwire.audit import AuditPage, AuditProof, AuditRow
from shopbell.assistant.web.staff.accounts import Desk, Me
from shopbell.assistant.web.transcript import transcript
from shopbell.assistant.web.words import checked_key


@get("/conversations", opt={"right": "floor"})
async def conversations(staff_desk: Desk, member: Me) -> w.CardList:
    """List every open conversation, by need."""
    await staff_desk.write(member, "list-viewed")
    return w.CardList(cards=staff_desk.hub.board.cards())


@get("/conversations/{conversation:str}/transcript", opt={"right": "export"}, media_type=MediaType.TEXT)
async def export(staff_desk: Desk, member: Me, conversation: FromPath[str]) -> Response[str]:
    """Export what was said as plain text."""
    name = checked_key(conversation)
    await staff_desk.write(member, "conversation-exported", name)
    frames: list[wire.Said | wire.Replied | wire.FloorChanged | wire.Rated | wire.Ended] = []
    async with aclosing(staff_desk.counter.follow(name)) as stream:
        async for frame in stream:
            if isinstance(frame, wire.Current):
                break
            if isinstance(frame, w.Answered):
                frames.append(frame.reply)
            elif isinstance(frame, wire.Said | wire.FloorChanged | wire.Rated | wire.Ended):
                frames.append(frame)
    settings = staff_desk.settings
    text = transcript(frames, shop=settings.shop.name, assistant=settings.assistant.name, zone=settings.zone)
    headers = {"Content-Disposition": 'attachment; filename="conversation.txt"'}
    return Response(w.visible(text), media_type=MediaType.TEXT, headers=headers)


@get("/numbers", opt={"right": "numbers"})
async def numbers(staff_desk: Desk, day: Annotated[str, QueryParameter(max_length=10)] = "") -> w.Numbers:
    """Return the figures of a day, or of today."""
    try:
        wanted = date.fromisoformat(day) if day else staff_desk.now().date()
    except ValueError as error:
        raise BadRequest("Write the day as year-month-day, such as 2026-12-24.") from error
    return await asyncio.to_thread(staff_desk.tally.on, wanted)


@get("/system", opt={"right": "system"})
async def system(staff_desk: Desk) -> w.SystemReport:
    """Return how the server is."""
    return await asyncio.to_thread(staff_desk.machine.report, staff_desk.hub.consoles)


@post("/system/model/restart", status_code=200, opt={"right": "restart"})
async def restart_model(staff_desk: Desk, member: Me) -> w.Kept:
    """Start the language model's process anew."""
    await staff_desk.write(member, "model-restarted")
    await staff_desk.machine.restart_model()
    return w.Kept(text="The model starts anew; until then the FAQ answers.")


@get("/audit", opt={"right": "audit"})
async def audit(
    staff_desk: Desk,
    member: Me,
    before: Annotated[int, QueryParameter(ge=0, le=2**53)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> AuditPage:
    """Return entries of the audit log, newest first; that somebody looked is written down too."""
    await staff_desk.write(member, "audit-viewed")
    log = staff_desk.office.audit
    lines = await asyncio.to_thread(lambda: log.lines(before=before, limit=limit))
    rows = tuple(
        AuditRow(
            seq=line.seq,
            at=line.at,
            actor=line.actor,
            action=line.action,
            target=line.target,
            detail=line.detail,
        )
        for line in lines
    )
    return AuditPage(rows=rows)


@get("/audit/proof", opt={"right": "audit"})
async def prove_audit(staff_desk: Desk) -> AuditProof:
    """Follow the audit log's chain from its beginning."""
    proof = await asyncio.to_thread(staff_desk.office.audit.verify)
    text = proof.fault or f"{proof.rows} lines hold; the last seal is {proof.head.hex()}."
    return AuditProof(holds=not proof.fault, entries=proof.rows, text=text)


HANDLERS = (conversations, export, numbers, system, restart_model, audit, prove_audit)
