"""The real server on a free port of loopback, around the scripted service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from shopbell.assistant.settings import Assistant, Hours, Settings, Shop, Web, Week
from shopbell.assistant.web.app import DEFAULTS, create_app
from shopbell.assistant.web.guard import Guard
from shopbell.assistant.web.limits import Limits
from shopbell.assistant.web.server import Careful, Server, listen
from tests.fakes.conversations import FakeConversations

SITE = "https://www.lantern.example"
NEIGHBOUR = "http://localhost:7002"
"""Another site that may embed the chat."""
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat")

SETTINGS = Settings(
    shop=Shop(
        name="Lantern Street Coffee & Bakery",
        tagline="Roasted at the back, baked at the front, since 2014.",
        timezone="Europe/London",
        currency="GBP",
        address="14 Lantern Street, Old Quay",
        phone="+44 1632 960142",
        email="hello@lantern-street.example.com",
    ),
    assistant=Assistant(name="Wick"),
    hours=Hours(**dict.fromkeys(_DAYS, ("07:30-17:30",))),
    staff=Week(**dict.fromkeys(_DAYS, ("08:00-17:00",))),
    web=Web(accent="#8a4b1f", origins=(SITE, NEIGHBOUR)),
)


def app_for(
    service: FakeConversations,
    folder: Path,
    *,
    limits: Limits = DEFAULTS,
    settings: Settings = SETTINGS,
    now: datetime = NOON,
) -> Guard:
    """Build the application at a fixed time."""
    return create_app(service, settings, folder, limits=limits, now=lambda: now)


@asynccontextmanager
async def serving(app: Guard, port: int = 0) -> AsyncIterator[str]:
    """Serve the application meanwhile; yields its address as `host:port`."""
    bound = listen("127.0.0.1", port)
    server = Server(Careful(app, app.limits), signals=False)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        yield "127.0.0.1:{}".format(bound.getsockname()[1])
    finally:
        server.should_exit = True
        await task
