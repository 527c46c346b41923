"""The session of a call: the kiosk's, with keys for a screen and figures for the call book."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from shopbell.assistant import wire
from shopbell.assistant.callbook import Heard
from shopbell.voice import tones
from shopbell.voice.errors import Deaf, Mute
from shopbell.voice.phone import lines
from shopbell.voice.phone.guard import Guard, Line
from shopbell.voice.session import Parts, VoiceSession
from shopbell.voice.sounds import Calmed, Ended, Paused, Sound
from shopbell.voice.speech import Transcript

MOST_MESSAGE_CHARS = 1_500
"""Characters of a message; what follows is not kept."""
LAST_WORDS_S = 6.0
"""Seconds that hearing the end of a message may take."""
LOOK_S = 0.1


class PhoneSession(VoiceSession):
    """Runs one call; `run` with `greet=False`, after `speak`."""

    def __init__(
        self, parts: Parts, line: Line, conversation: str, *, floor: Callable[[wire.FloorChanged], None]
    ) -> None:
        """Take the media once more as the guard's line; tell `floor` of every change of who answers."""
        super().__init__(parts, conversation)
        self._floor = floor
        self._began_s = parts.clock()
        self._ended_s: float | None = None
        """When the caller's last turn ended."""
        self._sounded_s = 0.0
        """When the shop's voice last began."""
        self._waits: list[int] = []
        """Numbers of the turns that nothing sounded after yet."""
        self._message: list[str] | None = None
        self.turns: list[Heard] = []
        self.guard = Guard(parts.speech, line, again=self._again, waits=self._silent_since, clock=parts.clock)
        self._hushed_s = self._began_s
        """When the caller last fell silent."""
        self._deafness = 0
        """Turns in a row that could not be heard."""

    # --- what the call asks for ----------------------------------------------------------------------------

    def speak(self, text: str) -> None:
        """Say something of the house itself."""
        self._mouth.say(text)

    async def ask(self, text: str) -> None:
        """Ask the shop something in the caller's name."""
        await self.cut()
        await self._say(text, self._parts.new_key())

    @property
    def busy(self) -> bool:
        """Whether something is being said, or waits to be."""
        return self._mouth.busy

    @property
    def holder(self) -> wire.Holder:
        """Who answers."""
        return self._telling.holder

    def deafen(self, *, deaf: bool) -> None:
        """Hear nothing while somebody else has the line."""
        self._parts.ears.hands_free = not deaf
        self._parts.ears.forget()
        self.touched()

    def wind_up(self, text: str) -> None:
        """Say this, and let it be the end."""
        self._mouth.say(text)
        self._telling.leaving = True

    def begin_message(self) -> None:
        """Take what is said from now on as a message."""
        self._message = []
        self._mouth.say(lines.MESSAGE)
        self._mouth.sound(tones.waiting(self._parts.media.rate))

    def end_message(self) -> str:
        """Return the message, and listen as before."""
        message, self._message = self._message, None
        return " ".join(message or ())[:MOST_MESSAGE_CHARS]

    def sounded(self) -> None:
        """Note that the shop's voice begins just now."""
        self._sounded_s = self._parts.clock()
        for number in self._waits:
            self.turns[number] = replace(self.turns[number], wait_s=self._waited())
        self._waits.clear()

    def _waited(self) -> float | None:
        if self._ended_s is None or self._sounded_s < self._ended_s:
            return None
        return round(self._sounded_s - self._ended_s, 3)

    def _again(self, text: str) -> None:
        self._mouth.say(text)
        self._telling.repeat()

    # --- inside --------------------------------------------------------------------------------------------

    def _silent_since(self) -> float | None:
        """Return since when the caller has been silent and waits for something; None when not."""
        owed = self._mouth.busy or self._minding.waiting
        return self._hushed_s if owed and not self._hearing.speaking else None

    async def _listen(self) -> None:
        """Hear until the line is closed; a message is heard to its last word."""
        await self._parts.ears.listen(self._parts.media.frames(), self._notice)
        if self._message is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    while self._hearing.speaking or self._hearing.waiting:  # noqa: ASYNC110 - two states at once
                        await asyncio.sleep(LOOK_S)
        self.leave("gone")

    async def _notice(self, sound: Sound) -> None:
        if isinstance(sound, Ended):
            self._ended_s = self._parts.clock()
        elif isinstance(sound, Paused | Calmed):
            self._hushed_s = self._parts.clock()
        if self._message is not None or self.holder == "staff":
            await self._hearing.take(sound)  # the assistant owes no answer, so it fills no silence
        else:
            await super()._notice(sound)

    async def _tell(self, frame: wire.ServerFrame) -> None:
        await super()._tell(frame)
        if isinstance(frame, wire.FloorChanged):
            self._floor(frame)

    async def _heard(self, transcript: Transcript) -> None:
        self._note(transcript)
        self._deafness = 0
        if self._message is None:
            await super()._heard(transcript)
        elif transcript.text:
            self.touched()
            self._minding.answered()
            self._message.append(transcript.text)

    def _muted(self, error: Mute) -> None:
        super()._muted(error)
        self.guard.muted()

    def _deaf(self, error: Deaf) -> None:
        """Say it each time: a caller has no screen that says it for longer."""
        super()._deaf(error)
        self._deafness += 1
        if self._deafness > 1:
            self._mouth.say(self._parts.manner.deaf)

    def _note(self, transcript: Transcript) -> None:
        ended_s = self._ended_s if self._ended_s is not None else self._parts.clock()
        words = len(transcript.text.split())
        answered = words > 0 and self._message is None
        wait_s = self._waited() if answered else None
        if answered and wait_s is None:
            self._waits.append(len(self.turns))
        self.turns.append(
            Heard(
                at_s=round(ended_s - self._began_s, 3),
                seconds=round(transcript.seconds, 3),
                words=words,
                confidence=round(transcript.confidence, 3),
                wait_s=wait_s,
            )
        )
