"""A handset: one open socket, typed. Frames in, frames out, every way it can end told apart."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import msgspec
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.exceptions import LitestarException
from msgspec import Struct

from shopbell.assistant.web.limits import Bucket, Clock, Limits

# Codes of RFC 6455, section 7.4.1; those from 4000 on are ours.
NORMAL, UNSUPPORTED, POLICY, BUSY = 1000, 1003, 1008, 1013
GONE, IDLE = 4404, 4408

Socket = WebSocket[None, None, State]
F = TypeVar("F")


class Closing(Exception):
    """The server ends the socket with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gone(Exception):
    """The other side is gone."""


class Handset(Generic[F]):
    """One socket that was accepted already."""

    def __init__(
        self,
        socket: Socket,
        decoder: msgspec.json.Decoder[F],
        encode: Callable[[Struct], bytes],
        trouble: Callable[[str, str], Struct],
        *,
        limits: Limits,
        clock: Clock,
        sound: Callable[[bytes], None] | None = None,
    ) -> None:
        """Take the form of the frames; `trouble` makes a frame that says what was wrong.

        `sound` takes binary frames; it may raise Closing. Without it there are none.
        """
        self._socket = socket
        self._decoder = decoder
        self._encode = encode
        self._trouble = trouble
        self._limits = limits
        self._sound = sound
        self._frames = Bucket(limits.frames, clock)
        self._bad = 0

    async def first(self) -> F:
        """Return the first frame; raises Closing when none comes in time."""
        frame = None
        try:
            async with asyncio.timeout(self._limits.hello_s):
                while frame is None:
                    frame = await self.next()
        except TimeoutError as error:
            raise Closing(POLICY, "no hello came") from error
        return frame

    async def next(self) -> F | None:
        """Return the next frame; None when it was of the wrong form, which the other side is told."""
        try:
            async with asyncio.timeout(self._limits.idle_s):
                message: Any = await self._socket.receive()
        except TimeoutError as error:
            raise Closing(IDLE, "nothing was said for long") from error
        if message["type"] == "websocket.disconnect":
            raise Gone
        if isinstance(sound := message.get("bytes"), bytes) and self._sound is not None:
            self._sound(sound)
            return None
        text = message.get("text")
        if not isinstance(text, str):
            raise Closing(UNSUPPORTED, "text frames only")
        try:
            frame = self._decoder.decode(text)
        except msgspec.DecodeError as error:
            await self._complain("bad-request", f"That frame is not of a form known here: {error}.")
            return None
        if not self._frames.take():
            await self._complain("rate", "Too many frames at once.")
            return None
        return frame

    async def send(self, frame: Struct) -> None:
        """Send a frame; raises Gone."""
        await self._sending(self._socket.send_text(self._encode(frame).decode()))

    async def send_sound(self, sound: bytes) -> None:
        """Send a binary frame; raises Gone."""
        await self._sending(self._socket.send_bytes(sound))

    async def _sending(self, sent: Awaitable[None]) -> None:
        # Waits while the client does not read; the server's protocol cuts it off when it reads nothing.
        try:
            await sent
        except (OSError, RuntimeError, LitestarException) as error:
            # The server says RuntimeError to a send that crosses with its own close of the socket.
            raise Gone from error

    async def close(self, group: BaseExceptionGroup[Closing]) -> None:
        """Close with the code of the first of the reasons."""
        first = group.exceptions[0]
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        try:
            await self._socket.close(code=first.code, reason=str(first))
        except (OSError, RuntimeError, LitestarException):
            return  # the other side was quicker

    async def _complain(self, code: str, text: str) -> None:
        self._bad += 1
        if self._bad >= self._limits.bad_frames:
            raise Closing(POLICY, "too many bad frames")
        await self.send(self._trouble(code, text))
