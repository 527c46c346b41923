"""The courier: carries what waits in the outbox to its subscribers, and nowhere the owner did not allow.

It speaks HTTP/1.1 itself: one POST, one status line, no redirects. The address is looked up once and the
connection goes to what was looked up, so that a name cannot point elsewhere in between.
"""

import asyncio
import contextlib
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from shopbell.loyalty.signature import HEADER, sign
from shopbell.loyalty.webhooks import Outbox, Outcome, Parcel
from shopbell.storage.worker import Worker

PATIENCE_S = 10.0
"""Seconds a subscriber has for the whole exchange."""
_AT_ONCE = 8
_IDLE_S = 5.0
"""Seconds between looks into the outbox when nothing rings the bell."""
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?\r?\n")
_STATUS_BYTES = 4_096
_OWN_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)

Post = Callable[[Parcel, int], Awaitable[Outcome]]
"""Sends a parcel, signed at so many Unix seconds."""


class Courier:
    """Delivers in the background. `clock` is the time of day; `post` is `post_parcel` but for tests."""

    def __init__(self, outbox: Outbox, worker: Worker, clock: Callable[[], datetime], post: Post) -> None:
        self._outbox = outbox
        self._worker = worker
        self._clock = clock
        self._post = post
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Say that something new waits, so that it goes at once."""
        self._bell.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._bell.clear()
            if await self.round():
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), _IDLE_S)

    async def round(self) -> int:
        """Try all that is due once, a few at a time; return how many there were."""
        parcels = await self._worker.call(self._outbox.due, self._clock())
        seats = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for parcel in parcels:
                group.create_task(self._try(parcel, seats))
        return len(parcels)

    async def _try(self, parcel: Parcel, seats: asyncio.Semaphore) -> None:
        async with seats:
            outcome = await self._post(parcel, int(self._clock().timestamp()))
            await self._worker.call(self._outbox.settle, parcel, outcome, self._clock())


async def post_parcel(parcel: Parcel, at: int) -> Outcome:
    """Send a parcel over the network; whatever goes wrong is the outcome, and never raised."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _exchange(parcel, at)
    except TimeoutError:
        return Outcome(0, f"No answer within {PATIENCE_S:.0f} seconds.")
    except ssl.SSLError as fault:
        return Outcome(0, f"The encrypted connection failed: {fault.reason}.")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as fault:
        return Outcome(0, f"Not reached: {fault}.")


async def _exchange(parcel: Parcel, at: int) -> Outcome:
    url = urlsplit(parcel.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    address = await _look_up(url.hostname or "", port, public=parcel.public)
    if address is None:
        return Outcome(0, "The address lies outside the shop's network, which the owner has not allowed.")
    tls = ssl.create_default_context() if url.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        address, port, ssl=tls, server_hostname=url.hostname if tls else None, limit=_STATUS_BYTES
    )
    try:
        writer.write(_request(url, parcel, at))
        await writer.drain()
        line = await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await writer.wait_closed()
    found = _STATUS.fullmatch(line)
    status = int(found[1]) if found else 0
    return Outcome(status, f"Answered {status}." if found else "The answer was no HTTP.")


async def _look_up(host: str, port: int, *, public: bool) -> str | None:
    """Return the address to connect to, None when any of the name's addresses is not allowed."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    return addresses[0] if addresses and all(is_allowed(each, public=public) for each in addresses) else None


def is_allowed(address: str, *, public: bool) -> bool:
    """Say whether a message may go to this IP address.

    The shop's own machine and network always; elsewhere only when `public`, and even then never to addresses
    that are nobody's (link-local, multicast, reserved), behind which clouds keep their secrets.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    own = any(ip in network for network in _OWN_NETWORKS if network.version == ip.version)
    return own or (public and ip.is_global and not ip.is_multicast)


def _request(url: SplitResult, parcel: Parcel, at: int) -> bytes:
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    head = (
        f"POST {path} HTTP/1.1",
        f"Host: {url.netloc}",
        "User-Agent: shopbell",
        "Content-Type: application/json",
        f"Content-Length: {len(parcel.body)}",
        f"Shopbell-Event: {parcel.event}",
        f"Shopbell-Message: {parcel.message}",
        f"{HEADER}: {sign(parcel.secret, at, parcel.body)}",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode("ascii") + parcel.body
