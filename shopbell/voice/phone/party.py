"""A party: somebody we rang, who hears the shop's voice, presses keys, and is joined with another line."""

import asyncio
from contextlib import aclosing, suppress

from shopbell.voice.errors import Mute
from shopbell.voice.phone.dialled import Dialled
from shopbell.voice.phone.leg import Leg
from shopbell.voice.phone.media import PhoneMedia
from shopbell.voice.phone.quality import Gauge
from shopbell.voice.phone.tonekeys import ToneKeys
from shopbell.voice.speech import Speech

LOOK_S = 0.1
DEAD_S = 30.0
"""Seconds without a packet after which a line is dead; less than alone, for two people wait."""


class Party:
    """One person at the other end. `hang_up` always comes last."""

    def __init__(self, leg: Dialled, speech: Speech) -> None:
        self.leg = leg
        self._speech = speech
        self._media: PhoneMedia | None = None
        self._keys: asyncio.Queue[str] = asyncio.Queue()

    async def ring(self, seconds: float) -> PhoneMedia:
        """Ring until somebody answers; raises as `Dialled.ring` does."""
        await self.leg.ring(self._tick, seconds)
        media = self._media = heard_on(self.leg, self._speech, Gauge(), self._keys)
        return media

    @property
    def media(self) -> PhoneMedia:
        """What they hear and say; only once somebody answered."""
        if self._media is None:
            raise ValueError("nobody answered yet")
        return self._media

    async def asked(self, text: str, seconds: float) -> str:
        """Say something and return the key that it is answered with; empty for none, or when they hung up.

        A key may be pressed in the middle of it; after it there are so many seconds.
        """
        saying = asyncio.ensure_future(self._say(text))
        key = asyncio.ensure_future(self._keys.get())
        gone = asyncio.ensure_future(self.leg.gone.wait())
        try:
            await asyncio.wait([saying, key, gone], return_when=asyncio.FIRST_COMPLETED)
            if saying.done() and not (key.done() or gone.done()):
                await asyncio.wait([key, gone], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return key.result() if key.done() and not gone.done() else ""
        finally:
            for task in (saying, key, gone):
                task.cancel()
            if self._media is not None:
                await self._media.clear()

    async def hang_up(self) -> None:
        """End it, whether it rings or talks."""
        if self._media is not None:
            self._media.close()
        await self.leg.hang_up()

    def _tick(self) -> None:
        if self._media is not None:
            self._media.tick()

    async def _say(self, text: str) -> None:
        media = self._media
        if media is None:
            return
        with suppress(Mute):
            async with aclosing(self._speech.say(text)) as sounds:
                async for sound in sounds:
                    await media.play(sound)
            await media.drained()


def heard_on(leg: Leg, speech: Speech, gauge: Gauge, keys: asyncio.Queue[str]) -> PhoneMedia:
    """Return the ear and mouth of a leg that is open; its keys go to `keys`, however they come."""
    sound, rate = leg.sounding, leg.agreed.kind.rate
    media = PhoneMedia(sound, speech.speech_rate, gauge, lambda: None, line_rate=rate)
    tones = ToneKeys(rate, keys.put_nowait) if not leg.agreed.keys else None
    sound.on_audio = lambda pcm, _stamp: media.take(tones.hear(pcm) if tones else pcm)
    sound.on_dtmf = lambda key, _length: keys.put_nowait(key)
    leg.parked = lambda parked: media.park(parked=parked)
    return media


async def together(one: PhoneMedia, other: PhoneMedia, *gone: asyncio.Event) -> bool:
    """Join two lines until somebody hangs up; say whether somebody did, for else a line was dead."""
    for media in (one, other):
        await media.clear()
    one.join(other)
    while one.is_open and other.is_open and not any(event.is_set() for event in gone):
        if max(one.silent_s, other.silent_s) > DEAD_S:
            return False
        await asyncio.sleep(LOOK_S)
    return True
