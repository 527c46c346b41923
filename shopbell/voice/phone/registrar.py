"""Registration: keeps the shop's extension known at its telephone box, through restarts and lost networks."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self

from aiosipua import Registration, RegistrationState, SipDigestAuth, SipUAC
from msgspec import Struct

from shopbell.assistant.telephone import Telephone
from shopbell.voice.phone.sip import SipSocket
from shopbell.voice.phone.source import Address

SIP_PORT = 5060
RESEND_S = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait for an answer, before each time the request is sent again and before it is given up."""
FIRST_WAIT_S, LONGEST_WAIT_S = 4.0, 60.0
"""Seconds between two tries: the first, then twice as long each time."""
REFUSED_WAIT_S = 60.0
"""Seconds before a password that was refused is tried again: boxes lock out who tries too often."""
SIGN_OFF_S = 1.0
"""Seconds that signing off may take."""
LOOK_S = 0.02
REFRESH_AT = 0.6
"""Part of the granted time after which the registration is renewed."""
ALONE = "127.0.0.1"
KNOCK_S = 25.0
"""Seconds between two small packets that keep a router's door open."""
_REFUSED = frozenset({401, 403, 404, 407})
State = Literal["off", "trying", "registered", "refused", "unreachable"]


class Standing(Struct, frozen=True, kw_only=True):
    """How the line stands."""

    state: State
    text: str
    """For the owner: what is so, and what to do."""


class Account(Struct, frozen=True, kw_only=True):
    """The extension."""

    server: str
    """Host, with a port or without."""
    user: str
    domain: str
    password: str
    expires_s: int

    @classmethod
    def of(cls, settings: Telephone, password: str) -> Self:
        """Return what the settings say."""
        return cls(
            server=settings.server,
            user=settings.user,
            domain=settings.domain or settings.server,
            password=password,
            expires_s=settings.expires_s,
        )


class Registrar:
    """Registers, for ever."""

    def __init__(
        self,
        uac: SipUAC,
        account: Account,
        socket: SipSocket,
        tell: Callable[[Standing], None],
    ) -> None:
        """Take who sends, who is registered, and who is told how the line stands."""
        self._uac = uac
        self._account = account
        self._socket = socket
        self._tell = tell
        self._news: asyncio.Queue[int] = asyncio.Queue()
        self._registration: Registration | None = None
        self._wait_s = FIRST_WAIT_S
        self._server: Address | None = None
        self._lost = asyncio.Event()

    def lost(self, address: Address) -> None:
        """Note that the stream to this address ended: where it was the server's, we are known no more."""
        if address == self._server:
            self._lost.set()

    async def run(self) -> None:
        """Register and renew."""
        while True:
            try:
                server = await located(self._account.server)
            except OSError:
                self._say("unreachable", f"{self._account.server} is no address that can be found")
                await self._pause()
                continue
            await self._register(self._known(server), server)

    async def close(self) -> None:
        """Sign off, if we were known; waits a moment for the answer."""
        registration = self._registration
        if registration is None or not registration.granted_expires:
            return
        registration.unregister()
        for _ in range(round(SIGN_OFF_S / LOOK_S)):
            if registration.state is RegistrationState.UNREGISTERED:
                return
            await asyncio.sleep(LOOK_S)

    def _known(self, server: Address) -> Registration:
        account = self._account
        if self._registration is None:
            made = self._registration = Registration(
                self._uac,
                f"sip:{account.user}@{account.domain}",
                server,
                expires=account.expires_s,
                auth=SipDigestAuth(account.user, account.password),
                user_agent="Shopbell",
            )
            made.on_registered = lambda _registration: self._news.put_nowait(200)
            made.on_failed = lambda _registration, status, _reason: self._news.put_nowait(status)
        self._registration.registrar = server
        return self._registration

    async def _register(self, registration: Registration, server: Address) -> None:
        self._server = server
        self._lost.clear()
        status = await self._try(registration, server)
        where = f"{self._account.user} at {self._account.server}"
        if status == 200:  # noqa: PLR2004 - granted
            self._wait_s = FIRST_WAIT_S
            self._say("registered", f"{where}, for {registration.granted_expires} s")
            await self._stay(REFRESH_AT * registration.granted_expires, server)
        elif status in _REFUSED:
            hint = "Check phone.user and the password file."
            self._say("refused", f"{where}: name or password was refused ({status}). {hint}")
            await asyncio.sleep(REFUSED_WAIT_S)
        elif status:
            self._say("refused", f"{where}: the server answers {status}")
            await self._pause()
        else:
            self._say(
                "unreachable", f"{self._account.server} does not answer. Check phone.server and the cable."
            )
            await self._pause()

    async def _try(self, registration: Registration, server: Address) -> int:
        """Return the answer's code, 0 for none."""
        while not self._news.empty():
            self._news.get_nowait()
        request = registration.register()
        for wait in RESEND_S:
            try:
                async with asyncio.timeout(wait):
                    return await self._news.get()
            except TimeoutError:
                if not self._socket.streams_to(server):
                    self._uac.transport.send(request, server)
        return 0

    async def _stay(self, seconds: float, server: Address) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(KNOCK_S, left)):
                    await self._lost.wait()
                    return
            self._socket.knock(server)

    async def _pause(self) -> None:
        await asyncio.sleep(self._wait_s)
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def _say(self, state: State, text: str) -> None:
        self._tell(Standing(state=state, text=text))


async def located(server: str) -> Address:
    """Return the IP address and port of `host` or `host:port`; raises OSError for an unknown name."""
    host, _, port = server.partition(":")
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, int(port or SIP_PORT), family=socket.AF_INET, type=socket.SOCK_DGRAM)
    address = found[0][4]
    return str(address[0]), int(address[1])


def own_address(server: Address) -> str:
    """Return the address of this machine from which the server is reached; sends nothing.

    Without a network that is this machine itself, until the shop is started anew.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(server)
        except OSError:
            return ALONE
        return str(probe.getsockname()[0])
