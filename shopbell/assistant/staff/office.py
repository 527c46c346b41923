"""The office: signing in and out, inviting, revoking. Guesses are stopped before they cost anything."""

import secrets
import time
from datetime import datetime

from msgspec import Struct

from shopbell.assistant.errors import BadLogin
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.names import checked_name, key_of
from shopbell.assistant.staff.passwords import Passwords, check_password
from shopbell.assistant.staff.roster import Roster
from shopbell.assistant.staff.sessions import Member, Sessions
from shopbell.assistant.staffwire import Account, Role
from shopbell.assistant.web.errors import TooFast
from shopbell.storage.buckets import Buckets, Clock, Rate
from shopbell.storage.worker import Worker

PER_ACCOUNT = Rate(8, 1 / 20)
"""38 guesses in ten minutes reach the hash, however many are sent."""
PER_ADDRESS = Rate(20, 1 / 10)
IN_ALL = Rate(30, 1 / 2)
"""Names are made up at no cost, so all together are counted too."""
_WRONG = "The name or the password is not right."
_SLOW_DOWN = "Too many tries. Wait a minute, then try again."


class Signed(Struct, frozen=True, kw_only=True):
    """Somebody who just signed in."""

    member: Member
    token: str
    """Proves it from now on; given once."""


class Invited(Struct, frozen=True, kw_only=True):
    """A one-time code, to be handed over in person."""

    name: str
    role: Role
    code: str
    ends_at: datetime


def new_code() -> str:
    """Return a code that nobody can guess."""
    return secrets.token_urlsafe(24)


class Office:
    """The staff's accounts, for the web and the command line."""

    def __init__(
        self,
        roster: Roster,
        sessions: Sessions,
        audit: AuditLog,
        *,
        database: Worker,
        hashing: Worker,
        clock: Clock = time.monotonic,
    ) -> None:
        """Take the roster, the thread it blocks, and a thread of its own for the slow hash."""
        self.roster = roster
        self.sessions = sessions
        self.audit = audit
        self.passwords = Passwords()
        self._database = database
        self._hashing = hashing
        self.pace_by(clock)

    def pace_by(self, clock: Clock) -> None:
        """Count guesses anew, by this clock."""
        self._accounts = Buckets(PER_ACCOUNT, clock)
        self._addresses = Buckets(PER_ADDRESS, clock)
        self._all = Buckets(IN_ALL, clock)

    async def login(self, name: str, password: str, address: str) -> Signed:
        """Sign somebody in; raises BadLogin, the same for a wrong name and a wrong password, or TooFast."""
        self._pace(key_of(name), address)
        kept = await self._database.call(self.roster.password_of, name)
        if not await self._hashing.call(self.passwords.matches, kept, password):
            # A name that is not known may be a password in the wrong box: it is not written down.
            who = key_of(name) if kept else "an unknown name"
            await self._database.call(self.audit.write, who, "login-refused", "", address=address)
            raise BadLogin(_WRONG)
        return await self._begin(name)

    async def join(self, code: str, name: str, password: str, address: str) -> Signed:
        """Use an invitation: choose a password, and the first owner a name; raises BadLogin or BadRequest."""
        self._pace(f"code {address}", address)
        invited = await self._database.call(self.roster.invited, code)
        chosen = invited or checked_name(name)
        check_password(password, chosen)
        hashed = await self._hashing.call(self.passwords.hash, password)
        return await self._begin(await self._database.call(self.roster.join, code, chosen, hashed))

    async def change_password(self, member: Member, old: str, new: str, address: str) -> None:
        """Change one's own password; the other sessions end. Raises BadLogin or BadRequest."""
        self._pace(key_of(member.name), address)
        kept = await self._database.call(self.roster.password_of, member.name)
        if not await self._hashing.call(self.passwords.matches, kept, old):
            raise BadLogin("That is not your password.")
        check_password(new, member.name)
        hashed = await self._hashing.call(self.passwords.hash, new)
        await self._database.call(self.roster.keep_password, member, hashed)

    async def logout(self, member: Member) -> None:
        """End the session."""
        await self._database.call(self.sessions.end, member)

    async def member(self, token: str) -> Member | None:
        """Return who sends this token; None when the session is over or never was."""
        return await self._database.call(self.sessions.member, token)

    async def still(self, member: Member) -> Member | None:
        """Return the member as they are now; None when the session is over."""
        return await self._database.call(self.sessions.still, member.session)

    async def seen(self, member: Member) -> None:
        """Note that somebody is at the keys."""
        await self._database.call(self.sessions.seen, member.session)

    async def called(self, name: str, what: str) -> None:
        """Write down that somebody used the till's interface."""
        await self._database.call(self.audit.write, name, "interface-used", what)

    async def accounts(self) -> tuple[Account, ...]:
        """Return everybody."""
        return await self._database.call(self.roster.accounts)

    async def add(self, actor: Member, name: str, role: Role) -> Invited:
        """Invite somebody; raises NameTaken or BadRequest."""
        code, name = new_code(), checked_name(name)
        ends_at = await self._database.call(self.roster.add, actor.name, name, role, code)
        return Invited(name=name, role=role, code=code, ends_at=ends_at)

    async def reset(self, actor: Member, name: str) -> Invited:
        """Void somebody's password and invite them anew."""
        code = new_code()
        role, ends_at = await self._database.call(self.roster.reset, actor.name, name, code)
        return Invited(name=name, role=role, code=code, ends_at=ends_at)

    async def change_role(self, actor: Member, name: str, role: Role) -> None:
        """Give somebody another role."""
        await self._database.call(self.roster.change_role, actor.name, name, role)

    async def revoke(self, actor: Member, name: str) -> None:
        """End an account; its open consoles close within a second."""
        await self._database.call(self.roster.revoke, actor.name, name)

    async def first_code(self) -> str:
        """Return a code that makes the first owner; empty when there is an owner."""
        if await self._database.call(self.roster.has_owner):
            return ""
        code = new_code()
        await self._database.call(self.roster.invite_owner, code)
        return code

    async def _begin(self, name: str) -> Signed:
        token = secrets.token_urlsafe(32)
        number = secrets.token_hex(8)
        member = await self._database.call(self.sessions.begin, name, token, number)
        return Signed(member=member, token=token)

    def _pace(self, account: str, address: str) -> None:
        # In this order: one address that never stops uses up no more than its own share of the rest.
        if not (self._addresses.take(address) and self._accounts.take(account) and self._all.take("all")):
            raise TooFast(_SLOW_DOWN)
