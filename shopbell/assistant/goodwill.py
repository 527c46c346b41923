"""Goodwill: points given at the counter, by one person up to the role's limit, by two above it."""

from shopbell.assistant import staffwire as w
from shopbell.assistant.console import Console
from shopbell.assistant.countercard import points
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.staff.audit import Action
from shopbell.assistant.staff.sessions import Member
from shopbell.loyalty.answers import Adjusted
from shopbell.loyalty.house import Adjustment


class Goodwill:
    """Points given by hand."""

    def __init__(self, deeds: Deeds, console: Console) -> None:
        """Take the books and the owner's settings."""
        self._deeds = deeds
        self._console = console

    async def award(self, member: Member, ask: w.Award) -> w.Awarded:
        """Give points, or ask a second person to; the same key gives once. Raises NoSuchCustomer."""
        club, now = self._deeds.room.club, self._deeds.now()
        wanted = Adjustment(
            key=f"{member.name}:{ask.key}",
            customer=ask.customer,
            points=ask.points,
            reason=ask.reason,
            actor=member.name,
        )

        def told(done: Adjusted) -> Entry | None:
            if done.at != now:
                return None  # it was asked before, and answered as then
            return _entry("points-awarded" if done.state == "done" else "points-asked", done)

        most = self._console.goodwill.of(member.role)
        return self._told(
            await self._deeds.do(member, lambda: club.adjust(wanted, now, most=most), told),
            await self._name(ask.customer),
        )

    async def waiting(self, member: Member) -> w.Requests:
        """Return what waits for a second person."""
        club, entry = self._deeds.room.club, Entry("requests-viewed")
        customers = self._deeds.room.customers

        def found() -> list[tuple[Adjusted, str]]:
            return [(one, customers.get(one.customer).name) for one in club.open_adjustments()]

        rows = await self._deeds.look(member, entry, found)
        return w.Requests(requests=tuple(self._told(one, name) for one, name in rows))

    async def count(self) -> int:
        """Return how many requests wait for a second person."""
        return len(await self._deeds.read(self._deeds.room.club.open_adjustments))

    async def decide(self, member: Member, ask: w.Decide) -> w.Awarded:
        """Say yes or no to a colleague's request; raises AdjustmentRefused for one's own."""
        club, now = self._deeds.room.club, self._deeds.now()
        decide = club.approve if ask.approve else club.refuse
        open_before: set[str] = set()

        def deed() -> Adjusted:
            open_before.update(one.request for one in club.open_adjustments())
            return decide(ask.request, member.name, now)

        def told(done: Adjusted) -> Entry | None:
            if ask.request not in open_before:
                return None
            return _entry("points-approved" if ask.approve else "points-refused", done)

        done = await self._deeds.do(member, deed, told)
        return self._told(done, await self._name(done.customer))

    async def _name(self, customer: str) -> str:
        customers = self._deeds.room.customers
        return await self._deeds.read(lambda: customers.get(customer).name)

    def _told(self, one: Adjusted, name: str) -> w.Awarded:
        return w.Awarded(
            request=one.request,
            customer=one.customer,
            name=name,
            points=one.points,
            reason=one.reason,
            by=one.actor,
            at=one.at,
            state=one.state,
            decided_by=one.decided_by,
            points_now=points(one.purses) if one.purses else None,
        )


def _entry(action: Action, done: Adjusted) -> Entry:
    detail: dict[str, str | int] = {"points": done.points, "request": done.request, "reason": done.reason}
    return Entry(action, done.customer, detail)
