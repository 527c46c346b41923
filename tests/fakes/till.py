"""A shop's interface with its real programme on a database of its own, without a network; and its callers."""

import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
from msgspec.structs import replace

from shopbell.assistant.web.app import DEFAULTS, create_app
from shopbell.assistant.web.guard import Guard
from shopbell.assistant.web.limits import Limits, Rate
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.tills import Scope
from shopbell.storage.buckets import Buckets
from shopbell.storage.database import open_database
from shopbell.storage.worker import Worker
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import SETTINGS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WIDE: Limits = replace(DEFAULTS, posts=Rate(1e9, 1e9), till_posts=Rate(1e9, 1e9), address_says=Rate(1e9, 1e9))
BOUNDLESS = Rate(1e9, 1e9)
PROGRAMME = """
club = "Lantern Club"
[[version]]
from = 2025-01-01
[version.points]
late_receipts = "14 days"
[version.excluded]
categories = ["Delivery"]
[[version.rule]]
kind = "spend"
id = "points"
name = "Points"
points = 1
per = 1.00
[[version.reward]]
id = "five-off"
name = "£5 off your bill"
cost = 100
worth = 5.00
"""


class Signed(msgspec.Struct, frozen=True):
    """Somebody signed in."""

    name: str
    role: str


STAFF: Mapping[str, Signed] = {
    "clerk-token": Signed("cleo", "clerk"),
    "manager-token": Signed("max", "manager"),
    "owner-token": Signed("olga", "owner"),
}


class Counter:
    """The interface, and what stands behind it."""

    def __init__(self, desk: LoyaltyDesk, app: Guard, data: Path) -> None:
        self.desk = desk
        self.app = app
        self.data = data

    @property
    def room(self) -> Backroom:
        """The programme."""
        return self.desk.room

    def key(self, till: str = "front", scopes: Iterable[Scope] = Scope) -> dict[str, str]:
        """Make a key and return the header that shows it."""
        return {"Authorization": f"Bearer {self.room.tills.create(till, scopes, NOW).text}"}

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """Make a client, without a network."""
        transport = httpx.ASGITransport(app=self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers)


@asynccontextmanager
async def counter(
    folder: Path,
    *,
    programme: str = PROGRAMME,
    limits: Limits = WIDE,
    rate: Rate = BOUNDLESS,
    now: datetime = NOW,
) -> AsyncIterator[Counter]:
    """Open a shop in `folder`; what is there already is kept."""
    shop, data = folder / "shop", folder / "data"
    shop.mkdir(exist_ok=True)
    (shop / "programme.toml").write_text(programme)
    engine = open_database(data / "shop.db")
    about = About(currency="GBP", timezone="Europe/London", region="GB")
    room = open_backroom(
        engine, shop, data, about, draw=secrets.token_bytes, buckets=Buckets(rate, lambda: 0.0)
    )
    database, books = Worker("log"), Worker("books")
    desk = LoyaltyDesk(
        room,
        database=database,
        books=books,
        ring=lambda: None,
        signed_in=_signed_in,
        witness=_witness,
        now=lambda: now,
        shop=shop,
        imports=data / "imports",
    )
    app = create_app(
        FakeConversations(pause_s=0.0), SETTINGS, shop, limits=limits, now=lambda: now, loyalty=desk
    )
    try:
        yield Counter(desk, app, data)
    finally:
        await database.close()
        await books.close()
        engine.dispose()


CALLS: list[tuple[str, str]] = []
"""What people called, the newest last."""


async def _witness(name: str, what: str) -> None:
    CALLS.append((name, what))


async def _signed_in(token: str) -> Signed | None:
    return STAFF.get(token)
