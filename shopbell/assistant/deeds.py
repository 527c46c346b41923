"""Deeds: what staff sees and does of customers, each written into the audit log, or it does not happen."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from shopbell.assistant.staff.audit import Action, AuditLog
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.backroom import Backroom

T = TypeVar("T")


class Entry(Struct, frozen=True):
    """What is written into the audit log; ids and counts, never a customer's data."""

    action: Action
    target: str = ""
    detail: Mapping[str, str | int] = {}


class Deeds:
    """The programme's books together with the audit log, which is in the same database."""

    def __init__(self, loyalty: LoyaltyDesk, audit: AuditLog) -> None:
        """Take the programme and the log."""
        self._loyalty = loyalty
        self._audit = audit

    @property
    def room(self) -> Backroom:
        """The programme's services; their calls block."""
        return self._loyalty.room

    def now(self) -> datetime:
        """Return the time."""
        return self._loyalty.now()

    async def look(self, member: Member, entry: Entry, fn: Callable[[], T]) -> T:
        """Read something; nobody is shown it before it is written down that they looked."""

        def work() -> T:
            found = fn()
            self._audit.write(member.name, entry.action, entry.target, **entry.detail)
            return found

        return await self._loyalty.look(work)

    async def do(self, member: Member, fn: Callable[[], T], told: Callable[[T], Entry | None]) -> T:
        """Change something and write it down in one transaction; `told` gives None for a repetition."""

        def work() -> T:
            with self.room.club.writing() as db:
                done = fn()
                if (entry := told(done)) is not None:
                    self._audit.add(db, member.name, entry.action, entry.target, entry.detail)
                return done

        return await self._loyalty.enter(work)

    async def read(self, fn: Callable[[], T]) -> T:
        """Read what tells nothing of a customer, or serves what is written down elsewhere."""
        return await self._loyalty.look(fn)
