"""SIP's port, made sturdy: what is sent again is answered again, and strangers get no answer at all."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

import structlog
from aiosipua import SipMessage, SipRequest, SipResponse, UdpSipTransport
from aiosipua.transport import _stamp_via_received

from shopbell.assistant.telephone import Transport
from shopbell.storage.buckets import Bucket, Rate
from shopbell.voice.phone.source import Address
from shopbell.voice.phone.streams import KNOCK, Streams, over_tcp

REMEMBERED = 512
"""Answers kept for requests that are sent again."""
NEW_CALLS = Rate(40, 20.0)
"""New calls that are looked at: many times what any shop has."""
_OF_A_CALL = re.compile(rb"^(?:To|t)[ \t]*:[^\r\n]*;[ \t]*tag=", re.IGNORECASE | re.MULTILINE)
SHORTEST = 20
"""Bytes of the shortest SIP message; shorter ones keep a router's door open."""
Key = tuple[str, str, str]
K = TypeVar("K")
V = TypeVar("V")

log = structlog.get_logger()


class _Protocol(asyncio.DatagramProtocol):
    """The library's own asks for a class that the event loop of CPython 3.11 does not have."""

    def __init__(self, owner: "SipSocket") -> None:
        self._owner = owner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner.opened(cast("asyncio.DatagramTransport", transport))

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        self._owner.received(data, (str(addr[0]), int(addr[1])))

    def error_received(self, _exc: Exception) -> None:
        """Note that the other side cannot be reached now; what waits for it is sent again anyway."""
        self._owner.faults += 1


class SipSocket(UdpSipTransport):
    """One port, for UDP and if wished for TCP; remembers its answers."""

    def __init__(
        self, address: Address, allowed: Callable[[str], bool], transport: Transport = "udp"
    ) -> None:
        """Listen at `address`, port 0 for any; only hosts that are `allowed` are heard.

        With `tcp` what is asked for goes over streams, unless who it goes to came by UDP.
        """
        super().__init__(local_addr=address)
        self._allowed = allowed
        self._streams = Streams(self._dispatch, allowed, self._lost) if transport == "tcp" else None
        self._answers: OrderedDict[Key, SipResponse] = OrderedDict()
        self._came: OrderedDict[Key, Address] = OrderedDict()
        """The stream on which each request came: its answer goes back the same way."""
        self._by_udp: OrderedDict[Address, None] = OrderedDict()
        self._invites = Bucket(NEW_CALLS, time.monotonic)
        self.strangers = 0
        self.unread = 0
        """Calls that were not looked at, because there were too many at once."""
        self.malformed = 0
        self.faults = 0
        self.lost: Callable[[Address], None] = lambda _address: None
        """Told when a stream ended, or could not be opened."""

    async def start(self) -> None:
        """Open the port; raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Protocol(self), local_addr=self.local_addr)
        if self._streams is not None:
            await self._streams.start(self.local_addr)

    async def stop(self) -> None:
        """Close the port, and every stream."""
        if self._streams is not None:
            await self._streams.stop()
        await super().stop()

    def opened(self, transport: asyncio.DatagramTransport) -> None:
        """Take the open port."""
        self._udp_transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        self.local_addr = (str(host), int(port))

    def received(self, data: bytes, addr: Address) -> None:
        """Take a datagram."""
        if not self._allowed(addr[0]):
            self.strangers += 1
        elif len(data) >= SHORTEST and self._bearable(data):
            if self._streams is not None:
                remember(self._by_udp, addr, None)
            self._dispatch(data, addr)

    def _bearable(self, data: bytes) -> bool:
        """Say whether a message is taken: of many new calls at once most are not even read.

        Who calls in earnest sends it again; a flood would take the time that calls need which stand.
        """
        if not data.startswith(b"INVITE ") or _OF_A_CALL.search(data) or self._invites.take():
            return True
        self.unread += 1
        return False

    def streams_to(self, addr: Address) -> bool:
        """Say whether what is sent there goes over a stream, and so needs no repeating."""
        return self._streams is not None and (self._streams.has(addr) or addr not in self._by_udp)

    def send(self, message: SipRequest | SipResponse, addr: Address) -> None:
        """Send, unless the port is closed already."""
        if self._udp_transport is None:
            return
        if self._streams is not None and self.streams_to(addr):
            self._streams.send(over_tcp(message), addr)
        else:
            super().send(message, addr)

    def send_reply(self, response: SipResponse) -> None:
        """Answer, and remember the answer."""
        key = _key(response)
        remember(self._answers, key, response)
        if key in self._came:
            self.send(response, self._came[key])
        else:
            super().send_reply(response)

    def knock(self, addr: Address) -> None:
        """Keep a router's door open."""
        if self._streams is not None and self._streams.has(addr):
            self._streams.send(KNOCK, addr)
        elif self._udp_transport is not None:
            self._udp_transport.sendto(KNOCK, addr)

    def _lost(self, addr: Address) -> None:
        self.faults += 1
        self.lost(addr)

    def _dispatch(self, data: bytes, addr: Address) -> None:
        try:
            message = SipMessage.parse(data)
            if isinstance(message, SipRequest):
                _stamp_via_received(message, addr)
                key = _key(message)
                if self._streams is not None and self._streams.has(addr):
                    remember(self._came, key, addr)
                before = self._answers.get(key) if message.method != "ACK" else None
                if before is not None:
                    self.send_reply(before)
                    return
            if self.on_message is not None:
                self.on_message(message, addr)
        except Exception as fault:  # noqa: BLE001 - bytes of others raise anything in the library's parsers
            self.malformed += 1
            if self.malformed & (self.malformed - 1) == 0:  # the 1st, 2nd, 4th, 8th...: a flood fills no log
                log.warning("phone.sip_not_understood", fault=type(fault).__name__, times=self.malformed)


def remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep a value, and of all values the last ones."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def branch_of(message: SipMessage) -> str:
    """Return what names the transaction that a message belongs to."""
    return (message.via[0].branch or "") if message.via else ""


def _key(message: SipMessage) -> Key:
    return message.call_id or "", message.get_header("cseq") or "", branch_of(message)
