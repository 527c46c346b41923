"""A telephone box that takes registrations: digest, expiry, restarts, wrong passwords, and silence."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiosipua import SipMessage, SipRequest, SipResponse
from aiosipua.headers import parse_auth

REALM = "box"


class Registrar(asyncio.DatagramProtocol):
    """Answers REGISTER."""

    def __init__(self, password: str, *, grants: int = 60) -> None:
        self.password = password
        self.grants = grants
        self.silent = False
        self.bound: dict[str, int] = {}
        """Contact -> seconds."""
        self.requests = 0
        self.nonce = "n0"
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> str:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def restart(self) -> None:
        """Forget everything, as a box does that lost its current."""
        self.bound.clear()
        self.nonce += "x"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.silent or len(data) < 20:
            return
        request = SipMessage.parse(data)
        if not isinstance(request, SipRequest) or request.method != "REGISTER":
            return
        self.requests += 1
        answer = self._answer(request)
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            for value in request.headers.get(name):
                answer.headers.append(name, value)
        assert self._transport is not None
        self._transport.sendto(bytes(answer), addr)

    def _answer(self, request: SipRequest) -> SipResponse:
        proof = request.get_header("Authorization")
        if proof is None:
            answer = SipResponse(status_code=401, reason_phrase="Unauthorized")
            answer.headers.append(
                "WWW-Authenticate", f'Digest realm="{REALM}", nonce="{self.nonce}", algorithm=MD5'
            )
            return answer
        if not self._proves(proof, request.uri):
            return SipResponse(status_code=403, reason_phrase="Forbidden")
        seconds = min(self.grants, int(request.get_header("expires") or 0))
        contact = request.get_header("contact") or ""
        if seconds:
            self.bound[contact] = seconds
        else:
            self.bound.pop(contact, None)
        answer = SipResponse(status_code=200, reason_phrase="OK")
        answer.headers.append("Contact", f"{contact};expires={seconds}")
        return answer

    def _proves(self, header: str, uri: str) -> bool:
        told = parse_auth(header).params
        ha1 = _md5(f"{told['username']}:{REALM}:{self.password}")
        return told["response"] == _md5(f"{ha1}:{self.nonce}:{_md5(f'REGISTER:{uri}')}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP's digest is made of


@asynccontextmanager
async def a_registrar(password: str, *, grants: int = 60) -> AsyncIterator[Registrar]:
    """Run a box on loopback meanwhile."""
    made = Registrar(password, grants=grants)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
    try:
        yield made
    finally:
        transport.close()
