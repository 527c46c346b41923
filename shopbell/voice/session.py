"""A voice session: one customer, one conversation, from the notice that this is an AI to the goodbye.

Media -> ears -> hearing -> Conversations.say -> follow -> telling -> mouth -> Media. Kiosk, telephone and the
terminal run this and differ in `Media` and in what they show.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from msgspec import Struct

from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations
from shopbell.assistant.errors import AssistantError, ConversationOver
from shopbell.voice import kioskwire as k
from shopbell.voice import phrases, readback
from shopbell.voice.advance import Advance, completed
from shopbell.voice.ears import Ears
from shopbell.voice.errors import Deaf, Mute
from shopbell.voice.hearing import Hearing
from shopbell.voice.media import Clock, Media
from shopbell.voice.minding import Minding, Reason
from shopbell.voice.mouth import Mouth
from shopbell.voice.sounds import Began, Ended, Paused, Sound
from shopbell.voice.speech import Speech, Transcript
from shopbell.voice.telling import Telling

READ_BACK = "read-back"
"""Stands where a reply's id stands, for an amount that is read back."""
SLOWER = 0.8
"""Pace of "slower"."""
SURE_SPEECH = 0.3
"""Probability of no speech below which somebody did speak, and is told that it was not understood."""


class Leave(Exception):
    """The session is over."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Parts(Struct, frozen=True, kw_only=True):
    """What a session is made of."""

    conversations: Conversations
    speech: Speech
    media: Media
    ears: Ears
    show: Callable[[Struct], Awaitable[None]]
    """Takes frames for the customer's screen, where there is one."""
    clock: Clock
    new_key: Callable[[], str]
    """Makes keys for what is said."""
    manner: phrases.Manner = phrases.AT_KIOSK


