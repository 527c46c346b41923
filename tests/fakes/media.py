"""A microphone and a loudspeaker that exist on the loop's clock: what was heard when is written down."""

import asyncio
from collections.abc import AsyncGenerator

from msgspec import Struct

from shopbell.voice.audio import seconds
from shopbell.voice.media import LEAD_S, Playhead
from shopbell.voice.speech import FRAME, RATE, SAMPLE
from tests.fakes.speech import SPEECH_RATE, tone

FRAME_S = FRAME / RATE
_LOUD = tone(FRAME_S, rate=RATE)
_QUIET = bytes(FRAME * SAMPLE)


class Talking(Struct, frozen=True):
    """The customer speaks from `start` to `end`, in seconds on the clock."""

    start: float
    end: float


class FakeMedia:
    """A customer who speaks at set times; the loudspeaker plays in real time of the loop."""

    def __init__(self, *talking: Talking, until: float = 60.0) -> None:
        """Hang up at `until` seconds."""
        self.talking = list(talking)
        self.until = until
        self.rate = SPEECH_RATE
        self.events: list[tuple[float, str]] = []
        """When what happened to the sound: play, hold, resume, clear, hang-up."""
        self.began: list[float] = []
        """When sound began after silence."""
        self.silences: list[tuple[float, float]] = []
        """From when to when nothing sounded, where nothing was held."""
        self._ends = 0.0
        self._head = Playhead(self._now)
        self._held = False
        self.open = True

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    async def frames(self) -> AsyncGenerator[bytes, None]:
        started = self._now()
        number = 0
        while self.open and self._now() < self.until:
            number += 1
            await asyncio.sleep(max(0.0, started + number * FRAME_S - self._now()))
            at = self._now() - FRAME_S / 2
            yield _LOUD if any(one.start <= at < one.end for one in self.talking) else _QUIET

    async def play(self, sound: bytes) -> None:
        if self._head.left_s <= 0:
            self.began.append(self._now())
            self.silences.append((self._ends, self._now()))
        self._ends = max(self._ends, self._now()) + seconds(sound, self.rate)
        self._head.add(seconds(sound, self.rate))
        self.events.append((self._now(), "play"))
        while self._head.left_s > LEAD_S:  # noqa: ASYNC110 - it is the clock that makes room
            await asyncio.sleep(0.02)

    def murmur(self, _sound: bytes) -> None:
        self._note("murmur")

    async def hold(self) -> None:
        self._note("hold")
        self._head.hold(held=True)

    async def resume(self) -> None:
        self._note("resume")
        self._head.hold(held=False)

    async def clear(self) -> float:
        self._note("clear")
        return self._head.clear()

    @property
    def heard_s(self) -> float:
        return self._head.heard_s

    @property
    def left_s(self) -> float:
        return self._head.left_s

    async def hang_up(self) -> None:
        self._note("hang-up")
        self.open = False

    def _note(self, what: str) -> None:
        self.events.append((self._now(), what))

    def at(self, what: str) -> list[float]:
        """Return when it happened."""
        return [moment for moment, name in self.events if name == what]
