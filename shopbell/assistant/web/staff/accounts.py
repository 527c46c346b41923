"""Signing in and out, and who is on the staff."""

from typing import Any

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from shopbell.assistant import staffwire as w
from shopbell.assistant.staff.office import Invited, Signed
from shopbell.assistant.staff.rights import RIGHTS
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.staff.desk import StaffDesk

Plain = Request[Any, Any, State]
Desk = NamedDependency[StaffDesk]
Me = NamedDependency[Member]


@post("/login", status_code=200, opt={"right": "public"})
async def login(data: JSONBody[w.Login], staff_desk: Desk, request: Plain) -> w.Session:
    """Sign in."""
    return _session(await staff_desk.office.login(data.name, data.password, _address(request)))


@post("/join", status_code=200, opt={"right": "public"})
async def join(data: JSONBody[w.Join], staff_desk: Desk, request: Plain) -> w.Session:
    """Use a one-time code: choose a password and sign in."""
    signed = await staff_desk.office.join(data.code, data.name, data.password, _address(request))
    return _session(signed)


@post("/logout", status_code=200, opt={"right": "session"})
async def logout(staff_desk: Desk, member: Me) -> w.Kept:
    """Sign out."""
    await staff_desk.office.logout(member)
    return w.Kept()


@get("/me", opt={"right": "session"})
async def me(member: Me) -> w.Me:
    """Say who is signed in."""
    return w.Me(name=member.name, role=member.role, rights=RIGHTS[member.role], ends_at=member.ends_at)


@post("/password", status_code=200, opt={"right": "session"})
async def password(data: JSONBody[w.NewPassword], staff_desk: Desk, member: Me, request: Plain) -> w.Kept:
    """Change one's own password."""
    await staff_desk.office.change_password(member, data.old, data.new, _address(request))
    return w.Kept(text="Your other sessions have ended.")


@get("/accounts", opt={"right": "accounts.see"})
async def accounts(staff_desk: Desk) -> w.Accounts:
    """List the staff."""
    return w.Accounts(accounts=await staff_desk.office.accounts())


@post("/accounts", opt={"right": "accounts"})
async def add_account(data: JSONBody[w.NewAccount], staff_desk: Desk, member: Me) -> w.Invitation:
    """Invite somebody."""
    return _invitation(await staff_desk.office.add(member, data.name, data.role))


@post("/accounts/role", status_code=200, opt={"right": "accounts"})
async def change_role(data: JSONBody[w.RoleChange], staff_desk: Desk, member: Me) -> w.Kept:
    """Give somebody another role; it holds from their next request on."""
    await staff_desk.office.change_role(member, data.name, data.role)
    return w.Kept()


@post("/accounts/revoke", status_code=200, opt={"right": "accounts"})
async def revoke(data: JSONBody[w.Who], staff_desk: Desk, member: Me) -> w.Kept:
    """End an account: its sessions are over at once."""
    await staff_desk.office.revoke(member, data.name)
    return w.Kept()


@post("/accounts/reset", status_code=200, opt={"right": "accounts"})
async def reset(data: JSONBody[w.Who], staff_desk: Desk, member: Me) -> w.Invitation:
    """Void somebody's password and invite them anew."""
    return _invitation(await staff_desk.office.reset(member, data.name))


HANDLERS = (login, join, logout, me, password, accounts, add_account, change_role, revoke, reset)


def _session(signed: Signed) -> w.Session:
    member = signed.member
    return w.Session(
        token=signed.token,
        name=member.name,
        role=member.role,
        rights=RIGHTS[member.role],
        ends_at=member.ends_at,
    )


def _invitation(invited: Invited) -> w.Invitation:
    return w.Invitation(name=invited.name, role=invited.role, code=invited.code, ends_at=invited.ends_at)


def _address(request: Plain) -> str:
    return request.client.host if request.client else ""
