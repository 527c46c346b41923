"""All routes of the staff behind their guard, and the table of what each takes."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, Router
from litestar.di import Provide
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.types import Serializer

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.staff import (
    accounts,
    customers,
    figures,
    ghost,
    house,
    identity,
    knowledge,
    letters,
)
from shopbell.assistant.web.staff.feed import feed
from shopbell.assistant.web.staff.guard import RIGHT, guard, provide_member, provide_staff_desk

PATH = "/api/staff"
FEED = f"{PATH}/feed"


class VisibleResponse(Response[Any]):
    """JSON in which nothing can move a terminal."""

    def render(self, content: Any, media_type: str, enc_hook: Serializer = repr) -> bytes:
        """Return the body."""
        body = super().render(content, media_type, enc_hook)
        return w.visible_json(body) if media_type == MediaType.JSON else body


def router() -> Router:
    """Return the routes under `/api/staff`."""
    return Router(
        PATH,
        route_handlers=[
            *accounts.HANDLERS,
            *house.HANDLERS,
            *ghost.HANDLERS,
            *letters.HANDLERS,
            Router("/figures", route_handlers=list(figures.HANDLERS)),
            Router("/knowledge", route_handlers=list(knowledge.HANDLERS)),
            Router("/customers", route_handlers=[*customers.HANDLERS, *identity.HANDLERS]),
            feed,
        ],
        guards=[guard],
        dependencies={
            "member": Provide(provide_member),
            "staff_desk": Provide(provide_staff_desk),
        },
        response_class=VisibleResponse,
        include_in_schema=False,
    )


def rights_table(routes: Router) -> Mapping[tuple[str, str], str]:
    """Return (method, path) -> declared right, read from the routes themselves; empty where none is."""
    table: dict[tuple[str, str], str] = {}
    for route in routes.routes:
        for handler in getattr(route, "route_handlers", None) or [getattr(route, "route_handler", None)]:
            methods = handler.http_methods if isinstance(handler, HTTPRouteHandler) else {"SOCKET"}
            table |= {
                (str(method), route.path): handler.opt.get(RIGHT, "")
                for method in methods
                if method != "OPTIONS"  # made by the framework, without a right: the guard refuses it
            }
    return table
