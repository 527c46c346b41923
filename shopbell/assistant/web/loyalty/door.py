"""The door: who calls, and whether they may. A till shows its key, a person the token of the console."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers.base import BaseRouteHandler
from msgspec import Struct

from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.errors import KeyRefused, ScopeMissing
from shopbell.loyalty.tills import Scope

SCOPE = "scope"
"""The key under which a route declares what it takes to call it."""
TILL_PREFIX = "sbk_"

Connection = ASGIConnection[Any, Any, Any, State]


_ROLES = {"manager": frozenset(Scope), "owner": frozenset(Scope)}
"""What people may do here. Clerks serve at the console's counter, where what they see is masked."""


class Caller(Struct, frozen=True, kw_only=True):
    """Who calls."""

    name: str
    """As the books name them: `till:front` or a member of staff."""
    till: str = ""
    """The till; empty for a person."""


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let in who may; raises KeyRefused, ScopeMissing or TooFast. A route without a scope lets nobody in."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    proof = token.strip() if scheme.lower() == "bearer" else ""
    scope: Scope | None = handler.opt.get(SCOPE)
    if scope is None:
        raise ScopeMissing("This cannot be called from outside.")
    desk: LoyaltyDesk = connection.app.state["loyalty"]
    if proof.startswith(TILL_PREFIX):
        key = await desk.look(desk.room.tills.admit, proof, scope, desk.now())
        connection.scope["state"]["caller"] = Caller(name=f"till:{key.till}", till=key.till)
        return
    person = await desk.signed_in(proof) if proof else None
    if person is None:
        raise KeyRefused("Send a till's key or a console's token as `Authorization: Bearer ...`.")
    if scope not in _ROLES.get(person.role, frozenset()):
        raise ScopeMissing(f"As {person.role} you may not do this here. Use the console, or ask a manager.")
    await desk.witness(person.name, f"{connection.scope.get('method', '')} {connection.url.path}")
    connection.scope["state"]["caller"] = Caller(name=person.name)


async def provide_loyalty(state: State) -> LoyaltyDesk:
    """Give handlers the desk."""
    desk: LoyaltyDesk = state["loyalty"]
    return desk


async def provide_caller(request: Request[Any, Any, State]) -> Caller:
    """Give handlers who calls; only behind the guard."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


def checked_till(caller: Caller) -> str:
    """Return the till, which becomes a sale's source; raises ScopeMissing for a person."""
    if not caller.till:
        raise ScopeMissing("Sales are recorded with a till's key, which names where they were rung up.")
    return caller.till


def checked_person(caller: Caller) -> str:
    """Return the person's name; raises ScopeMissing for a till, which nobody can be asked about."""
    if caller.till:
        raise ScopeMissing("This takes a person who is signed in at the console.")
    return caller.name
