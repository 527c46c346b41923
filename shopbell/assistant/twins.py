"""Twins: two records of one person, looked at side by side, joined, and parted again."""

from shopbell.assistant import staffwire as w
from shopbell.assistant.countercard import purses
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.patrons import Patrons
from shopbell.assistant.staff.sessions import Member
from shopbell.loyalty.answers import Merged


class Twins:
    """Joining two records."""

    def __init__(self, deeds: Deeds, patrons: Patrons) -> None:
        """Take the books, and who tells of a customer."""
        self._deeds = deeds
        self._patrons = patrons

    async def preview(self, member: Member, pair: w.Pair) -> w.MergePreview:
        """Say what joining would bring, and change nothing; raises MergeRefused."""
        entry = Entry("merge-previewed", pair.target, {"source": pair.source})
        return await self._deeds.look(member, entry, lambda: self._preview(pair, member.name))

    async def join(self, member: Member, pair: w.Pair) -> w.Merged:
        """Join them; raises MergeRefused."""
        club, now = self._deeds.room.club, self._deeds.now()
        done = await self._deeds.do(
            member,
            lambda: club.merge(pair.source, pair.target, now, by=member.name),
            lambda done: Entry("customers-merged", done.target, {"source": done.source, "merge": done.merge}),
        )
        return _told(done)

    async def part(self, member: Member, ask: w.Unmerge) -> w.Merged:
        """Part them again; what was spent since stays spent. Raises MergeRefused."""
        club, now = self._deeds.room.club, self._deeds.now()

        def told(done: Merged) -> Entry | None:
            if done.at != now:
                return None  # parted before, and answered as then
            return Entry("customers-parted", done.target, {"source": done.source, "merge": done.merge})

        return _told(await self._deeds.do(member, lambda: club.unmerge(ask.merge, now, by=member.name), told))

    def _preview(self, pair: w.Pair, by: str) -> w.MergePreview:
        club, now = self._deeds.room.club, self._deeds.now()
        source, target = self._patrons.row(pair.source), self._patrons.row(pair.target)
        would = club.rehearse(pair.source, pair.target, now, by=by)
        return w.MergePreview(
            source=source,
            target=target,
            joined=purses(would.merged.purses, club.terms(now)),
            standing=would.member.sentence,
            withdrawn=would.withdrawn,
        )


def _told(done: Merged) -> w.Merged:
    return w.Merged(merge=done.merge, source=done.source, target=done.target, undone=done.undone)
