"""Ears: one microphone's frames in, what somebody does out. It stirs, begins, pauses, ends.

Words are guessed at in every pause: they tell whether the turn has ended, and then they are there already.
Earlier pauses of the turn are cut to a breath before the engines hear it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from shopbell.storage.worker import Worker
from shopbell.voice.endpointing import (
    FRAME_S,
    Endpointing,
    Event,
    Manners,
    Pause,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
)
from shopbell.voice.errors import Deaf
from shopbell.voice.shortening import shortened
from shopbell.voice.sounds import Began, Calmed, Ended, Paused, Sound, Stirred, Take
from shopbell.voice.speech import RATE, SAMPLE, Speech, Transcript, VoiceActivity

STIRS_AT = 0.7
"""Probability of speech from which a frame may stop our own voice."""
STIRS = 2
"""Such frames in a row that stop it: 64 ms."""
CALM_S = 0.3
"""Seconds without such a frame, and without a turn, after which it was nothing."""
SHORTEST_PRESS_S = 0.3
"""Seconds a button is held at least when something is said."""


class Ears:
    """One microphone. Its turns are numbered, so that one can be passed over."""

    def __init__(
        self,
        speech: Speech,
        activity: VoiceActivity,
        worker: Worker,
        *,
        manners: Manners | None = None,
        hints: Callable[[], tuple[str, ...]] = tuple,
        known: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Take the engines; `worker` is the thread that `activity` blocks.

        `known` says whether words are a whole question that the shop knows.
        """
        self._speech = speech
        self._activity = activity
        self._worker = worker
        self._hints = hints
        self._known = known
        self._turns = Endpointing(manners)
        self._sound = bytearray()
        self._sound_at_s = 0.0
        """Where the kept sound begins, on the clock of `_turns`."""
        self._burst = 0
        self._loud = 0
        self._quiet_s = CALM_S
        self._pressed_s: float | None = None
        self._guess: asyncio.Task[Transcript] | None = None
        self._take: Take = _nothing
        self._telling = asyncio.Lock()
        """One thing after the other is told, whether a frame or the words brought it."""
        self._ending: asyncio.Task[None] | None = None
        self.hands_free = True

    async def listen(self, frames: AsyncGenerator[bytes, None], take: Take) -> None:
        """Tell `take` what is heard until the frames end."""
        self._take = take
        async with aclosing(frames) as coming:
            async for frame in coming:
                self._keep(frame)
                if self._ending is not None and self._ending.done():
                    self._ending.result()  # raises what went wrong there
                if self.hands_free and self._pressed_s is None:
                    await self._hear(frame)
                else:
                    self._turns.now_s += FRAME_S

    async def press(self) -> None:
        """Take everything from here on as said to us."""
        self.forget()
        self._burst += 1
        self._pressed_s = self._turns.now_s
        await self._take(Began())

    async def release(self) -> None:
        """End what `press` began."""
        if self._pressed_s is None:
            return
        start_s, self._pressed_s = self._pressed_s, None
        if self._turns.now_s - start_s < SHORTEST_PRESS_S:
            await self._take(Calmed())
            return
        guess = self._start(self._words(self._between(start_s, self._turns.now_s)))
        await self._take(Ended(self._burst, guess, pressed=True))

    def forget(self) -> None:
        """Pass over what is being said; the next word begins anew."""
        self._turns.reset()
        self._drop_guess()

    def close(self) -> None:
        """Forget every sound."""
        self._turns.forget()
        self._drop_guess()
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._sound.clear()

    # --- inside --------------------------------------------------------------------------------------------

    async def _hear(self, frame: bytes) -> None:
        probability = await self._worker.call(self._activity.heard, frame)
        async with self._telling:
            await self._stir(probability)
            for event in self._turns.heard(probability):
                await self._happened(event)

    async def _end(self) -> None:
        """End the turn if it is over by now, without waiting for the next frame to say so."""
        async with self._telling:
            for event in self._turns.due():
                await self._happened(event)

    async def _stir(self, probability: float) -> None:
        self._loud = self._loud + 1 if probability >= STIRS_AT else 0
        if self._loud == STIRS and self._quiet_s >= CALM_S:
            self._quiet_s = 0.0
            await self._take(Stirred())
        elif probability >= STIRS_AT:
            self._quiet_s = min(self._quiet_s, 0.0) if self._quiet_s < CALM_S else self._quiet_s
        elif self._quiet_s < CALM_S and not self._turns.speaking:
            self._quiet_s += FRAME_S
            if self._quiet_s >= CALM_S:
                await self._take(Calmed())

    async def _happened(self, event: Event) -> None:
        match event:
            case SpeechStarted():
                self._burst += 1
                await self._take(Began())
            case Pause():
                self._guess = self._start(self._consider(event))
                await self._take(Paused(self._burst, self._guess))
            case SpeechResumed():
                self._drop_guess()
                await self._take(Began())
            case TurnEnded():
                self._quiet_s = CALM_S
                guess, self._guess = self._guess, None
                guess = guess or self._start(self._words(self._turn(event, event.end_s)))
                await self._take(Ended(self._burst, guess))

    async def _consider(self, pause: Pause) -> Transcript:
        """Ask whether the speaker has finished, and what was said; the words help to judge."""
        audio = self._turn(pause, pause.at_s)
        words: Transcript | None = None
        async with aclosing(self._speech.consider(audio, hints=self._hints())) as answers:
            async for answer in answers:
                if not isinstance(answer, Transcript):
                    self._turns.judged(pause.number, answer)
                    continue
                words = answer
                if words.text:
                    known = self._known(words.text)
                    self._turns.understood(pause.number, words.text, words.closes, known=known)
                    self._ending = asyncio.create_task(self._end())  # who takes the end awaits these words
        if words is None:
            raise Deaf("the ears were stopped on the way")
        return words

    async def _words(self, audio: bytes) -> Transcript:
        return await self._speech.hear(audio, hints=self._hints())

    def _start(self, work: Awaitable[Transcript]) -> "asyncio.Task[Transcript]":
        task = asyncio.ensure_future(work)
        task.add_done_callback(_looked_at)
        return task

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None

    def _keep(self, frame: bytes) -> None:
        self._sound += frame
        manners = self._turns.manners
        needless_s = self._turns.now_s - self._sound_at_s - 1.0 - manners.pre_roll_s
        if self._turns.speaking or self._pressed_s is not None:
            needless_s -= 1.3 * manners.longest_turn_s
        if needless_s >= 1.0:  # in steps: not for every frame
            cut = round(needless_s * RATE) * SAMPLE
            del self._sound[:cut]
            self._sound_at_s += cut / SAMPLE / RATE

    def _turn(self, event: Pause | TurnEnded, end_s: float) -> bytes:
        """Return the turn's sound up to `end_s`, its pauses cut short."""
        pauses = ((since - event.start_s, until - event.start_s) for since, until in event.before)
        return shortened(self._between(event.start_s, end_s), pauses)

    def _between(self, start_s: float, end_s: float) -> bytes:
        start = max(0, round((start_s - self._sound_at_s) * RATE)) * SAMPLE
        end = max(0, round((end_s - self._sound_at_s) * RATE)) * SAMPLE
        return bytes(self._sound[start:end])


async def _nothing(_sound: Sound) -> None:
    """Take nothing: nobody listens yet."""


def _looked_at(task: "asyncio.Future[Transcript]") -> None:
    """Mark a failure as seen: who still wants the words is told by awaiting them."""
    if not task.cancelled():
        error = task.exception()
        if error is not None and not isinstance(error, Deaf):
            raise error
