"""Media made of WAV files: turns are read in, what is said is written out, both in real time."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from shopbell.voice.audio import Frames, seconds
from shopbell.voice.media import LEAD_S, Playhead
from shopbell.voice.speech import FRAME, RATE, SAMPLE

QUIET = bytes(FRAME * SAMPLE)
FRAME_S = FRAME / RATE
STEP_S = 0.02
SETTLED_S = 1.2
"""Seconds of silence from both sides after which the next turn is spoken."""


class WavMedia:
    """Speaks each turn once the other side has been silent for a while; then hangs up."""

    def __init__(self, turns: Sequence[bytes], rate: int, *, patience_s: float) -> None:
        """Take the turns, int16 mono at `RATE`; after each, wait at most `patience_s` for an answer."""
        self.rate = rate
        self.spoken = bytearray()
        """All that was heard, silences included: int16 mono at `rate`."""
        self.ended_at: list[float] = []
        """When each turn ended, on the loop's clock."""
        self.sounded_at: list[float] = []
        """When sound began after a silence."""
        self._turns = list(turns)
        self._patience_s = patience_s
        self._clock = asyncio.get_running_loop().time
        self._head = Playhead(self._clock)
        self._began = self._clock()
        self._silent_since = self._began
        self._open = True

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield the turns, and silence between them."""
        for turn in self._turns:
            async for frame in self._pause():
                yield frame
            at = self._clock()
            for number, frame in enumerate(Frames().cut(turn + QUIET), 1):
                yield frame
                await asyncio.sleep(max(0.0, at + number * FRAME_S - self._clock()))
            self.ended_at.append(self._clock())
        async for frame in self._pause():
            yield frame

    async def _pause(self) -> AsyncGenerator[bytes, None]:
        started = self._clock()
        heard_something = False
        while self._open:
            yield QUIET
            await asyncio.sleep(FRAME_S)
            now = self._clock()
            if self._head.left_s > 0:
                self._silent_since, heard_something = now, True
            silent = now - max(self._silent_since, started)
            if silent >= (SETTLED_S if heard_something else self._patience_s):
                return

    async def play(self, sound: bytes) -> None:
        """Take sound as if it were played."""
        if self._head.left_s <= 0:
            self.sounded_at.append(self._clock())
            silence = round((self._clock() - self._began) * self.rate) - len(self.spoken) // SAMPLE
            self.spoken += bytes(SAMPLE * max(0, silence))
        self.spoken += sound
        self._head.add(seconds(sound, self.rate))
        while self._head.left_s > LEAD_S:  # noqa: ASYNC110 - it is the clock that makes room
            await asyncio.sleep(STEP_S)

    async def hold(self) -> None:
        """Stop where it is."""
        self._head.hold(held=True)

    async def resume(self) -> None:
        """Go on."""
        self._head.hold(held=False)

    async def clear(self) -> float:
        """Stop, and cut off what was not heard yet."""
        left = round(self._head.left_s * self.rate) * SAMPLE
        if left:
            del self.spoken[-left:]
        return self._head.clear()

    @property
    def heard_s(self) -> float:
        """Seconds heard since the last `clear`."""
        return self._head.heard_s

    @property
    def left_s(self) -> float:
        """Seconds that wait."""
        return self._head.left_s

    async def hang_up(self) -> None:
        """End the line."""
        self._open = False
