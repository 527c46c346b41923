"""The telephone office: line, switchboard and registration of one shop, opened beside the parlour."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog
from aiosipua.auth import SipDigestAuth

from shopbell.assistant.callbook import CallBook
from shopbell.assistant.errors import SettingsError
from shopbell.assistant.telephone import Telephone
from shopbell.storage.worker import Worker
from shopbell.voice.phone import logs
from shopbell.voice.phone.callback import CallBacks, Ledger
from shopbell.voice.phone.exchange import Exchange
from shopbell.voice.phone.media import LINE_RATE
from shopbell.voice.phone.ports import Ports
from shopbell.voice.phone.registrar import SIP_PORT, Account, Registrar, Standing, located, own_address
from shopbell.voice.phone.shop import Shop
from shopbell.voice.phone.sip import SipSocket
from shopbell.voice.phone.source import Address
from shopbell.voice.phone.switchboard import Gear, Switchboard
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE

USER_AGENT = "Shopbell"
SESSION_S = 1_800
"""Seconds after which a call whose other side is gone without a word is over (RFC 4028)."""
LOOPBACK = "127.0.0.1"
"""Where to listen while the server's name cannot be found."""
ALLOW_AGAIN_S = 300.0
"""Seconds between two looks which addresses the server's name has."""
Tell = Callable[[Standing], None]

log = structlog.get_logger()


class Office:
    """The shop's line."""

    def __init__(
        self,
        exchange: Exchange,
        socket: SipSocket,
        switchboard: Switchboard,
        ports: Ports,
        call_backs: CallBacks,
    ) -> None:
        self.call_backs = call_backs
        self.exchange = exchange
        self.socket = socket
        self.switchboard = switchboard
        self._ports = ports

    @property
    def ports_taken(self) -> int:
        """How many calls have a port for their sound."""
        return self._ports.taken

    @property
    def address(self) -> Address:
        """Where calls arrive."""
        return self.socket.local_addr


class Doors:
    """Which hosts may send anything at all: the server's, and those that the settings name."""

    def __init__(self, settings: Telephone) -> None:
        self._settings = settings
        self._server: set[str] = set()

    def allows(self, host: str) -> bool:
        """Say whether a host is heard."""
        return host in self._server or host in self._settings.allow

    async def look(self) -> Address | None:
        """Find the server; None when there is none, or it cannot be found now."""
        await self._find(self._settings.staff.partition("@")[2])
        return await self._find(self._settings.server)

    async def _find(self, host: str) -> Address | None:
        if not host:
            return None
        try:
            found = await located(host)
        except OSError:
            return None
        self._server.add(found[0])
        return found

    async def keep_looking(self) -> None:
        """Look again and again, for ever: names move to other addresses."""
        while True:
            await asyncio.sleep(ALLOW_AGAIN_S)
            await self.look()


@asynccontextmanager
async def open_office(
    shop: Shop, folder: Path, book: CallBook, worker: Worker, ready: Callable[[], bool], tell: Tell
) -> AsyncIterator[Office]:
    """Open the line, register, and take calls meanwhile; `folder` is the shop's own.

    Raises SettingsError when the port is taken, or a setting or the password file is not as it should be.
    """
    logs.quiet()
    _check(shop.settings)
    settings, doors = shop.settings, Doors(shop.settings)
    server = await doors.look()
    password = _password(settings, folder)
    socket = SipSocket((_own(settings, server), settings.port), doors.allows, settings.transport)
    exchange = Exchange(socket, user_agent=USER_AGENT, session_expires=SESSION_S)
    await worker.call(book.close_left, shop.now())
    await worker.call(resampled, bytes(640), RATE, LINE_RATE)  # its first call imports for a second
    async with AsyncExitStack() as stack:
        await _start(exchange, settings)
        stack.push_async_callback(exchange.stop)
        auth = SipDigestAuth(settings.user, password) if settings.user else None
        gear = _gear(exchange, Ports(settings.rtp_ports), auth, (book, worker, ready))
        switchboard = Switchboard(shop, gear)
        tasks = [asyncio.create_task(doors.keep_looking(), name="phone-doors")]
        stack.push_async_callback(_end, tasks)
        if settings.user:
            account = Account.of(settings, password)
            registrar = Registrar(exchange.client, account, socket, tell)
            socket.lost = registrar.lost
            stack.push_async_callback(registrar.close)
            tasks.append(asyncio.create_task(registrar.run(), name="phone-registrar"))
        else:
            tell(_waiting(socket.local_addr))
        call_backs = CallBacks(shop, switchboard.wires, Ledger(book=book, worker=worker, new_id=gear.new_id))
        stack.push_async_callback(switchboard.close)
        stack.push_async_callback(call_backs.close)
        yield Office(exchange, socket, switchboard, gear.ports, call_backs)


def _gear(
    exchange: Exchange,
    ports: Ports,
    auth: SipDigestAuth | None,
    given: tuple[CallBook, Worker, Callable[[], bool]],
) -> Gear:
    book, worker, ready = given
    return Gear(
        exchange=exchange,
        ports=ports,
        auth=auth,
        book=book,
        worker=worker,
        ready=ready,
        new_id=lambda: secrets.token_hex(4),
    )


def _waiting(here: Address) -> Standing:
    return Standing(state="registered", text=f"waits for calls at {here[0]}:{here[1]}, registered nowhere")


async def _start(exchange: Exchange, settings: Telephone) -> None:
    try:
        await exchange.start()
    except OSError as error:
        raise SettingsError(
            f"shop.toml: key phone.port: port {settings.port} cannot be opened ({error.strerror}). Another "
            "telephone program may have it: end that one, or choose another port."
        ) from error
    exchange.tell_as(settings.address)


def _own(settings: Telephone, server: Address | None) -> str:
    """Return the address to listen on: the one from which those who may call are reached."""
    if settings.listen:
        return settings.listen
    return own_address(server or (settings.allow[0], SIP_PORT)) if server or settings.allow else LOOPBACK


def _check(settings: Telephone) -> None:
    if not settings.server and not settings.allow:
        raise SettingsError(
            "shop.toml: key phone.server: nobody could call. Name your telephone box here, or in phone.allow "
            "the address of the adapter that sends calls."
        )
    first, last = settings.rtp_ports
    each = 4 if settings.staff else 2
    if last - first < each * settings.calls:
        raise SettingsError(
            f"shop.toml: key phone.rtp_ports: {first} to {last} is too little for {settings.calls} calls; "
            f"each takes {each} ports."
        )


def _password(settings: Telephone, folder: Path) -> str:
    if not settings.user:
        return ""
    if not settings.server:
        raise SettingsError("shop.toml: key phone.server: missing. Write the address of your telephone box.")
    path = folder / settings.password_file
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: the password of the extension {settings.user} is to stand here in the first line. "
            "Write it, and let nobody else read the file: chmod 600."
        ) from error


async def _end(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
