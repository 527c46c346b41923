"""The guard of the staff's routes: no declared right, no entry; no token, no entry."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers.base import BaseRouteHandler

from shopbell.assistant.errors import NoRight
from shopbell.assistant.staff.rights import KNOWN, PUBLIC, may
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.errors import NoToken
from shopbell.assistant.web.staff.desk import StaffDesk

RIGHT = "right"
"""The key under which a route declares what it takes to call it."""
FIRST_FRAME = "first-frame"
"""Declared by the socket, which asks for the token in its first frame."""

Connection = ASGIConnection[Any, Any, Any, State]


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let in who may; raises NoToken or NoRight. A route without a known right lets nobody in."""
    right = handler.opt.get(RIGHT, "")
    if right in {PUBLIC, FIRST_FRAME}:
        return
    member = await desk_of(connection).office.member(bearer(connection.headers.get("authorization", "")))
    if member is None:
        raise NoToken("Sign in first: the session is over, or there never was one.")
    if right not in KNOWN or not may(member.role, right):
        raise NoRight(f"As {member.role} you may not do this. Ask somebody who may.")
    await desk_of(connection).office.seen(member)
    connection.scope["state"]["member"] = member


def desk_of(connection: Connection) -> StaffDesk:
    """Return what the handlers work with."""
    desk: StaffDesk = connection.app.state["staff"]
    return desk


async def provide_staff_desk(state: State) -> StaffDesk:
    """Give handlers the desk."""
    desk: StaffDesk = state["staff"]
    return desk


async def provide_member(request: Request[Any, Any, State]) -> Member:
    """Give handlers who is signed in; only behind the guard."""
    member: Member = request.scope["state"]["member"]
    return member


def bearer(header: str) -> str:
    """Return the token of an `Authorization` header; empty when there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
