"""Hearing: turns into words, and what words spoken into a running reply mean.

When somebody speaks into a reply the sound is held at once. What was said decides: an "mm-hm", a noise or our
own voice coming back lets it go on where it stopped; anything else cuts it, and counts as the next turn.
"""

import asyncio
from collections.abc import Awaitable, Callable

from shopbell.voice.backchannel import meaning
from shopbell.voice.ears import Ears
from shopbell.voice.errors import Deaf
from shopbell.voice.media import Clock
from shopbell.voice.mouth import Mouth
from shopbell.voice.sounds import Began, Calmed, Ended, Paused, Sound, Stirred
from shopbell.voice.speech import Transcript

TALKED_OVER_S = 1.0
"""Seconds of speech into a reply after which it is no "mm-hm", whatever the words are."""
RESUME_S = 1.6
"""Seconds after which a held reply goes on when nobody speaks, whatever is still being found out."""
WAITING = 8
"""Turns that may wait to be heard."""


class Hearing:
    """One customer's words. `run` does the work."""

    def __init__(
        self,
        *,
        ears: Ears,
        mouth: Mouth,
        clock: Clock,
        words: Callable[[Transcript], Awaitable[None]],
        cut: Callable[[], Awaitable[None]],
        deaf: Callable[[Deaf], None],
    ) -> None:
        """Take the parts: `words` is given every turn, `cut` stops the reply, `deaf` is told of a failure."""
        self._ears = ears
        self._mouth = mouth
        self._clock = clock
        self._words = words
        self._cut = cut
        self._deaf = deaf
        self._sounds: asyncio.Queue[Paused | Ended] = asyncio.Queue(WAITING)
        self._began_at = 0.0
        self._held_at: float | None = None
        self._passed_over = 0
        self.speaking = False
        """The customer speaks now."""
        self.busy = False
        """A turn is being heard."""

    @property
    def waiting(self) -> bool:
        """Whether anything that was said is still to be understood."""
        return self.busy or not self._sounds.empty()

    async def take(self, sound: Sound) -> None:
        """Take what the ears noticed; returns at once."""
        match sound:
            case Stirred():
                await self._hold()
            case Calmed():
                self.speaking = False
                await self._go_on()
            case Began():
                self.speaking, self._began_at = True, self._clock()
                await self._hold()
            case Paused() if self._held_at is not None:
                self._put(sound)
            case Ended():
                self.speaking = False
                self._put(sound)

    async def look(self) -> None:
        """Look at the clock: who talks on cuts the reply, a held one goes on in time."""
        now = self._clock()
        if self.speaking and self._held_at is None:
            await self._hold()  # an answer that came while the customer went on talking
        if self._held_at is None:
            return
        being_heard = self.waiting
        if self.speaking and not being_heard and now - self._began_at >= TALKED_OVER_S:
            await self._interrupt()
        elif not self.speaking and now - self._held_at >= RESUME_S:
            await self._go_on()

    async def run(self) -> None:
        """Hear turn after turn, for ever."""
        while True:
            sound = await self._sounds.get()
            if sound.burst == self._passed_over:
                continue
            self.busy = True
            try:
                await self._hear(sound)
            except Deaf as error:
                self._deaf(error)
                await self._go_on()
            finally:
                self.busy = False

    async def _hear(self, sound: Paused | Ended) -> None:
        if isinstance(sound, Paused) and self._held_at is None:
            return
        transcript = await self._understood(sound)
        if transcript is None:
            return
        if self._held_at is not None:
            if not sound.pressed and meaning(transcript.text, self._mouth.saying) != "stop":
                self._passed_over = sound.burst
                self._ears.forget()
                self.speaking = False
                await self._go_on()
                return
            await self._interrupt()
        if isinstance(sound, Ended):
            await self._words(transcript)

    async def _understood(self, sound: Paused | Ended) -> Transcript | None:
        """Return the words; None when the speaker went on, so that they are guessed at anew."""
        await asyncio.wait([sound.guess])
        return None if sound.guess.cancelled() else sound.guess.result()

    async def _hold(self) -> None:
        if self._mouth.sounding:
            self._held_at = self._clock()
            await self._mouth.hold()

    async def _go_on(self) -> None:
        if self._held_at is not None:
            self._held_at = None
            await self._mouth.resume()

    async def _interrupt(self) -> None:
        self._held_at = None
        await self._cut()

    def _put(self, sound: Paused | Ended) -> None:
        if self._sounds.full():
            self._sounds.get_nowait()
        self._sounds.put_nowait(sound)
