"""SIP over TCP: streams to and from the hosts that may call, cut into messages."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiosipua import SipRequest, SipResponse
from aiosipua.transport import _read_sip_message

from shopbell.voice.phone.source import Address

MOST = 64
"""Streams at once; whoever comes then is not let in."""
CONNECT_S = 5.0
"""Seconds that connecting may take."""
KNOCK, KNOCKED = b"\r\n\r\n", b"\r\n"
"""What keeps a stream open, and its answer (RFC 5626, section 3.5.1)."""
Take = Callable[[bytes, Address], None]


class Streams:
    """All TCP streams of one line."""

    def __init__(self, take: Take, allowed: Callable[[str], bool], lost: Callable[[Address], None]) -> None:
        """Hand messages to `take`; `lost` is told of every stream that ended."""
        self._take = take
        self._allowed = allowed
        self._lost = lost
        self._server: asyncio.Server | None = None
        self._writers: dict[Address, asyncio.StreamWriter] = {}
        self._waiting: dict[Address, list[bytes]] = {}
        """What is to be said once a stream is open."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, address: Address) -> None:
        """Listen; raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._came, *address)

    async def stop(self) -> None:
        """Close every stream."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers.values()):
            writer.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writers.clear()

    def has(self, address: Address) -> bool:
        """Say whether there is a stream to this address, or one is being opened."""
        return address in self._writers or address in self._waiting

    def send(self, data: bytes, address: Address) -> None:
        """Send, and open a stream first where there is none; what cannot be sent is lost."""
        writer = self._writers.get(address)
        if writer is not None:
            writer.write(data)
        elif address in self._waiting:
            self._waiting[address].append(data)
        else:
            self._waiting[address] = [data]
            self._begin(address)

    # --- inside --------------------------------------------------------------------------------------------

    def _begin(self, address: Address) -> None:
        task = asyncio.ensure_future(self._open(address))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, address: Address) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(*address)
        except OSError:  # a time that is over is one, too
            self._waiting.pop(address, None)
            self._lost(address)
            return
        await self._listen(reader, writer, address)

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        if not self._allowed(str(host)) or len(self._writers) >= MOST:
            writer.close()
            return
        await self._listen(reader, writer, (str(host), int(port)))

    async def _listen(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
    ) -> None:
        self._writers[address] = writer
        for data in self._waiting.pop(address, ()):
            writer.write(data)
        try:
            with suppress(OSError, EOFError, ValueError):  # ValueError: a line without end
                while (message := await _read_sip_message(reader)) is not None:
                    if message == KNOCK:
                        writer.write(KNOCKED)
                    else:
                        self._take(message.lstrip(b"\r\n"), address)
        finally:
            del self._writers[address]
            writer.close()
            self._lost(address)


def over_tcp(message: SipRequest | SipResponse) -> bytes:
    """Return a message as it is sent on a stream: the library writes every one for UDP."""
    if isinstance(message, SipRequest):
        vias = list(message.headers.get("via"))
        message.headers.remove("Via")
        for number, via in enumerate(vias):
            named = via if number else via.replace("SIP/2.0/UDP", "SIP/2.0/TCP", 1)
            message.headers.append("Via", named)
    contact = message.headers.get_first("contact")
    if contact and "transport=" not in contact:
        message.headers.set_single("Contact", contact.replace(">", ";transport=tcp>", 1))
    return bytes(message)
