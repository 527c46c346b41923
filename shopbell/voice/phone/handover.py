"""Handover: puts a caller through to staff, who first hear in one line what it is about."""

import asyncio

import structlog

from shopbell.voice import tones
from shopbell.voice.phone import lines as say
from shopbell.voice.phone.dialled import Dialled, NotAnswered
from shopbell.voice.phone.leg import Leg, Wires
from shopbell.voice.phone.media import PhoneMedia
from shopbell.voice.phone.party import Party
from shopbell.voice.phone.registrar import located
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.phone.shop import Shop
from shopbell.voice.phone.source import Address

LOOK_S = 0.1
RING_TONE_S = 1.5
"""Seconds between two soft tones while the caller waits."""
DECIDE_S = 6.0
"""Seconds that staff have after the briefing to take the call; then it is said once more."""
MOVE_S = 5.0
"""Seconds in which the caller's side has to take the staff's place, before the lines are joined here."""
TAKE = "1"

log = structlog.get_logger()


class Handover:
    """One caller's way to a person."""

    def __init__(self, shop: Shop, leg: Leg, media: PhoneMedia, session: PhoneSession) -> None:
        self._shop = shop
        self._leg = leg
        self._media = media
        self._session = session
        self.party: Party | None = None
        """The person who is to be joined with the caller; None where the other side did that."""

    async def run(self, about: str) -> bool:
        """Put the caller through; say whether somebody took the call. `about` are the caller's last words."""
        session = self._session
        session.speak(say.PUTTING_THROUGH)
        while session.busy:  # noqa: ASYNC110 - it is the clock that ends it
            await asyncio.sleep(LOOK_S)
        if self._staffed():
            return False  # somebody answers in the console already
        session.deafen(deaf=True)
        briefed = self._shop.settings.staff_briefing
        taken = await (self._attended(about) if briefed else self._blind())
        if not taken:
            session.deafen(deaf=False)
            if not self._staffed():
                session.speak(say.NOBODY)
        return taken

    def _staffed(self) -> bool:
        return self._session.holder == "staff"

    async def _blind(self) -> bool:
        target, _ = await staff_at(self._shop, self._leg.source)
        return await self._leg.transfer(target, self._shop.settings.staff_ring_s)

    async def _attended(self, about: str) -> bool:
        waiting = asyncio.ensure_future(self._wait())
        party: Party | None = None
        try:
            target, hop = await staff_at(self._shop, self._leg.source)
            leg = Dialled(self._leg.wires, target, own_uri(self._shop, self._leg.wires), hop)
            party = Party(leg, self._shop.speech)
            if await self._takes(party, say.briefing(about)):
                return await self._give(party)
        except (NotAnswered, OSError, ValueError) as error:
            log.info("phone.staff_not_reached", why=str(error))
        finally:
            waiting.cancel()
            if party is not None and self.party is None:
                await party.hang_up()
        return False

    async def _takes(self, party: Party, briefing: str) -> bool:
        """Ring and tell; say whether the call is taken. Staff in the console may be quicker."""
        asking = asyncio.ensure_future(self._ask(party, briefing))
        try:
            while not asking.done():
                await asyncio.wait([asking], timeout=LOOK_S)
                if self._staffed():
                    return False
            return asking.result()
        finally:
            asking.cancel()
            await asyncio.wait([asking])

    async def _ask(self, party: Party, briefing: str) -> bool:
        await party.ring(self._shop.settings.staff_ring_s)
        key = await party.asked(briefing, DECIDE_S)
        if not key and not party.leg.gone.is_set():
            key = await party.asked(briefing, DECIDE_S)
        return key == TAKE

    async def _give(self, party: Party) -> bool:
        """Let the caller's side take our place where it can; else both are joined here."""
        if self._leg.takes_replaces and await self._leg.transfer(party.leg.replaces, MOVE_S):
            return True
        if party.leg.gone.is_set():
            return False
        self.party = party
        return True

    async def _wait(self) -> None:
        """Let the caller hear that it goes on."""
        tone = tones.waiting(self._media.rate)
        while True:
            self._session.touched()
            await self._media.play(tone)
            await asyncio.sleep(RING_TONE_S)


async def staff_at(shop: Shop, caller: Address) -> tuple[str, Address]:
    """Return the SIP address of the staff's telephone, and where to send what is for it.

    Raises OSError when the server, or the host that is named, cannot be found.
    """
    staff = shop.settings.staff
    if "@" in staff:
        return f"sip:{staff}", await located(staff.partition("@")[2])
    return f"sip:{staff}@{shop.domain}", await by_way_of(shop, caller)


async def by_way_of(shop: Shop, caller: Address) -> Address:
    """Return where calls of ours are sent: to the server, or where calls come from."""
    return await located(shop.settings.server) if shop.settings.server else caller


def own_uri(shop: Shop, wires: Wires) -> str:
    """Return the address that calls of ours come from."""
    settings = shop.settings
    return f"sip:{settings.user or 'shopbell'}@{shop.domain or wires.exchange.named[0]}"
