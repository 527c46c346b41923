"""The gate before everything else: Host, Origin, rates and headers, for requests and sockets alike.

It wraps the whole application, because the framework's own checks cover HTTP only and leave sockets open.
There are no cookies: a customer is whoever sends the token, so another site has nothing to ride on (no CSRF).
"""

import time
from collections.abc import Awaitable, Callable

import msgspec

from shopbell.assistant.web.asgi import App, Message, Receive, Scope, Send
from shopbell.assistant.web.headers import Headers, completed, safety
from shopbell.assistant.web.limits import Buckets, Clock, Limits
from shopbell.assistant.web.origins import Origins
from shopbell.assistant.web.problems import Problem

STAFF_FEED = "/api/staff/feed"
"""The one socket that may come without an Origin, from a console in a terminal that is signed in."""
TILL_PATHS = ("/api/purchases", "/api/loyalty")
"""Where tills call: programs without an Origin, many behind one address."""
SignedIn = Callable[[str], Awaitable[bool]]


class Guard:
    """An ASGI application that lets only proper requests through to another."""

    def __init__(
        self,
        app: App,
        origins: Origins,
        limits: Limits,
        clock: Clock = time.monotonic,
        *,
        signed_in: SignedIn | None = None,
    ) -> None:
        """Take the application; `signed_in` tells of an `Authorization` header whether staff sent it."""
        self._app = app
        self._signed_in = signed_in
        self._origins = origins
        self._always = safety(origins)
        self._handshakes = Buckets(limits.handshakes, clock)
        self._posts = Buckets(limits.posts, clock)
        self._till_posts = Buckets(limits.till_posts, clock)
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one socket, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = self._with_headers(send)
        problem = await self._refusal(scope)
        if problem is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _refuse(send, problem, "http.response")
        else:
            await receive()
            await _refuse(send, problem, "websocket.http.response")

    async def _refusal(self, scope: Scope) -> Problem | None:
        host = _header(scope, b"host")
        if not self._origins.serves(host or ""):
            text = (
                "This server does not answer to that name. Use its address, or add the name to its settings."
            )
            return Problem(status=400, code="host", text=text)
        origin = _header(scope, b"origin")
        if scope["type"] == "websocket":
            return await self._socket_refusal(scope, origin, host or "")
        if scope["method"] == "POST":
            return self._post_refusal(scope, origin, host or "")
        return None

    async def _socket_refusal(self, scope: Scope, origin: str | None, host: str) -> Problem | None:
        from_terminal = origin is None and scope["path"] == STAFF_FEED
        if not from_terminal and not self._origins.allows(origin, host):
            return Problem(
                status=403, code="origin", text="Chats may only be opened from the shop's own pages."
            )
        if not self._handshakes.take(address(scope)):
            return Problem(status=429, code="rate", text="Too many new connections. Try again in a minute.")
        if from_terminal and not await self._is_staff(scope):
            return Problem(status=403, code="no-token", text="Sign in first, then send the token along.")
        return None

    async def _is_staff(self, scope: Scope) -> bool:
        # A browser cannot set this header on a socket, so no page can pass for a terminal.
        header = _header(scope, b"authorization")
        return bool(header) and self._signed_in is not None and await self._signed_in(header or "")

    def _post_refusal(self, scope: Scope, origin: str | None, host: str) -> Problem | None:
        # A program sends no Origin and may pass; a browser always does.
        if origin is not None and not self._origins.allows(origin, host):
            return Problem(
                status=403, code="origin", text="Requests may only come from the shop's own pages."
            )
        posts = self._till_posts if scope["path"].startswith(TILL_PATHS) else self._posts
        if not posts.take(address(scope)):
            return Problem(status=429, code="rate", text="Too many requests. Try again in a minute.")
        return None

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                given: Headers = list(message.get("headers", []))
                message = {**message, "headers": completed(given, self._always)}
            await send(message)

        return sending


def address(scope: Scope) -> str:
    """Return the address a request came from, as the socket says it; no header can change it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _header(scope: Scope, name: bytes) -> str | None:
    values = [value for key, value in scope["headers"] if key.lower() == name]
    # Sent twice, a header means one thing to us and perhaps another to whoever stands before us.
    if len(values) > 1:
        return ""
    return values[0].decode("latin-1") if values else None


async def _refuse(send: Send, problem: Problem, kind: str) -> None:
    body = msgspec.json.encode({"code": problem.code, "text": problem.text})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *([(b"retry-after", b"30")] if problem.status == 429 else []),  # noqa: PLR2004 - the status says itself
    ]
    await send({"type": f"{kind}.start", "status": problem.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body, "more_body": False})
