"""Handing out: rewards at the counter, set aside under a code, shown first, handed out, undone in time."""

from collections.abc import Callable

from msgspec import structs

from shopbell.assistant import staffwire as w
from shopbell.assistant.countercard import hold_row, points
from shopbell.assistant.deeds import Deeds, Entry
from shopbell.assistant.staff.audit import Action
from shopbell.assistant.staff.sessions import Member
from shopbell.loyalty.answers import HoldState, Redeemed
from shopbell.loyalty.dossier import HeldReward

_SAID: dict[HoldState, Action] = {
    "redeemed": "reward-redeemed",
    "released": "reward-released",
    "undone": "reward-undone",
}
Step = Callable[[str], Redeemed]


class Handing:
    """Rewards and their codes."""

    def __init__(self, deeds: Deeds) -> None:
        """Take the books."""
        self._deeds = deeds

    async def set_aside(self, member: Member, ask: w.SetAside) -> w.HoldRow:
        """Set a reward aside and give its code; the same key sets aside once. Raises RewardRefused."""
        room, now, key = self._deeds.room, self._deeds.now(), f"{member.name}:{ask.key}"
        before = await self._deeds.read(lambda: room.club.dossier(ask.customer, now).holds)
        reserved = await self._deeds.do(
            member,
            lambda: room.club.reserve(ask.customer, ask.reward, now, key=key, by=member.name),
            lambda done: (
                None
                if any(one.hold == done.hold for one in before)
                else Entry("reward-reserved", done.customer, {"hold": done.hold, "reward": done.reward})
            ),
        )
        held, name = await self._deeds.read(lambda: self._held(reserved.hold))
        return structs.replace(hold_row(held, name), code=reserved.code)

    async def look(self, member: Member, ask: w.RewardCode) -> w.HoldRow:
        """Say what a code stands for, and hand nothing out; raises CodeRefused."""
        held, name = await self._deeds.read(lambda: self._held(ask.code))
        entry = Entry("reward-looked-up", held.customer, {"hold": held.hold})
        return await self._deeds.look(member, entry, lambda: hold_row(held, name))

    async def redeem(self, member: Member, ask: w.RewardCode) -> w.HoldRow:
        """Hand a reward out; by its hold the same again is answered as before."""
        club, now = self._deeds.room.club, self._deeds.now()
        return await self._step(member, ask, lambda word: club.redeem(word, now, by=member.name))

    async def release(self, member: Member, ask: w.RewardCode) -> w.HoldRow:
        """Put a reward back that nobody takes after all."""
        club, now = self._deeds.room.club, self._deeds.now()
        return await self._step(member, ask, lambda hold: club.release(hold, now, by=member.name))

    async def undo(self, member: Member, ask: w.RewardCode) -> w.HoldRow:
        """Take back that a reward was handed out; raises RewardRefused when that is too long ago."""
        club, now = self._deeds.room.club, self._deeds.now()
        return await self._step(member, ask, lambda hold: club.undo(hold, now, by=member.name))

    async def _step(self, member: Member, ask: w.RewardCode, step: Step) -> w.HoldRow:
        before: list[HeldReward] = []

        def deed() -> Redeemed:
            before.append(self._held(ask.code)[0])
            return step(ask.code)

        def told(done: Redeemed) -> Entry | None:
            if before[0].state == done.state:
                return None
            return Entry(_SAID[done.state], done.customer, {"hold": done.hold, "reward": done.reward})

        done = await self._deeds.do(member, deed, told)
        held, name = await self._deeds.read(lambda: self._held(done.hold))
        return structs.replace(
            hold_row(held, name),
            state=done.state,
            until=done.undo_until or held.expires_at,
            points_left=points(done.purses),
        )

    def _held(self, word: str) -> tuple[HeldReward, str]:
        room = self._deeds.room
        held = room.club.held(word, self._deeds.now())
        return held, room.customers.get(held.customer).name
