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
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_OPEN = ("07:30-17:30",)
_IN = ("08:00-17:00",)

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
    hours=Hours(mon=_OPEN, tue=_OPEN, wed=_OPEN, thu=_OPEN, fri=_OPEN, sat=_OPEN),
    staff=Week(mon=_IN, tue=_IN, wed=_IN, thu=_IN, fri=_IN, sat=_IN),
    web=Web(accent="#8a4b1f", origins=(SITE,)),
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
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.005)
        yield f"127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
