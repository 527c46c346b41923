"""A call: one caller, from the greeting to the goodbye. What SIP and RTP are is the leg's business."""

import asyncio
from contextlib import aclosing, suppress
from datetime import datetime

import structlog
from msgspec import Struct

from shopbell.assistant import wire
from shopbell.assistant.callbook import End, Heard, masked
from shopbell.assistant.errors import AssistantError
from shopbell.voice import phrases
from shopbell.voice.errors import Mute
from shopbell.voice.minding import Reason
from shopbell.voice.phone import lines as say
from shopbell.voice.phone.guard import VoiceAway
from shopbell.voice.phone.handover import Handover
from shopbell.voice.phone.keys import Keys
from shopbell.voice.phone.leg import Leg
from shopbell.voice.phone.media import PhoneMedia
from shopbell.voice.phone.party import Party, heard_on, together
from shopbell.voice.phone.quality import Gauge
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.phone.shop import CHANNEL, Shop
from shopbell.voice.phone.talk import Talk
from shopbell.voice.session import Parts

DEAD_S = 60.0
"""Seconds without a packet after which the line is dead, unless it is on hold."""
LOOK_S = 1.0
TAIL_S = 0.2
"""Seconds for the last words to be played at the far end before the line is closed."""
RATING_S = 8.0
"""Seconds to press a key after the goodbye."""
QUOTED = 120
"""Characters of the caller's last words in the briefing."""
_ENDS: dict[Reason, End] = {
    "bye": "goodbye",
    "idle": "idle",
    "gone": "hung-up",
    "moved": "transferred",
    "ended": "staff",
}

log = structlog.get_logger()


