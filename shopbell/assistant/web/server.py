"""The HTTP server: uvicorn, made safe against clients that are slow on purpose.

uvicorn reads a request for as long as the client likes to send it, and writes for as long as the client
likes not to read. Both are cut here, at the protocol: an ASGI application is called only when the header
is complete, so it cannot see the first, and it cannot reach the transport to end the second. The choice was
between this and a server that closes slow requests by itself; none of those found closes both a silent and a
trickling client and has a WebSocket that is tested as widely.
"""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from shopbell.assistant.web.errors import CannotListen
from shopbell.assistant.web.guard import Guard
from shopbell.assistant.web.limits import Limits
from shopbell.assistant.wire import MAX_FRAME_BYTES

MAX_HEADER_BYTES = 16_384
WRITE_BUFFER_BYTES = 32_768
GRACE_S = 10
"""Seconds that replies under way get when the server is stopped."""
PING_S = 20.0


class Careful(uvicorn.Config):
    """uvicorn's settings, and the limits that it does not know."""

    def __init__(self, app: Guard, limits: Limits) -> None:
        super().__init__(
            app,
            http=SlowProofHttp,
            ws=SlowProofSocket,
            ws_max_size=MAX_FRAME_BYTES,
            ws_ping_interval=PING_S,
            ws_ping_timeout=PING_S,
            ws_per_message_deflate=False,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            limit_concurrency=limits.connections,
            timeout_graceful_shutdown=GRACE_S,
            # Loopback may not say on whose behalf it asks: the rates count by address.
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
        )
        self.limits = limits


class _Alarm:
    """Ends a transport when it is not switched off in time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        return self._handle is not None

    def start(self, transport: asyncio.Transport) -> None:
        self.stop()
        self._handle = asyncio.get_running_loop().call_later(self._seconds, transport.abort)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class SlowProofHttp(H11Protocol):
    """HTTP/1.1 that cuts clients which do not finish a request, or do not read the answer."""

    def __init__(self, config: Careful, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._request = _Alarm(config.limits.request_s)
        self._stall = _Alarm(config.limits.stall_s)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start waiting for a request."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._request.start(transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time runs until a request is complete, however many bytes come."""
        super().data_received(data)
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._request.stop()
        elif not self._request.running and self.transport.get_protocol() is self:
            self._request.start(self.transport)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the transport over to the socket's protocol."""
        self._request.stop()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the alarms."""
        self._request.stop()
        self._stall.stop()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start waiting for the client to read."""
        self._stall.start(self.transport)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on writing."""
        self._stall.stop()
        super().resume_writing()


class SlowProofSocket(WebSocketsSansIOProtocol):
    """A WebSocket that cuts clients which do not read what they are sent, or do not close when asked to."""

    def __init__(self, config: Careful, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._stall = _Alarm(config.limits.stall_s)
        self._closing = _Alarm(config.limits.stall_s)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the alarms."""
        self._stall.stop()
        self._closing.stop()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start waiting for the client to read."""
        self._stall.start(self.transport)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on writing."""
        self._stall.stop()
        super().resume_writing()

    def keepalive_timeout(self) -> None:
        """Cut a client that answers no ping; its unread bytes would keep the transport open."""
        self._closing.start(self.transport)
        super().keepalive_timeout()

    def shutdown(self) -> None:
        """Say goodbye, but wait no longer than for anybody else."""
        self._closing.start(self.transport)
        super().shutdown()


class Server(uvicorn.Server):
    """uvicorn's server that returns after SIGINT or SIGTERM, so that its caller can put things away."""

    def __init__(self, config: Careful, *, signals: bool = True) -> None:
        super().__init__(config)
        self._signals = (signal.SIGINT, signal.SIGTERM) if signals else ()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving."""
        loop = asyncio.get_running_loop()
        for number in self._signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in self._signals:
                loop.remove_signal_handler(number)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; raises CannotListen saying why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise CannotListen(_why(host, port, error)) from error
    bound.setblocking(False)
    return bound


def own_names(host: str) -> tuple[str, ...]:
    """Return the names of this machine under which customers may reach it."""
    return tuple({host, socket.gethostname(), f"{socket.gethostname()}.local"})


async def run(app: Guard, host: str, port: int, *, ready: Callable[[str], None] = lambda _: None) -> None:
    """Serve until SIGINT or SIGTERM; calls `ready` with the page's address once customers can come.

    Raises CannotListen when the port is taken.
    """
    bound = listen(host, port)
    server = Server(Careful(app, app.limits))
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[bound]), name="web-server")
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        if server.started:
            ready(url(host, bound.getsockname()[1]))


def url(host: str, port: int) -> str:
    """Return the address of the chat page as typed into a browser."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - read, not bound
    return f"http://{name}:{port}"


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. End the other program, or choose a port with --port."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} may not be used by this account. Choose one from 1024 on with --port."
    return f"Cannot serve on {host}:{port}: {error.strerror or error}. Check --host; 127.0.0.1 always works."
