"""The line to the server: one socket that is signed in, comes back by itself, and goes on where it was."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from shopbell.assistant import staffwire as w
from shopbell.tui.errors import Refused
from shopbell.tui.inert import read_frame
from shopbell.tui.state import Frame, Link

FEED = "/api/staff/feed"
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
OPEN_S = 5.0
"""Seconds to open a line before it counts as lost."""
FORBIDDEN = (401, 403)


class Line(Protocol):
    """A line to the server."""

    def frames(self, token: str) -> AsyncGenerator[Frame, None]:
        """Yield what the server says, and how the line is, until the session is over."""
        ...

    async def send(self, frame: w.StaffFrame) -> bool:
        """Send a frame; False while there is no line."""
        ...


def backoff(attempt: int, luck: float) -> float:
    """Return the seconds before an attempt: doubled each time, and spread, lest all come at once.

    `attempt` counts from 0, `luck` is in [0, 1].
    """
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 10)) * (0.67 + 0.33 * luck)


class SocketLine:
    """The line as a WebSocket."""

    def __init__(
        self,
        url: str,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        luck: Callable[[], float] = random.random,
    ) -> None:
        """Take the server's address, as `http://host:port`."""
        self._url = "ws" + url.removeprefix("http").rstrip("/") + FEED
        self._sleep = sleep
        self._luck = luck
        self._socket: ClientConnection | None = None

    async def send(self, frame: w.StaffFrame) -> bool:
        """Send a frame; False while there is no line."""
        if self._socket is None:
            return False
        try:
            await self._socket.send(msgspec.json.encode(frame).decode())
        except ConnectionClosed:
            return False
        return True

    async def frames(self, token: str) -> AsyncGenerator[Frame, None]:
        """Yield what the server says, and how the line is, until the session is over."""
        attempt = 0
        while True:
            yield Link("opening")
            try:
                async with self._connect(token) as socket:
                    async for frame in self._read(socket, token):
                        attempt = 0
                        yield frame
                    if socket.close_code == w.SIGNED_OUT:
                        yield Link("over", "Your session is over. Sign in again.")
                        return
                    why = "The server closed the line."
            except InvalidStatus as error:
                if error.response.status_code in FORBIDDEN:
                    yield Link("over", "The server does not know this session any more. Sign in again.")
                    return
                why = f"The server answered with status {error.response.status_code}."
            except (OSError, TimeoutError, WebSocketException):
                why = "The server does not answer."
            except Refused as error:
                why = str(error)
            wait_s = backoff(attempt, self._luck())
            attempt += 1
            yield Link("lost", why, wait_s)
            await self._sleep(wait_s)

    def _connect(self, token: str) -> connect:
        headers = {"Authorization": f"Bearer {token}"}
        return connect(
            self._url, additional_headers=headers, open_timeout=OPEN_S, proxy=None, max_size=16 * 1024 * 1024
        )

    async def _read(self, socket: ClientConnection, token: str) -> AsyncGenerator[Frame, None]:
        await socket.send(msgspec.json.encode(w.SignIn(token)).decode())
        try:
            with suppress(ConnectionClosed):
                while True:
                    frame = read_frame(await socket.recv())
                    if isinstance(frame, w.SignedIn):
                        self._socket = socket
                        yield frame
                        yield Link("live")
                    else:
                        yield frame
        finally:
            self._socket = None
