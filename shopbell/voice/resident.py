"""Ears and voice as the house sees them: two supervised processes, so that neither waits for the other."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Self, TypeVar

import msgspec

from shopbell.models.calls import WorkerDown, WorkerError
from shopbell.models.launch import Launch, Patience
from shopbell.models.supervision import Worker, WorkerState
from shopbell.voice.errors import Deaf, Mute, VoiceError
from shopbell.voice.requests import (
    Asked,
    Consider,
    Considered,
    Count,
    Hear,
    Heard,
    HearingFacts,
    HearingSettings,
    Say,
    SpeakingFacts,
    SpeakingSettings,
    Verdict,
)
from shopbell.voice.speech import RATE, SAMPLE, Transcript

HEARING = "shopbell.voice.hearinghost:start"
SPEAKING = "shopbell.voice.speakinghost:start"

LONGEST_S = 120
"""Seconds of the longest turn that is sent to the ears; of a longer one the end is heard."""

USUAL_RATE = 22_050
"""Hz of Piper's voices of medium quality, until the voice itself has told."""

_ENCODER = msgspec.msgpack.Encoder()
_CONSIDERED = msgspec.msgpack.Decoder(Considered)
T = TypeVar("T")


class _Mailbox:
    """Takes a worker's answers without making it wait."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[bytes | WorkerError | None] = asyncio.Queue()
        self.over = False

    def item(self, body: bytes) -> None:
        self._items.put_nowait(body)

    def end(self, error: WorkerError | None) -> None:
        self.over = True
        self._items.put_nowait(error)

    async def next(self) -> bytes | None:
        """Wait for the next answer; None at the end. Raises WorkerError."""
        item = await self._items.get()
        if isinstance(item, WorkerError):
            raise item
        return item


class ResidentSpeech:
    """A `Speech` in two processes of its own; `async with` it, or `start` and `stop`."""

    def __init__(
        self,
        hearing: HearingSettings | None,
        speaking: SpeakingSettings | None,
        *,
        patience: Patience | None = None,
        factories: tuple[str, str] = (HEARING, SPEAKING),
    ) -> None:
        """Without settings, the ears are Deaf or the voice is Mute. `factories` are of ears and voice."""
        self._settled = asyncio.Event()
        self._hearing = self._worker(factories[0], hearing, patience)
        self._speaking = self._worker(factories[1], speaking, patience)

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def start(self) -> None:
        """Begin; `hearing_state` and `speaking_state` tell when they are ready."""
        for worker in (self._hearing, self._speaking):
            if worker is not None:
                worker.start()

    async def stop(self) -> None:
        """End both processes."""
        for worker in (self._hearing, self._speaking):
            if worker is not None:
                await worker.stop()

    async def ready(self, seconds: float = 60.0) -> bool:
        """Wait until both stand, or those there are have been given up; return whether all is well.

        Raises TimeoutError.
        """
        self._note()
        async with asyncio.timeout(seconds):
            await self._settled.wait()
        states = (self.hearing_state, self.speaking_state)
        return all(state is not None and state.status == "ready" for state in states)

    @property
    def hearing_state(self) -> WorkerState | None:
        """How the ears are; None when there is no model."""
        return self._hearing.state if self._hearing else None

    @property
    def speaking_state(self) -> WorkerState | None:
        """How the voice is; None when there is no model."""
        return self._speaking.state if self._speaking else None

    @property
    def hearing_facts(self) -> HearingFacts | None:
        """What the ears tell of themselves; None before they stand."""
        state = self.hearing_state
        return msgspec.msgpack.decode(state.facts, type=HearingFacts) if state and state.facts else None

    @property
    def speaking_facts(self) -> SpeakingFacts | None:
        """What the voice tells of itself; None before it stands."""
        state = self.speaking_state
        return msgspec.msgpack.decode(state.facts, type=SpeakingFacts) if state and state.facts else None

    @property
    def speech_rate(self) -> int:
        """Hz of what `say` yields."""
        facts = self.speaking_facts
        return facts.rate if facts else USUAL_RATE

    def revive(self) -> None:
        """Try again after a process was given up."""
        for worker in (self._hearing, self._speaking):
            if worker is not None:
                worker.revive()

    async def hear(self, audio: bytes, *, hints: tuple[str, ...] = ()) -> Transcript:
        """Transcribe one whole turn; see `Speech`."""
        return await self._ask(Hear(audio=audio[-LONGEST_S * RATE * SAMPLE :], hints=hints), Transcript)

    async def consider(
        self, audio: bytes, *, hints: tuple[str, ...] = ()
    ) -> AsyncGenerator[float | Transcript, None]:
        """Yield the words, before them a verdict if they are late; see `Speech`."""
        asked = Consider(audio=audio[-LONGEST_S * RATE * SAMPLE :], hints=hints)
        async with aclosing(self._answers(asked)) as bodies:
            async for body in bodies:
                answer = _CONSIDERED.decode(body)
                yield answer.finished if isinstance(answer, Verdict) else answer

    async def count(self, audio: bytes, *, lengths: tuple[int, ...]) -> Heard:
        """Hear a number digit by digit; see `Counting`."""
        return await self._ask(Count(audio=audio[-LONGEST_S * RATE * SAMPLE :], lengths=lengths), Heard)

    async def say(self, text: str, *, pace: float = 1.0) -> AsyncGenerator[bytes, None]:
        """Speak; see `Speech`."""
        if self._speaking is None:
            raise Mute("no voice on this machine; run: shopbell models fetch piper-joe")
        mailbox = _Mailbox()
        number = _submitted(self._speaking, _ENCODER.encode(Say(text=text, pace=pace)), mailbox, Mute)
        try:
            while (sound := await mailbox.next()) is not None:
                yield sound
        except WorkerError as error:
            raise Mute(f"the voice stopped on the way: {error}") from error
        finally:
            if not mailbox.over:
                self._speaking.cancel(number)

    async def _ask(self, asked: Asked, kind: type[T]) -> T:
        async with aclosing(self._answers(asked)) as bodies:
            answers = [msgspec.msgpack.decode(body, type=kind) async for body in bodies]
        if not answers:
            raise Deaf("the ears were stopped on the way")
        return answers[0]

    async def _answers(self, asked: Asked) -> AsyncGenerator[bytes, None]:
        if self._hearing is None:
            raise Deaf("no ears on this machine; run: shopbell models fetch whisper-tiny.en smart-turn")
        mailbox = _Mailbox()
        number = _submitted(self._hearing, _ENCODER.encode(asked), mailbox, Deaf)
        try:
            while (body := await mailbox.next()) is not None:
                yield body
        except WorkerError as error:
            raise Deaf(f"the ears stopped on the way: {error}") from error
        finally:
            if not mailbox.over:
                self._hearing.cancel(number)

    def _worker(
        self, factory: str, settings: HearingSettings | SpeakingSettings | None, patience: Patience | None
    ) -> Worker | None:
        if settings is None:
            return None
        launch = Launch(factory=factory, settings=settings.encode())
        return Worker(launch, patience=patience, changed=self._note)

    def _note(self) -> None:
        """Follow the workers' states."""
        states = (worker.state for worker in (self._hearing, self._speaking) if worker is not None)
        if all(state.status in {"ready", "degraded", "stopped"} for state in states):
            self._settled.set()
        else:
            self._settled.clear()


def _submitted(worker: Worker, request: bytes, mailbox: _Mailbox, away: type[VoiceError]) -> int:
    try:
        return worker.submit(request, mailbox)
    except WorkerDown as error:
        raise away(str(error)) from error