class PhoneCall:
    """One answered call."""

    def __init__(self, shop: Shop, leg: Leg, number: str) -> None:
        """Take the line, and the number that it shows; empty when withheld."""
        self._shop = shop
        self._leg = leg
        self._number = number
        self._gauge = Gauge()
        self._media: PhoneMedia | None = None
        self._session: PhoneSession | None = None
        self._wanted = asyncio.Event()
        self._last_words = ""
        self._too_long = False
        self._moved = False
        self._party: Party | None = None
        """Staff whom the caller is joined with."""
        self.conversation = ""
        self._served_since: datetime | None = None

    # --- told from outside ---------------------------------------------------------------------------------

    def dropped(self) -> None:
        """Note that the other side hung up."""
        if self._media is not None:
            self._media.close()

    @property
    def turns(self) -> tuple[Heard, ...]:
        """What was heard, without its words."""
        return tuple(self._session.turns) if self._session is not None else ()

    @property
    def talk(self) -> Talk | None:
        """The call as colleagues see it; None while it is not served."""
        media, session = self._media, self._session
        if media is None or session is None or not self._served_since or self._moved:
            return None
        return Talk(self.conversation, masked(self._number), self._served_since, media, session)

    @property
    def gauge(self) -> Gauge:
        """The figures of the line."""
        return self._gauge

    # --- the call ------------------------------------------------------------------------------------------

    async def run(self) -> End:
        """Answer and serve the call; return how it ended. The line is left open for `leg.hang_up`."""
        keys: asyncio.Queue[str] = asyncio.Queue()
        await self._leg.answer(self._tick)
        media = self._media = heard_on(self._leg, self._shop.speech, self._gauge, keys)
        self.conversation = (await self._shop.conversations.open(CHANNEL)).conversation
        session = self._session = PhoneSession(
            self._parts(media), media, self.conversation, floor=self._floor
        )
        media.sounded = session.sounded
        pad = Keys(session, self._shop, self.conversation, keys, self._number)
        try:
            ended = await self._serve(media, session, pad)
            if ended == "goodbye" and self._shop.settings.ask_rating:
                await self._rate(media, pad)
        except Exception as fault:
            if isinstance(fault, ExceptionGroup) and fault.split(VoiceAway)[1] is None:
                log.warning("phone.voice_away", conversation=self.conversation)
            else:
                log.exception("phone.call_failed", conversation=self.conversation)
            await self._say_plainly(media, say.FAULT)
            ended = "fault"
        try:
            await self._settle(session, pad)
            if self._party is not None:
                await self._stay(media, self._party)
        finally:
            if self._party is not None:
                await self._party.hang_up()
        await media.drained()
        if media.is_open:
            await asyncio.sleep(TAIL_S)
        media.close()
        return ended

    def _tick(self) -> None:
        if self._media is not None:
            self._media.tick()

    def _parts(self, media: PhoneMedia) -> Parts:
        return Parts(
            conversations=self._shop.conversations,
            speech=self._shop.speech,
            media=media,
            ears=self._shop.ears(),
            show=self._show,
            clock=asyncio.get_running_loop().time,
            new_key=self._shop.new_key,
            manner=phrases.ON_PHONE,
        )

    async def _serve(self, media: PhoneMedia, session: PhoneSession, pad: Keys) -> End:
        self._served_since = self._shop.now()
        notice = self._shop.conversations.greeting().notice
        session.speak(self._shop.lines.greeting(notice, self._shop.now()))
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(work)
                for work in (
                    pad.run(),
                    self._watch(session),
                    self._connect(media, session),
                    session.guard.run(),
                )
            ]
            reason = await session.run(greet=False)
            self._served_since = None
            for task in beside:
                task.cancel()
        return "longest" if self._too_long else _ENDS.get(reason, "hung-up")

    async def _watch(self, session: PhoneSession) -> None:
        """Look after a line that is dead, and a call that is too long."""
        began = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(LOOK_S)
            if self._media is not None and self._media.silent_s > DEAD_S:
                self._media.close()
            longest_s = 60 * self._shop.settings.longest_min
            over = asyncio.get_running_loop().time() - began > longest_s
            if over and not self._too_long and session.holder != "staff":
                self._too_long = True
                session.wind_up(say.LONGEST)

    # --- to a person ---------------------------------------------------------------------------------------

    async def _show(self, frame: Struct) -> None:
        if isinstance(frame, wire.Said) and frame.who == "customer":
            self._last_words = frame.text

    def _floor(self, frame: wire.FloorChanged) -> None:
        if frame.holder == "waiting":
            self._wanted.set()

    async def _connect(self, media: PhoneMedia, session: PhoneSession) -> None:
        """Put the caller through whenever a person is wanted, for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._shop.note(self.conversation, self._briefing())
            staffed = self._shop.conversations.greeting().presence.staffed
            if self._shop.settings.staff and staffed:
                await self._put_through(media, session)

    async def _put_through(self, media: PhoneMedia, session: PhoneSession) -> None:
        handover = Handover(self._shop, self._leg, media, session)
        self._moved = await handover.run(self._last_words[:QUOTED])
        if self._moved:
            self._party = handover.party
            session.leave("moved")

    async def _stay(self, media: PhoneMedia, party: Party) -> None:
        """Keep caller and staff together until one of them hangs up."""
        if not await together(media, party.media, self._leg.gone, party.leg.gone):
            media.beyond = None
            await self._say_plainly(media, say.CUT_OFF)

    def _briefing(self) -> str:
        about = f' Last words: "{self._last_words[:QUOTED]}"' if self._last_words else ""
        return f"Telephone: {self._number or 'number withheld'} would like a person.{about}"

    # --- the end -------------------------------------------------------------------------------------------

    async def _settle(self, session: PhoneSession, pad: Keys) -> None:
        """End the conversation, unless somebody owes the caller an answer: then it stays in the console."""
        service = self._shop.conversations
        await pad.keep_message()
        unmet = session.holder == "waiting" and not self._moved and not pad.message_left
        if unmet:
            await self._shop.ask_back(self.conversation, self._number, self._last_words)
        owed = pad.message_left or (session.holder == "waiting" and not self._moved)
        with suppress(AssistantError):  # staff was quicker
            if pad.message_left and session.holder == "assistant":
                await service.want_person(self.conversation, self._shop.new_key())
            if not owed:
                await service.end(self.conversation)

    async def _rate(self, media: PhoneMedia, pad: Keys) -> None:
        """Ask how it was; whoever hangs up has said enough."""
        await self._say_plainly(media, say.RATE)
        stars = await pad.rating(RATING_S, lambda: media.is_open)
        if stars:
            with suppress(AssistantError):
                await self._shop.conversations.stars(self.conversation, stars, "")
            await self._say_plainly(media, say.RATED)

    async def _say_plainly(self, media: PhoneMedia, text: str) -> None:
        """Say something when the session is over."""
        with suppress(Mute):
            await media.clear()
            async with aclosing(self._shop.speech.say(text)) as sounds:
                async for sound in sounds:
                    await media.play(sound)
            await media.drained()
