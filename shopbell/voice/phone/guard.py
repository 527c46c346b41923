"""The guard: while the voice is away, a caller hears that the line lives, and then what was not said."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from shopbell.voice import tones
from shopbell.voice.errors import Mute
from shopbell.voice.media import Clock, Media
from shopbell.voice.phone import lines
from shopbell.voice.speech import Speech

TONE_S = 1.3
"""Seconds between two soft tones: with the tone itself less than two of silence."""
GIVE_UP_S = 20.0
"""Seconds after which a call without a voice is ended."""


class VoiceAway(Exception):
    """The voice did not come back in time."""


class Guard:
    """Watches over one call's voice; `run` does the work."""

    def __init__(self, speech: Speech, media: Media, again: Callable[[str], None], clock: Clock) -> None:
        """Call `again` with a line to say, and then the last reply, once the voice is back."""
        self._speech = speech
        self._media = media
        self._again = again
        self._clock = clock
        self._away = asyncio.Event()

    def muted(self) -> None:
        """Note that something could not be said."""
        self._away.set()

    async def run(self) -> None:
        """Wait for the voice to go away, for ever. Raises VoiceAway when it does not come back."""
        while True:
            await self._away.wait()
            until = self._clock() + GIVE_UP_S
            while not await self._speaks():
                if self._clock() > until:
                    raise VoiceAway
                await self._media.play(tones.waiting(self._media.rate))
                await asyncio.sleep(TONE_S)
            self._away.clear()
            self._again(lines.BACK)

    async def _speaks(self) -> bool:
        try:
            async with aclosing(self._speech.say(lines.PROBE)) as sounds:
                async for _ in sounds:
                    return True
        except Mute:
            return False
        return True
