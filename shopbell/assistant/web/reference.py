"""The description of the REST interface: OpenAPI as JSON, and a page of our own that shows it."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from shopbell.assistant.web.pages import Pages

_WHAT = (
    "Conversations with the shop's assistant, for programs. Begin one, keep its token, send it as "
    "`Authorization: Bearer TOKEN`. No cookies are used. The chat page itself uses the socket /api/chat."
)
_TILL = (
    "A till's key, `sbk_...`, made with `shopbell loyalty keys create`; or the token of a signed-in console."
)


class ReferencePage(OpenAPIRenderPlugin):
    """The page at `/api`; its script reads `/api/openapi.json`."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(path="/", favicon="", style="")
        self._pages = pages

    def render(self, request: Request[None, None, State], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the framework's
        """Return the page."""
        return self._pages.reference().encode()


def reference(pages: Pages, *, shop: str, version: str) -> OpenAPIConfig:
    """Return what the framework needs to describe the interface."""
    return OpenAPIConfig(
        title=f"{shop}: Shopbell API",
        version=version,
        description=_WHAT,
        path="/api",
        render_plugins=[ReferencePage(pages), JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "till": SecurityScheme(type="http", scheme="bearer", description=_TILL),
            }
        ),
        use_handler_docstrings=True,
    )
