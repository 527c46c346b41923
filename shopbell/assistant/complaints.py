"""Complaints at the counter: what was told in conversation, and that somebody has seen to it."""

from shopbell.assistant import staffwire as w
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.staff.sessions import Member
from shopbell.loyalty.casebook import Casebook


class Complaints:
    """Settling complaints."""

    def __init__(self, deeds: Deeds, cases: Casebook) -> None:
        """Take the books and the complaints."""
        self._deeds = deeds
        self._cases = cases

    async def settle(self, member: Member, ask: w.Settle) -> w.Kept:
        """Note that a complaint was seen to; raises BadRequest when it is not open."""

        def deed() -> bool:
            return self._cases.close(ask.number, member.name, self._deeds.now())

        entry = Entry("complaint-settled", str(ask.number))
        if not await self._deeds.do(member, deed, lambda done: entry if done else None):
            raise BadRequest("This complaint is not open any more.")
        return w.Kept(text="Settled.")
