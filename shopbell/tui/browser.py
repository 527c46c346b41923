"""Browser: the console for browsers of this machine; each tab is a console of its own that signs in."""

import shlex
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.server import Server
from yarl import URL

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def command(url: str) -> str:
    """Return the command line of the console that each browser tab runs."""
    return shlex.join([sys.executable, "-m", "shopbell.tui", "--url", url])


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve pages of this very address only: no other site may open a console, under whatever name."""
    origin = request.headers.get("Origin")
    if not _local(request.host) or (origin is not None and URL(origin).authority != request.host):
        raise web.HTTPForbidden(text="This console answers its own page only.")
    return await handler(request)


async def _headed(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"


def _local(host: str) -> bool:
    return host.rpartition(":")[0] in {"127.0.0.1", "localhost", "[::1]"}


class Serving(Server):
    """textual-serve with our own page, which asks nothing of any other machine."""

    def __init__(self, url: str, port: int) -> None:
        """Take the shop's server, and the port of loopback to answer at."""
        super().__init__(
            command(url), host="127.0.0.1", port=port, title="Shopbell console", templates_path=HERE / "page"
        )

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(guard)
        app.on_response_prepare.append(_headed)
        return app
