"""The staff's page for calls, and its socket, as handlers for the web server."""

from collections.abc import Callable

from litestar import MediaType, Response, Router, get, websocket
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.handset import BUSY
from shopbell.assistant.web.pages import Pages
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.assistant.web.staff.guard import provide_staff_desk
from shopbell.voice.kioskpage import KioskPages
from shopbell.voice.phone.extension import Extension
from shopbell.voice.phone.talk import Talk

Talks = Callable[[], tuple[Talk, ...]]


@websocket("/api/calls", opt={"right": "first-frame"})
async def calls_socket(
    socket: WebSocket[None, None, State],
    desk: NamedDependency[Desk],
    staff_desk: NamedDependency[StaffDesk],
    talks: NamedDependency[Talks],
) -> None:
    """Serve one page; the guard has looked at its origin already."""
    here = socket.client.host if socket.client else ""
    await socket.accept()
    if not staff_desk.seats.sit(here):
        await socket.close(code=BUSY, reason="too many consoles are open")
        return
    try:
        await Extension(socket, desk, staff_desk, talks).run()
    finally:
        staff_desk.seats.leave(here)


@get("/staff/calls", media_type=MediaType.HTML, include_in_schema=False)
async def calls_page(
    pages: NamedDependency[Pages], desk: NamedDependency[Desk], kiosk_pages: NamedDependency[KioskPages]
) -> Response[str]:
    """Serve the page on which staff talk to callers; empty until somebody signs in."""
    headers = KioskPages.HEADERS | {"Cache-Control": "no-store"}
    return Response(kiosk_pages.calls(pages, desk.settings), media_type=MediaType.HTML, headers=headers)


def router(talks: Talks) -> Router:
    """Return the handlers of a shop with a telephone; the kiosk's serve the parts of the page."""
    kiosk_pages = KioskPages()
    return Router(
        path="/",
        route_handlers=[calls_socket, calls_page],
        dependencies={
            "talks": Provide(lambda: talks, sync_to_thread=False),
            "kiosk_pages": Provide(lambda: kiosk_pages, sync_to_thread=False),
            "staff_desk": Provide(provide_staff_desk),
        },
    )
