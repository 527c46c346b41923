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
from litestar.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from shopbell.assistant.web.guard import Guard
from shopbell.assistant.web.limits import Limits
from shopbell.assistant.web.problems import CannotListen
from shopbell.assistant.wire import MAX_FRAME_BYTES

MAX_HEADER_BYTES = 16_384
WRITE_BUFFER_BYTES = 32_768
GRACE_S = 10
"""Seconds that replies under way get when the server is stopped."""
PING_S = 20.0
