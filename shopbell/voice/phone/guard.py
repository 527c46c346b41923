"""The guard: whoever waits hears that the line lives, and when the voice is back what was not said."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol

from shopbell.voice import tones
from shopbell.voice.errors import Mute
from shopbell.voice.media import Clock
from shopbell.voice.phone import lines
from shopbell.voice.speech import Speech

LONGEST_S = 1.6
"""Seconds of silence after which a soft tone sounds: with what the line adds, less than two are heard."""
LOOK_S = 0.05
PROBE_S = 0.5
"""Seconds between two looks whether the voice is back."""
GIVE_UP_S = 20.0
"""Seconds after which a call without a voice is ended."""


class VoiceAway(Exception):
    """The voice did not come back in time."""


class Line(Protocol):
    """What the guard needs of a call's media."""

    @property
    def rate(self) -> int:
        """Hz of what `murmur` takes: int16, mono."""
        ...

    @property
    def left_s(self) -> float:
        """Seconds of speech that wait to be heard."""
        ...

    def murmur(self, sound: bytes) -> None:
        """Let something sound beside all that is said."""
        ...


class Guard:
    """Watches over one call's voice; `run` does the work."""

    def __init__(
        self,
        speech: Speech,
        media: Line,
        *,
        again: Callable[[str], None],
        waits: Callable[[], float | None],
        clock: Clock,
    ) -> None:
        """Call `again` with a line to say, and then the last reply, once the voice is back.

        `waits` says since when, on the clock, the caller has been silent and waits for us; None when not.
        """
        self._speech = speech
        self._media = media
        self._again = again
        self._waits = waits
        self._clock = clock
        self._away = asyncio.Event()

    def muted(self) -> None:
        """Note that something could not be said."""
        self._away.set()

    async def run(self) -> None:
        """Watch for ever. Raises VoiceAway, in a group, when the voice goes and does not come back."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._bridge())
            tasks.create_task(self._bring_back())

    async def _bridge(self) -> None:
        """Let no silence last, whatever it is that takes so long: a voice may also stand still."""
        sounded = self._clock()
        while True:
            await asyncio.sleep(LOOK_S)
            now, since = self._clock(), self._waits()
            if self._media.left_s > 0:
                sounded = now
            if since is None and not self._away.is_set():
                continue
            if now - max(sounded, since or 0.0) >= LONGEST_S:
                self._media.murmur(tones.waiting(self._media.rate))
                sounded = now + tones.WAITING_S

    async def _bring_back(self) -> None:
        while True:
            await self._away.wait()
            until = self._clock() + GIVE_UP_S
            while not await self._speaks():
                if self._clock() > until:
                    raise VoiceAway
                await asyncio.sleep(PROBE_S)
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
