"""The web application: pages, the socket and the REST interface behind one guard."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from litestar import Litestar, websocket
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from shopbell.assistant.errors import AssistantError
from shopbell.assistant.settings import Settings
from shopbell.assistant.web import api, pages, stop
from shopbell.assistant.web.asgi import App
from shopbell.assistant.web.chat import Chat
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.guard import Guard, SignedIn
from shopbell.assistant.web.handset import BUSY
from shopbell.assistant.web.limits import Clock, Limits
from shopbell.assistant.web.loyalty import routes as loyalty_routes
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.assistant.web.origins import Origins
from shopbell.assistant.web.problems import respond
from shopbell.assistant.web.queries import Queries
from shopbell.assistant.web.reference import reference
from shopbell.assistant.web.service import Conversations
from shopbell.assistant.web.staff import routes as staff_routes
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.assistant.web.staff.guard import bearer

DEFAULTS = Limits()


def wall_clock() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def create_app(
    service: Conversations,
    settings: Settings,
    folder: Path,
    *,
    hosts: Iterable[str] = (),
    limits: Limits = DEFAULTS,
    clock: Clock = time.monotonic,
    now: Callable[[], datetime] = wall_clock,
    staff: StaffDesk | None = None,
    loyalty: LoyaltyDesk | None = None,
    more: Sequence[ControllerRouterHandler] = (),
) -> Guard:
    """Build the application for one shop.

    `hosts` are further names under which the server is reached, besides loopback, private addresses, and
    names that only the own network knows. Without `staff` nothing of the console is served, without
    `loyalty` nothing of the programme. `more` are handlers of other rooms, such as the kiosk's.
    """
    doorman = loyalty.doorman if loyalty is not None else None
    desk = Desk(service, settings, folder, limits=limits, clock=clock, now=now, doorman=doorman)
    site = pages.Pages(desk)
    routes = [*pages.HANDLERS, api.router(), chat, *_staff_routes(staff), *_loyalty_routes(loyalty), *more]
    inner = Litestar(
        route_handlers=routes,
        state=State({"staff": staff, "loyalty": loyalty}),
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "pages": Provide(lambda: site, sync_to_thread=False),
        },
        before_request=Queries(),
        exception_handlers={HTTPException: respond, AssistantError: respond, Exception: respond},
        openapi_config=reference(site, shop=settings.shop.name, version=service.health().version),
        request_max_body_size=limits.body_bytes,
        logging_config=None,  # the command line sets up logging for all
        debug=False,
    )
    # Litestar types the messages of ASGI more narrowly than the specification, each kind on its own.
    origins = Origins(settings.web.origins, (*settings.web.hosts, *hosts))
    return Guard(cast("App", inner), origins, limits, clock, signed_in=_signed_in(staff))


def _staff_routes(staff: StaffDesk | None) -> list[ControllerRouterHandler]:
    return [pages.staff_page, pages.figures_page, staff_routes.router()] if staff is not None else []


def _loyalty_routes(loyalty: LoyaltyDesk | None) -> list[ControllerRouterHandler]:
    return [loyalty_routes.router(), *stop.HANDLERS] if loyalty is not None else []


def _signed_in(staff: StaffDesk | None) -> SignedIn:
    async def signed_in(header: str) -> bool:
        return staff is not None and await staff.office.member(bearer(header)) is not None

    return signed_in


@websocket("/api/chat")
async def chat(socket: WebSocket[None, None, State], desk: NamedDependency[Desk]) -> None:
    """Serve one customer's socket; the guard has looked at its origin already."""
    here = socket.client.host if socket.client else ""
    await socket.accept()
    if not desk.seats.sit(here):
        await socket.close(code=BUSY, reason="too many chats are open")
        return
    try:
        await Chat(
            socket,
            desk.service,
            desk.limits,
            address=here,
            says=desk.says,
            clock=desk.clock,
            doorman=desk.doorman,
        ).run()
    finally:
        desk.seats.leave(here)
