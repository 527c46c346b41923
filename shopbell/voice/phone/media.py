"""Media over RTP: 20 ms at a time, in both directions, on the call's own clock.

Sound goes out without a gap, silence when there is nothing to say: telephone boxes hang up on a line without
packets. What comes in is put in order by the library's jitter buffer; where nothing comes, silence is heard.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

import numpy as np

from shopbell.voice.audio import Frames
from shopbell.voice.media import LEAD_S
from shopbell.voice.phone.codecs import TICK_S
from shopbell.voice.phone.quality import Gauge
from shopbell.voice.resampling import Resampler, resampled
from shopbell.voice.speech import FRAME, RATE, SAMPLE

LINE_RATE = 8_000
"""Hz on the wire, unless a call agrees on wideband."""
QUIET = bytes(FRAME * SAMPLE)
FRAME_S = FRAME / RATE
TICK = round(LINE_RATE * TICK_S) * SAMPLE
"""Bytes of one packet's sound before it is coded, at `LINE_RATE`."""
SILENCE = bytes(TICK)
BACKLOG = 160
"""Frames of the caller that may wait: 5 s, for a network that stalls and then gives all at once."""
GRACE_S = 3.0
"""Seconds of silence heard after the end: more than ends a turn."""
PATIENCE_TICKS = 3
"""Ticks without sound from the caller after which it counts as silence."""
WAKE_S = 0.02
RELAY_MOST_S, RELAY_KEPT_S = 0.2, 0.06
"""Seconds of another line's sound that may wait, and what is kept of it when more came at once."""


class Wire(Protocol):
    """What takes 20 ms of sound; `aiortp.RTPSession` does."""

    def send_audio_pcm_auto(self, pcm: bytes) -> int:
        """Code and send int16 mono at the line's rate."""
        ...


class Across(Protocol):
    """Somebody whom a caller is joined with."""

    def relay(self, sound: bytes, rate: int) -> None:
        """Take what the caller says, int16 mono at `rate` Hz; never waits."""
        ...


