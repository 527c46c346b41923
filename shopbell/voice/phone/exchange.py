"""The exchange: takes calls, once each, and asks until it is answered."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from aiosipua import IncomingCall, SipRequest, SipResponse, SipUAC, SipUAS, parse_sdp
from aiosipua.transaction import T1, T2

from shopbell.voice.phone.sip import SipSocket, branch_of, remember
from shopbell.voice.phone.source import Address

GIVE_UP_S = 12.0
"""Seconds after which a request of ours that nobody answers is given up."""
OK, REFUSED = 200, 300
"""The first code of a yes, and the first of a no."""
NO_CODEC = 488
CODES = {486: "Busy Here", 603: "Decline", 480: "Temporarily Unavailable", 488: "Not Acceptable Here"}
_Name = tuple[str, str]
"""Transaction and method."""


class Line(Protocol):
    """What is told of a call that stands."""

    def changed(self) -> None:
        """Take note of a re-INVITE."""
        ...

    def progress(self, status: int) -> None:
        """Take note of how a transfer goes on."""
        ...

    def dropped(self) -> None:
        """Take note that the other side hung up."""
        ...


class Question:
    """A request of ours, and what came of it."""

    def __init__(self, request: SipRequest, addr: Address) -> None:
        self.request = request
        self.addr = addr
        self.final: asyncio.Future[SipResponse] = asyncio.get_running_loop().create_future()
        self.received = False
        """Somebody works on it: it need not be sent again."""
        self.ack: SipRequest | None = None
        """What a yes that comes again is told."""
        self.late: Callable[[SipResponse], None] = lambda _response: None
        """Told of a yes to an INVITE that was given up meanwhile."""
        self.given_up = False


class Exchange(SipUAS):
    """All calls of one line."""

    transport: SipSocket

    def __init__(self, socket: SipSocket, *, user_agent: str, session_expires: int) -> None:
        super().__init__(socket, user_agent=user_agent, session_expires=session_expires)
        self.client = SipUAC(socket)
        """What registers."""
        self.admit: Callable[[SipRequest], int] = lambda _invite: 480
        """Returns 0 for a call that is taken, else the code with which it is refused."""
        self.lines: dict[str, Line] = {}
        """Every call that stands, by its Call-ID."""
        self._asked: OrderedDict[_Name, Question] = OrderedDict()
        self._settled: OrderedDict[_Name, None] = OrderedDict()

    def tell_as(self, address: str) -> None:
        """Name the open port to the other side, at another address where one is given; asks from then on."""
        host, port = self.transport.local_addr
        self.advertised_addr = (address or host, port)
        self.client.advertised_addr = self.advertised_addr
        self.uac = self.client

    @property
    def named(self) -> Address:
        """What the other side is told that we are at."""
        return self.advertised_addr or self.transport.local_addr

    def refuse(self, request: SipRequest, code: int) -> None:
        """Answer a request with a code, and leave the call as it is."""
        self._send_error(request, code, CODES.get(code, ""))

    def stand(self, call: IncomingCall, line: Line) -> None:
        """Take what comes for a call that we opened ourselves."""
        self._calls[call.call_id] = call
        self.lines[call.call_id] = line

    def forget(self, call_id: str) -> None:
        """Let nothing of a call stay."""
        self.lines.pop(call_id, None)
        call = self._calls.pop(call_id, None)
        if call is not None:
            call._stop_retransmissions()  # noqa: SLF001 - the library stops them only for a BYE from outside
            self._remove_invite_transaction(call.invite)

    # --- what we ask ---------------------------------------------------------------------------------------

    async def ask(self, request: SipRequest, addr: Address) -> SipResponse | None:
        """Send a request, again and again, until its final answer comes; None when none does."""
        question = self.begin(request, addr)
        try:
            async with asyncio.timeout(GIVE_UP_S):
                return await self.answer_to(question)
        except TimeoutError:
            return None
        finally:
            self._asked.pop(_name(request), None)

    def begin(self, request: SipRequest, addr: Address) -> Question:
        """Listen for the answers to a request from now on; `answer_to` sends it."""
        question = Question(request, addr)
        remember(self._asked, _name(request), question)
        return question

    async def answer_to(self, question: Question) -> SipResponse:
        """Send a request until somebody works on it, and wait for its final answer."""
        wait_s = T1
        while not (question.final.done() or question.received):
            self.transport.send(question.request, question.addr)
            sure = self.transport.streams_to(question.addr)
            await asyncio.wait([question.final], timeout=GIVE_UP_S if sure else wait_s)
            wait_s = min(2 * wait_s, T2)
        return await asyncio.shield(question.final)

    def _on_message(self, msg: SipRequest | SipResponse, addr: Address) -> None:
        if isinstance(msg, SipResponse) and self._answered(msg):
            return
        super()._on_message(msg, addr)

    def _answered(self, response: SipResponse) -> bool:
        """Take an answer to a question of ours; say of others whether they came before."""
        name = _name(response)
        question = self._asked.get(name)
        if question is not None:
            self._settle(question, response)
            return True
        if response.status_code < OK:
            return False
        again = name in self._settled
        remember(self._settled, name, None)
        return again

    def _settle(self, question: Question, response: SipResponse) -> None:
        if response.status_code < OK:
            question.received = question.request.method == "INVITE"  # all others have no other end
            return
        if question.request.method == "INVITE" and response.status_code >= REFUSED:
            self.transport.send(_refusal_taken(question.request, response), question.addr)
        if question.final.done():
            if question.ack is not None:
                self.transport.send(question.ack, question.addr)
            return
        question.final.set_result(response)
        if question.given_up and response.status_code < REFUSED:
            question.late(response)

    # --- what we are asked ---------------------------------------------------------------------------------

    def _handle_invite(self, request: SipRequest, addr: Address) -> None:
        call = self._calls.get(request.call_id or "")
        if call is not None and branch_of(call.invite) == branch_of(request):
            return  # sent again; the library repeats its answer until it is acknowledged
        if not _has_offer(request):
            self.refuse(request, NO_CODEC)
            return
        to = request.to_addr
        if call is None and to is not None and to.tag:
            self._send_error(request, 481, "Call/Transaction Does Not Exist")
            return
        refused = self.admit(request) if call is None else 0
        if refused:
            self.refuse(request, refused)
            return
        super()._handle_invite(request, addr)


def _refusal_taken(invite: SipRequest, response: SipResponse) -> SipRequest:
    """Return the ACK of a no: of the INVITE's own transaction (RFC 3261, 17.1.1.3)."""
    ack = SipRequest(method="ACK", uri=invite.uri)
    ack.headers.append("Via", invite.headers.get("via")[0])
    for name in ("From", "Call-ID", "Max-Forwards"):
        ack.headers.set_single(name, invite.get_header(name) or "")
    ack.headers.set_single("To", response.get_header("to") or "")
    cseq = invite.cseq
    ack.headers.set_single("CSeq", f"{cseq.seq if cseq else 1} ACK")
    for route in invite.headers.get("route"):
        ack.headers.append("Route", route)
    return ack


def _name(message: SipRequest | SipResponse) -> _Name:
    cseq = message.cseq
    return branch_of(message), cseq.method if cseq else ""


def _has_offer(request: SipRequest) -> bool:
    if not request.body or request.content_type != "application/sdp":
        return False
    return parse_sdp(request.text).rtp_address is not None
