"""Queries of the interface: what stands behind the question mark must be asked for by the route."""

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from shopbell.assistant.errors import BadRequest

_API = "/api/"
_NOTHING = "/api/{path}"
"""Where the framework answers that nothing is there."""


class Queries:
    """Refuses a query parameter that the route does not know: mostly one that is misspelt."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    async def __call__(self, request: Request[None, None, State]) -> None:
        """Raise `BadRequest` when the query holds a name that this route does not take. Pages take all."""
        template = request.scope["path_template"]
        if not template.startswith(_API) or template == _NOTHING or not request.query_params:
            return
        route = (template, request.method)
        if route not in self._known:
            self._known[route] = _known(request.app, *route)
        for name in request.query_params:
            if name not in self._known[route]:
                raise BadRequest(_told(name, self._known[route]))


def _known(app: Litestar, template: str, method: str) -> frozenset[str]:
    return frozenset(
        parameter.field_alias
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_format == template
        for name, (_, model) in route.route_handler_map.items()
        if name == method
        for parameter in model.expected_query_params
    )


def _told(name: str, known: frozenset[str]) -> str:
    takes = f"It takes: {', '.join(sorted(known))}." if known else "It takes none."
    return f"This address knows no query parameter {name[:40]!r}. {takes}"
