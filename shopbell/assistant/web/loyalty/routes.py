"""All routes of tills and back room behind their door."""

from litestar import Router
from litestar.di import Provide

from shopbell.assistant.web.loyalty import (
    books,
    customers,
    holdings,
    hooks,
    imports,
    purchases,
    reckonings,
    rewards,
)
from shopbell.assistant.web.loyalty.door import guard, provide_caller, provide_loyalty


def router() -> Router:
    """Return the routes under `/api/purchases` and `/api/loyalty`."""
    return Router(
        "/api",
        route_handlers=[
            Router("/purchases", route_handlers=list(purchases.HANDLERS)),
            Router(
                "/loyalty",
                route_handlers=[
                    *customers.HANDLERS,
                    *rewards.HANDLERS,
                    *holdings.HANDLERS,
                    *books.HANDLERS,
                    *hooks.HANDLERS,
                    *imports.HANDLERS,
                    *reckonings.HANDLERS,
                ],
            ),
        ],
        guards=[guard],
        dependencies={"loyalty": Provide(provide_loyalty), "caller": Provide(provide_caller)},
    )
