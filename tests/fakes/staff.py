"""The staff's side on a real database and a scripted ladder, with somebody of each role signed in."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect

from shopbell.assistant import staffwire as w
from shopbell.assistant.conversations import Conversations
from shopbell.assistant.editor import Editor
from shopbell.assistant.frontdesk import office as make_office
from shopbell.assistant.handover import Handover
from shopbell.assistant.hub import Hub
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.llm.client import WorkerModel
from shopbell.assistant.machine import Machine
from shopbell.assistant.numbers import Tally
from shopbell.assistant.settings import Settings
from shopbell.assistant.staff.office import Office
from shopbell.assistant.store import EventLog
from shopbell.assistant.web.app import DEFAULTS, create_app
from shopbell.assistant.web.limits import Limits
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.library import Library
from shopbell.storage.worker import Worker
from tests.fakes.press import FakePress
from tests.fakes.service import NOW, desk, lines
from tests.fakes.web import SETTINGS, serving

ROLES: tuple[w.Role, ...] = ("clerk", "manager", "owner")
NAMES: dict[w.Role, str] = {"clerk": "Cleo", "manager": "Mara", "owner": "Otto"}
PASSWORD = "seven grey herons"  # noqa: S105 - of people who exist in tests only
FAQ = "## When do you open? {#open}\n\nWe open at nine.\n"
_keys = itertools.count(1)


class Staffed(Struct, frozen=True, kw_only=True):
    """A server with staff."""

    address: str
    """Host and port."""
    conversations: Conversations
    desk: StaffDesk
    office: Office
    tokens: dict[str, str]
    """Of each role."""
    folder: Path
    library: Library

    @property
    def url(self) -> str:
        return f"http://{self.address}/api/staff"


@asynccontextmanager
async def staffed(
    engine: sa.Engine,
    folder: Path,
    ladder: Ladder,
    *,
    limits: Limits = DEFAULTS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    settings: Settings = SETTINGS,
    more: Sequence[ControllerRouterHandler] = (),
) -> AsyncIterator[Staffed]:
    """Serve a shop with one clerk, one manager and one owner, and `more` of other rooms."""
    (folder / "faq").mkdir(parents=True, exist_ok=True)
    (folder / "faq" / "hours.md").write_text(FAQ)
    writer, hashing = Worker("log"), Worker("passwords")
    library = Library(
        folder, engine=engine, press=FakePress(), count=rough_count, clock=now, zone=SETTINGS.zone
    )
    handover = Handover(settings.console, lines(), lambda: NOW)
    shop, counter, rooms = desk(
        engine,
        ladder,
        worker=writer,
        console=settings.console,
        handover=handover,
        consoles=lambda: hub.consoles,
    )
    log, ghost = EventLog(engine), shop._replier._ghost
    assert ghost is not None
    office = make_office(engine, now, database=writer, hashing=hashing)
    hub = Hub(rooms=rooms, counter=counter, event_log=log, worker=writer, now=now)
    staff = StaffDesk(
        settings=settings,
        office=office,
        hub=hub,
        ghost=ghost,
        handover=handover,
        lines=lines(),
        editor=Editor(library, log, engine, FakePress, rough_count),
        tally=Tally(log, SETTINGS.zone),
        machine=Machine(
            model=WorkerModel(None),
            health=shop.health,
            problems=lambda: library.problems,
            folder=folder,
        ),
        database=writer,
        now=now,
    )
    try:
        async with (
            shop,
            hub,
            serving(create_app(shop, settings, folder, limits=limits, staff=staff, more=more)) as address,
        ):
            yield Staffed(
                address=address,
                conversations=shop,
                desk=staff,
                office=office,
                tokens={role: _member(office, role) for role in ROLES},
                folder=folder,
                library=library,
            )
    finally:
        await hashing.close()
        await writer.close()


def _member(office: Office, role: w.Role) -> str:
    """Add somebody with a session; the password's hash is not what these tests are about."""
    name, token = NAMES[role], f"token-of-{role}"
    office.roster.add("test", name, role, f"code-{role}")
    office.roster.join(f"code-{role}", name, "no hash")
    office.sessions.begin(name, token, f"session-{role}")
    return token


class Terminal:
    """A console in a terminal."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[w.DeskFrame] = []

    async def send(self, frame: w.StaffFrame) -> None:
        await self.socket.send(msgspec.json.encode(frame).decode())

    async def next(self) -> w.DeskFrame:
        async with asyncio.timeout(10):
            frame: w.DeskFrame = msgspec.json.decode(await self.socket.recv(), type=w.DeskFrame)
        self.seen.append(frame)
        return frame

    async def until(self, wanted: Callable[[Any], bool]) -> Any:
        while not wanted(frame := await self.next()):
            pass
        return frame

    async def find(self, wanted: Callable[[Any], bool]) -> Any:
        """Return the first such frame, also one that came already."""
        return next((frame for frame in self.seen if wanted(frame)), None) or await self.until(wanted)

    async def do(self, make: Callable[[str], w.StaffFrame]) -> Any:
        """Send a command and return its `Done` or `Trouble`."""
        key = f"key-{next(_keys)}"
        await self.send(make(key))
        return await self.until(lambda frame: getattr(frame, "key", None) == key)


@asynccontextmanager
async def terminal(shop: Staffed, role: w.Role) -> AsyncIterator[Terminal]:
    """Open a console that is signed in."""
    token = shop.tokens[role]
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(f"ws://{shop.address}/api/staff/feed", additional_headers=headers) as socket:
        console = Terminal(socket)
        await console.send(w.SignIn(token=token))
        await console.until(lambda frame: isinstance(frame, w.Cards))
        yield console
