"""The web application: pages, the socket and the REST interface behind one guard."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from litestar import Litestar, websocket
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException

from shopbell.assistant.errors import AssistantError
from shopbell.assistant.settings import Settings
from shopbell.assistant.web import api, pages
from shopbell.assistant.web.asgi import App
from shopbell.assistant.web.chat import BUSY, Chat
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.guard import Guard
from shopbell.assistant.web.limits import Clock, Limits
from shopbell.assistant.web.origins import Origins
from shopbell.assistant.web.problems import respond
from shopbell.assistant.web.reference import reference
from shopbell.assistant.web.service import Conversations

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
) -> Guard:
    """Build the application for one shop.

    `hosts` are further names under which the server is reached, besides loopback, private addresses, and
    names that only the own network knows.
    """
    desk = Desk(service, settings, folder, limits=limits, clock=clock, now=now)
    site = pages.Pages(desk)
    inner = Litestar(
        route_handlers=[*pages.HANDLERS, api.router(), chat],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "pages": Provide(lambda: site, sync_to_thread=False),
        },
        exception_handlers={HTTPException: respond, AssistantError: respond, Exception: respond},
        openapi_config=reference(site, shop=settings.shop.name, version=service.health().version),
        request_max_body_size=limits.body_bytes,
        logging_config=None,  # the command line sets up logging for all
        debug=False,
    )
    # Litestar types the messages of ASGI more narrowly than the specification, each kind on its own.
    return Guard(cast("App", inner), Origins(settings.web.origins, hosts), limits, clock)


@websocket("/api/chat")
async def chat(socket: WebSocket[None, None, State], desk: NamedDependency[Desk]) -> None:
    """Serve one customer's socket; the guard has looked at its origin already."""
    here = socket.client.host if socket.client else ""
    await socket.accept()
    if not desk.seats.sit(here):
        await socket.close(code=BUSY, reason="too many chats are open")
        return
    try:
        await Chat(socket, desk.service, desk.limits, address=here, says=desk.says, clock=desk.clock).run()
    finally:
        desk.seats.leave(here)
