"""Routes of the figures: as values, as the owner's page, and the rows behind them."""

import asyncio
from typing import Annotated

from litestar import MediaType, Response, get, post
from litestar.params import JSONBody, QueryParameter

from shopbell.assistant import staffwire as w
from shopbell.assistant.insight.page import page
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.staffwire.figures import FigureAsk, FigureRows, Figures
from shopbell.assistant.web.staff.accounts import Desk, Me
from shopbell.assistant.web.staff.desk import StaffDesk

Days = Annotated[int, QueryParameter(ge=1, le=366)]


@get("/", opt={"right": "figures"})
async def figures(staff_desk: Desk, member: Me, days: Days = 28) -> Figures:
    """Return the figures of the last days, today with them; who looked is written down."""
    await staff_desk.write(member, "figures-viewed", days=days)
    return await _figures(staff_desk, days)


@get("/page", opt={"right": "figures"}, media_type=MediaType.HTML)
async def figures_page(staff_desk: Desk, member: Me, days: Days = 28) -> Response[str]:
    """Return the inside of the owner's page."""
    await staff_desk.write(member, "figures-viewed", days=days)
    found = await _figures(staff_desk, days)
    return Response(w.visible(page(found)), media_type=MediaType.HTML)


@post("/rows", status_code=200, opt={"right": "figures"})
async def rows(data: JSONBody[FigureAsk], staff_desk: Desk, member: Me) -> FigureRows:
    """Return the rows of a figure: conversations, days, or customers by name; it is written down."""
    await staff_desk.write(member, "figure-rows-viewed", data.figure, days=data.days)
    book, now = staff_desk.figures, staff_desk.now()
    span = Span.ending(now.date(), data.days, book.about.zone)
    return await asyncio.to_thread(book.rows, span, now, data.figure, data.part)


HANDLERS = (figures, figures_page, rows)


async def _figures(staff_desk: StaffDesk, days: int) -> Figures:
    book, now = staff_desk.figures, staff_desk.now()
    return await asyncio.to_thread(book.figures, Span.ending(now.date(), days, book.about.zone), now)
