"""SIP over UDP, made sturdy: what is sent again is answered again, and strangers get no answer at all."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import cast

import structlog
from aiosipua import SipMessage, SipRequest, SipResponse, SipUAC, SipUAS, UdpSipTransport, parse_sdp
from aiosipua.transaction import T1, T2
from aiosipua.transport import _stamp_via_received

from shopbell.voice.phone.source import Address

REMEMBERED = 512
"""Answers kept for requests that are sent again."""
GIVE_UP_S = 12.0
"""Seconds after which a request of ours that nobody answers is given up."""
SHORTEST = 20
"""Bytes of the shortest SIP message; shorter ones keep a router's door open."""
CODES = {486: "Busy Here", 603: "Decline", 480: "Temporarily Unavailable", 488: "Not Acceptable Here"}
Key = tuple[str, str, str]

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
    """One UDP port; remembers its answers."""

    def __init__(self, address: Address, allowed: Callable[[str], bool]) -> None:
        """Listen at `address`, port 0 for any; only hosts that are `allowed` are heard."""
        super().__init__(local_addr=address)
        self._allowed = allowed
        self._answers: OrderedDict[Key, SipResponse] = OrderedDict()
        self.strangers = 0
        self.malformed = 0
        self.faults = 0

    async def start(self) -> None:
        """Open the port; raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: _Protocol(self), local_addr=self.local_addr)

    def opened(self, transport: asyncio.DatagramTransport) -> None:
        """Take the open port."""
        self._udp_transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        self.local_addr = (str(host), int(port))

    def received(self, data: bytes, addr: Address) -> None:
        """Take a datagram."""
        if not self._allowed(addr[0]):
            self.strangers += 1
        elif len(data) >= SHORTEST:
            self._dispatch(data, addr)

    def send(self, message: SipRequest | SipResponse, addr: Address) -> None:
        """Send, unless the port is closed already."""
        if self._udp_transport is not None:
            super().send(message, addr)

    def send_reply(self, response: SipResponse) -> None:
        """Answer, and remember the answer."""
        key = _key(response)
        self._answers[key] = response
        self._answers.move_to_end(key)
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        super().send_reply(response)

    def knock(self, addr: Address) -> None:
        """Keep a router's door open."""
        if self._udp_transport is not None:
            self._udp_transport.sendto(b"\r\n\r\n", addr)

    def _dispatch(self, data: bytes, addr: Address) -> None:
        try:
            message = SipMessage.parse(data)
            if isinstance(message, SipRequest):
                _stamp_via_received(message, addr)
                before = self._answers.get(_key(message)) if message.method != "ACK" else None
                if before is not None:
                    super().send_reply(before)
                    return
            if self.on_message is not None:
                self.on_message(message, addr)
        except Exception as fault:  # noqa: BLE001 - bytes of others raise anything in the library's parsers
            self.malformed += 1
            if self.malformed & (self.malformed - 1) == 0:  # the 1st, 2nd, 4th, 8th...: a flood fills no log
                log.warning("phone.sip_not_understood", fault=type(fault).__name__, times=self.malformed)


class Exchange(SipUAS):
    """Takes calls, once each; asks, until it is answered."""

    def __init__(self, socket: SipSocket, *, user_agent: str, session_expires: int) -> None:
        super().__init__(socket, user_agent=user_agent, session_expires=session_expires)
        self.client = SipUAC(socket)
        """What asks: registers."""
        self.admit: Callable[[SipRequest], int] = lambda _invite: 480
        """Returns 0 for a call that is taken, else the code with which it is refused."""
        self._asked: dict[tuple[str, str], asyncio.Future[SipResponse]] = {}
        self._settled: OrderedDict[tuple[str, str], None] = OrderedDict()

    def tell_as(self, address: str) -> None:
        """Name the open port to the other side, at another address where one is given; asks from then on."""
        host, port = self.transport.local_addr
        self.advertised_addr = (address or host, port)
        self.client.advertised_addr = self.advertised_addr
        self.uac = self.client

    def forget(self, call_id: str) -> None:
        """Let nothing of a call stay."""
        call = self._calls.pop(call_id, None)
        if call is not None:
            call._stop_retransmissions()  # noqa: SLF001 - the library stops them only for a BYE from outside
            self._remove_invite_transaction(call.invite)

    async def ask(self, request: SipRequest, addr: Address) -> SipResponse | None:
        """Send a request, again and again, until its final answer comes; None when none does."""
        key = (_branch(request), request.method)
        future: asyncio.Future[SipResponse] = asyncio.get_running_loop().create_future()
        self._asked[key] = future
        wait = T1
        try:
            async with asyncio.timeout(GIVE_UP_S):
                while not future.done():
                    self.transport.send(request, addr)
                    await asyncio.wait([future], timeout=wait)
                    wait = min(2 * wait, T2)
            return future.result()
        except TimeoutError:
            return None
        finally:
            del self._asked[key]

    def _on_message(self, msg: SipRequest | SipResponse, addr: Address) -> None:
        if isinstance(msg, SipResponse) and self._answered(msg):
            return
        super()._on_message(msg, addr)

    def _answered(self, response: SipResponse) -> bool:
        """Take an answer to `ask`; say of others whether they came before."""
        if response.status_code < 200:  # noqa: PLR2004 - provisional
            return False
        cseq = response.cseq
        key = (_branch(response), cseq.method if cseq else "")
        future = self._asked.get(key)
        if future is not None:
            if not future.done():
                future.set_result(response)
            return True
        again = key in self._settled
        self._settled[key] = None
        while len(self._settled) > REMEMBERED:
            self._settled.popitem(last=False)
        return again

    def _handle_invite(self, request: SipRequest, addr: Address) -> None:
        call = self._calls.get(request.call_id or "")
        if call is not None and _branch(call.invite) == _branch(request):
            return  # sent again; the library repeats its answer until it is acknowledged
        if not _has_offer(request):
            self._send_error(request, 488, CODES[488])
            return
        to = request.to_addr
        if call is None and to is not None and to.tag:
            self._send_error(request, 481, "Call/Transaction Does Not Exist")
            return
        refused = self.admit(request) if call is None else 0
        if refused:
            self._send_error(request, refused, CODES.get(refused, ""))
            return
        super()._handle_invite(request, addr)


def _has_offer(request: SipRequest) -> bool:
    if not request.body or request.content_type != "application/sdp":
        return False
    return parse_sdp(request.text).rtp_address is not None


def _branch(message: SipMessage) -> str:
    return (message.via[0].branch or "") if message.via else ""


def _key(message: SipMessage) -> Key:
    return message.call_id or "", message.get_header("cseq") or "", _branch(message)