class VoiceSession:
    """Runs one visit; the commands may be called while `run` runs."""

    def __init__(self, parts: Parts, conversation: str) -> None:
        self._parts = parts
        self._conversation = conversation
        self._mouth = Mouth(parts.speech, parts.media, mute=self._muted)
        self._telling = Telling(self._mouth)
        self._hearing = Hearing(
            ears=parts.ears,
            mouth=self._mouth,
            clock=parts.clock,
            words=self._heard,
            cut=self.cut,
            deaf=self._deaf,
        )
        self._minding = Minding(
            self._mouth,
            self._telling,
            self._hearing,
            rate=parts.media.rate,
            clock=parts.clock,
            show=parts.show,
            leave=self.leave,
            manner=parts.manner,
        )
        self._advance = Advance(parts.conversations, conversation)
        self._leaving: asyncio.Future[Reason] = asyncio.get_running_loop().create_future()

    # --- the visit -----------------------------------------------------------------------------------------

    async def run(self, *, after: int = 0, greet: bool = True) -> Reason:
        """Serve the visit; return why it ended. The AI's notice comes first, by code."""
        if greet:
            first = self._parts.conversations.greeting()
            self._mouth.say(f"{first.notice} {first.greeting}")
        reason: Reason = "gone"
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self._mouth, self._hearing, self._minding, self._advance):
                    tasks.create_task(part.run())
                tasks.create_task(self._listen())
                tasks.create_task(self._follow(after))
                tasks.create_task(self._await_leave())
        except* Leave as group:
            reason = _first(group)
        finally:
            self._parts.ears.close()
        return reason

    def leave(self, reason: Reason) -> None:
        """End the visit now."""
        if not self._leaving.done():
            self._leaving.set_result(reason)

    # --- what the customer does ----------------------------------------------------------------------------

    async def typed(self, text: str, key: str) -> None:
        """Take typed words; they stop what is being said."""
        self.touched()
        await self.cut()
        await self._say(text, key)

    async def press(self) -> None:
        """Listen: the button is held, so nothing else may sound."""
        self.touched()
        await self.cut()
        await self._parts.ears.press()

    async def release(self) -> None:
        """End the turn: the button was let go."""
        await self._parts.ears.release()

    def adapt(self, habits: k.Habits) -> None:
        """Listen and talk as the customer wants it."""
        self.touched()
        self._mouth.off = not habits.speaker
        self._mouth.pace = SLOWER if habits.slower or habits.plain else 1.0
        self._telling.plain = habits.plain
        self._parts.ears.hands_free = habits.hands_free and habits.microphone

    async def repeat(self) -> None:
        """Say the last reply once more."""
        self.touched()
        await self.cut()
        if not self._telling.repeat():
            self._mouth.say(phrases.NOTHING_TO_REPEAT)

    def touched(self) -> None:
        """Note that somebody is there."""
        self._minding.touched()

    async def cut(self) -> None:
        """Stop the sound and the reply; of it only what was heard counts."""
        begun = self._telling.open if self._telling.begun else ""
        heard = self._mouth.heard_of(begun)
        unheard = await self._mouth.cut()
        if begun:
            self._telling.stop()
            unheard.setdefault(begun, heard)
        for reply, words in unheard.items():
            if reply != READ_BACK:
                await self._parts.conversations.cut_off(self._conversation, reply, words)

    # --- inside --------------------------------------------------------------------------------------------

    async def _await_leave(self) -> None:
        raise Leave(await self._leaving)

    async def _listen(self) -> None:
        await self._parts.ears.listen(self._parts.media.frames(), self._notice)
        raise Leave("gone")

    async def _notice(self, sound: Sound) -> None:
        if isinstance(sound, Ended) and not self._mouth.busy:
            self._minding.waits("")
        elif isinstance(sound, Paused) and not self._mouth.busy and self._telling.asked is None:
            self._advance.paused(sound.guess)
        elif isinstance(sound, Began):
            self._advance.resumed()
        await self._hearing.take(sound)

    async def _follow(self, after: int) -> None:
        live = False
        async with aclosing(self._parts.conversations.follow(self._conversation, after)) as frames:
            async for frame in frames:
                await self._parts.show(frame)
                live = live or isinstance(frame, wire.Current)
                if live:
                    await self._tell(frame)
        raise Leave("gone")

    async def _tell(self, frame: wire.ServerFrame) -> None:
        if isinstance(frame, wire.FloorChanged) and frame.holder == "staff":
            await self.cut()
        self._telling.tell(frame)
        match frame:
            case wire.Delta():
                self._minding.answering()
            case wire.Replied() | wire.Trouble() | wire.FloorChanged(holder="staff"):
                self._minding.answered()
            case _:
                pass

    async def _heard(self, transcript: Transcript) -> None:
        self._minding.hears(able=True)
        if not transcript.text:
            self._minding.answered()
            if transcript.no_speech < SURE_SPEECH and not self._mouth.busy:
                await self._minding.caption(phrases.UNHEARD)
            return
        self.touched()
        if self._may_count(transcript):
            await self._say(completed(transcript.text), self._parts.new_key(), spoken=True)
        elif self._telling.asked is not None:
            self._minding.answered()
            await self._minding.caption(readback.again(self._telling.asked), READ_BACK)

    def _may_count(self, transcript: Transcript) -> bool:
        """Say whether the words may go to the conversation: not an unclear yes to money or points."""
        asked = self._telling.asked
        if asked is None:
            return True
        whole = not self._mouth.missed(self._telling.asked_in) or not self._mouth.missed(READ_BACK)
        verdict = readback.judge(asked, transcript.text, transcript.confidence, heard_whole=whole)
        return verdict == "take"

    async def _say(self, text: str, key: str, *, spoken: bool = False) -> None:
        if self._telling.holder != "staff":
            self._minding.waits(text)
        try:
            await self._parts.conversations.say(self._conversation, text, key, spoken=spoken)
        except ConversationOver:
            self.leave("ended")
        except AssistantError as error:
            self._minding.answered()
            await self._minding.caption(str(error))

    def _muted(self, _error: Mute) -> None:
        self._minding.speaks(able=False)

    def _deaf(self, _error: Deaf) -> None:
        self._minding.answered()
        self._minding.hears(able=False)


def _first(group: BaseExceptionGroup[Leave]) -> Reason:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first.reason if isinstance(first, Leave) else "gone"