class PhoneMedia:
    """One caller's ear and mouth. Somebody calls `tick` every `TICK_S`."""

    def __init__(
        self,
        wire: Wire,
        rate: int,
        gauge: Gauge,
        hang_up: Callable[[], None],
        *,
        line_rate: int = LINE_RATE,
    ) -> None:
        """Take sound at `rate` Hz for `play`; the line has `line_rate` Hz both ways."""
        self.rate = rate
        self._line_rate = line_rate
        self._tick = round(line_rate * TICK_S) * SAMPLE
        self._silence = bytes(self._tick)
        self._wire = wire
        self._gauge = gauge
        self._hang_up = hang_up
        self._down = Resampler(rate, line_rate)
        self._up = Resampler(line_rate, RATE)
        self._out = bytearray()
        self._beside = bytearray()
        self._sent = 0
        """Bytes of speech sent since the last `clear`."""
        self._held = self._on_hold = self._sounding = False
        self._quiet_ticks = 0
        self._cut = Frames()
        self._frames: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._open = True
        self.beyond: Across | None = None
        """Who this line is joined with: hears its caller, and no ear does."""
        self._across: Resampler | None = None
        self.sounded: Callable[[], None] = lambda: None
        """Told when speech begins after silence."""

    # --- the caller ----------------------------------------------------------------------------------------

    def take(self, sound: bytes) -> None:
        """Take what came from the caller, int16 mono at the line's rate; never waits."""
        self._quiet_ticks = 0
        self._gauge.heard(sound)
        if self.beyond is not None:
            self.beyond.relay(sound, self._line_rate)
        else:
            self._pass_on(sound)

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield what is heard until the line is closed, and then silence that ends the last turn."""
        while frame := await self._frames.get():
            yield frame
        for _ in range(round(GRACE_S / FRAME_S)):
            yield QUIET
            await asyncio.sleep(0)

    def _pass_on(self, sound: bytes) -> None:
        for frame in self._cut.cut(self._up.feed(sound)):
            self._put(frame)

    def _put(self, frame: bytes) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    def join(self, other: "PhoneMedia") -> None:
        """Let both sides hear each other and nobody else, until one of them is closed."""
        self.beyond, other.beyond = other, self

    def relay(self, sound: bytes, rate: int) -> None:
        """Let sound of who is joined be heard, beside what is said; what came too long ago is dropped."""
        if self._across is None:
            self._across = Resampler(rate, self._line_rate)
        self._beside += self._across.feed(sound)
        if len(self._beside) > RELAY_MOST_S * self._line_rate * SAMPLE:
            keep = round(RELAY_KEPT_S * self._line_rate) * SAMPLE
            del self._beside[: len(self._beside) - keep]

    @property
    def line_rate(self) -> int:
        """Hz of what comes from the caller."""
        return self._line_rate

    # --- the shop ------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Send the next 20 ms."""
        if not self._open:
            return
        self._quiet_ticks += 1
        if self._quiet_ticks > PATIENCE_TICKS and self.beyond is None:
            self._pass_on(self._silence)
        speaking = bool(self._out) and not self._held and not self._on_hold
        if speaking and not self._sounding:
            self.sounded()
        self._sounding = speaking
        self._gauge.ticked(speaking=speaking, murmuring=bool(self._beside))
        sound = self._next() if speaking else self._silence
        self._wire.send_audio_pcm_auto(self._with_murmur(sound) if self._beside else sound)

    def _next(self) -> bytes:
        sound = bytes(self._out[: self._tick])
        del self._out[: self._tick]
        self._sent += len(sound)
        return sound.ljust(self._tick, b"\0")

    def _with_murmur(self, sound: bytes) -> bytes:
        if self._on_hold:
            return sound
        beside = bytes(self._beside[: self._tick]).ljust(self._tick, b"\0")
        del self._beside[: self._tick]
        both = np.frombuffer(sound, "<i2").astype(np.int32) + np.frombuffer(beside, "<i2")
        mixed: bytes = np.clip(both, -32_768, 32_767).astype("<i2").tobytes()
        return mixed

    def murmur(self, sound: bytes) -> None:
        """Let this sound at once beside all that is said, and count for nothing; as `play` takes it."""
        self._beside += resampled(sound, self.rate, self._line_rate)

    def park(self, *, parked: bool) -> None:
        """Keep silent while the caller has put us on hold, and go on after."""
        self._on_hold = parked

    async def play(self, sound: bytes) -> None:
        """Put sound behind what waits; waits while there is enough."""
        self._out += self._down.feed(sound)
        while self._open and self.left_s > LEAD_S:  # noqa: ASYNC110 - it is the clock that makes room
            await asyncio.sleep(WAKE_S)

    async def hold(self) -> None:
        """Stop where it is."""
        self._held = True

    async def resume(self) -> None:
        """Go on."""
        self._held = False

    async def clear(self) -> float:
        """Stop and forget what waits; return the seconds that were sent."""
        heard_s = self.heard_s
        self._out.clear()
        self._sent = 0
        self._held = False
        self._down = Resampler(self.rate, self._line_rate)
        return heard_s

    @property
    def heard_s(self) -> float:
        """Seconds of speech sent since the last `clear`."""
        return self._sent / SAMPLE / self._line_rate

    @property
    def left_s(self) -> float:
        """Seconds that wait."""
        return len(self._out) / SAMPLE / self._line_rate if self._open else 0.0

    @property
    def is_open(self) -> bool:
        """Whether the line is there."""
        return self._open

    @property
    def silent_s(self) -> float:
        """Seconds since anything came from the caller; 0 while on hold."""
        return 0.0 if self._on_hold else self._quiet_ticks * TICK_S

    async def drained(self) -> None:
        """Wait until everything was sent, or the line is closed."""
        while self.left_s > 0:  # noqa: ASYNC110 - it is the clock that empties it
            await asyncio.sleep(WAKE_S)

    async def hang_up(self) -> None:
        """End the line."""
        self.close()
        self._hang_up()

    def close(self) -> None:
        """Note that the line is dead; what was heard until now is still taken."""
        if self._open:
            self._open = False
            self._out.clear()
            self._put(b"")
