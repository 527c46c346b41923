"""Minding: what time makes of a visit. Fillers while an answer is late, prompts in a silence, goodbye."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from shopbell.voice import kioskwire as k
from shopbell.voice import patience, phrases, tones
from shopbell.voice.hearing import Hearing
from shopbell.voice.media import Clock
from shopbell.voice.mouth import Mouth
from shopbell.voice.telling import Telling

LOOK_S = 0.05
"""Seconds between two looks at the clock."""
Reason = Literal["bye", "idle", "gone", "cleared", "moved", "ended"]
"""Why a visit ended; `gone` is a lost line."""


class Minding:
    """Looks at the clock for one session."""

    def __init__(
        self,
        mouth: Mouth,
        telling: Telling,
        hearing: Hearing,
        *,
        rate: int,
        clock: Clock,
        show: Callable[[Struct], Awaitable[None]],
        leave: Callable[[Reason], None],
        manner: phrases.Manner = phrases.AT_KIOSK,
    ) -> None:
        """Take what it minds; `rate` is that of the loudspeaker in Hz."""
        self._manner = manner
        self._mouth = mouth
        self._telling = telling
        self._hearing = hearing
        self._rate = rate
        self._clock = clock
        self._show = show
        self._leave = leave
        self._wait: patience.Wait | None = None
        self._about = ""
        self._silent_since = self._active_at = clock()
        self._prompted = 0
        self._farewell: Reason = "bye"
        self._senses = k.Senses(hearing=True, speaking=True)
        self._shown: dict[type, Struct] = {}

    # --- told by the session -------------------------------------------------------------------------------

    def touched(self) -> None:
        """Note that somebody is there."""
        self._active_at, self._prompted = self._clock(), 0

    def waits(self, about: str) -> None:
        """Note that the customer waits for an answer; `about` are the words, empty while they are heard."""
        self._about = about
        self._wait = self._wait or patience.Wait(since=self._clock())
        if about and self._wait.known is None:
            self._wait = replace(self._wait, known=self._clock())

    def answering(self) -> None:
        """Note that the answer begins: no filler may come into it any more."""
        if self._wait is not None:
            self._wait = replace(self._wait, filled=True, admitted=True)

    def answered(self) -> None:
        """Note that nothing is waited for any more."""
        self._wait = None

    @property
    def waiting(self) -> bool:
        """Whether an answer is waited for."""
        return self._wait is not None

    def hears(self, *, able: bool) -> None:
        """Note whether the engine hears; a customer is told once."""
        if self._senses.hearing and not able:
            self._mouth.say(self._manner.deaf)
        self._senses = replace(self._senses, hearing=able)

    def speaks(self, *, able: bool) -> None:
        """Note whether the engine speaks."""
        self._senses = replace(self._senses, speaking=able)

    async def caption(self, text: str, name: str = "") -> None:
        """Say something of ourselves, and show it."""
        self._mouth.say(text, name)
        await self._show(k.Caption(text))

    # --- the clock -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look again and again, for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self._hearing.look()
            now = self._clock()
            if self._mouth.busy:
                self._silent_since = now
            self._fill(now)
            await self._prompt(now)
            await self._show_changes()
            if self._telling.leaving and not self._telling.open and not self._mouth.busy:
                self._leave(self._farewell)

    def _fill(self, now: float) -> None:
        if self._wait is None or self._mouth.busy or self._hearing.speaking:
            return
        match patience.overdue(self._wait, now, self._silent_since, most_s=self._manner.most_silence_s):
            case "filler":
                self._wait = replace(self._wait, filled=True)
                self._mouth.say(phrases.filler(self._about))
            case "slow":
                self._wait = replace(self._wait, admitted=True)
                self._mouth.say(phrases.SLOW)
            case "tone":
                self._mouth.sound(tones.waiting(self._rate))
            case _:
                pass

    async def _prompt(self, now: float) -> None:
        told = self._mouth.busy and not self._prompted
        if (self._wait is not None and self._about) or self._telling.open or told:
            self._active_at = now
            return
        if self._wait is not None or self._hearing.speaking:
            return  # perhaps a noise: it keeps nobody here
        with_person = self._telling.holder != "assistant"
        match patience.no_input(now - self._active_at, self._prompted, with_person=with_person):
            case "prompt":
                self._prompted += 1
                await self.caption(self._manner.prompts[self._prompted - 1])
            case "leave" if not self._telling.leaving:
                self._telling.leaving, self._farewell = True, "idle"
                await self.caption(self._manner.farewell)
            case _:
                pass

    async def _show_changes(self) -> None:
        for frame in (self._mood(), self._senses):
            if self._shown.get(type(frame)) != frame:
                self._shown[type(frame)] = frame
                await self._show(frame)

    def _mood(self) -> k.Mood:
        if self._hearing.speaking:
            return k.Mood("hearing")
        if self._mouth.sounding:
            return k.Mood("speaking")
        thinking = self._wait is not None or self._telling.open or self._hearing.busy
        return k.Mood("thinking" if thinking else "listening")
