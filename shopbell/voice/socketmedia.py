"""Media over a kiosk's socket: the page plays the sound and reports how far it got."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from shopbell.voice import kioskwire as k
from shopbell.voice.audio import Frames, seconds
from shopbell.voice.media import LEAD_S, Clock, Playhead
from shopbell.voice.speech import SAMPLE

BACKLOG = 64
"""Frames of the microphone that may wait: 2 s. Older ones are dropped."""
CHUNK_S = 0.15
"""Seconds of sound in one frame that goes down."""
TELL_S = 0.15
"""Seconds to wait for the page to say where it stopped; then the clock's word counts."""
WAKE_S = 0.05
"""Seconds between two looks whether there is room for more sound."""


class SocketMedia:
    """One kiosk's microphone and loudspeaker."""

    def __init__(
        self,
        *,
        rate: int,
        clock: Clock,
        tell: Callable[[k.Speech], Awaitable[None]],
        send: Callable[[bytes], Awaitable[None]],
        hang_up: Callable[[], None],
    ) -> None:
        """Take the ways down: `tell` for frames about sound, `send` for sound itself."""
        self.rate = rate
        self._tell = tell
        self._send = send
        self._hang_up = hang_up
        self._head = Playhead(clock)
        self._number = 0
        self._cut = Frames()
        self._frames: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._stopped_at: asyncio.Future[float] | None = None

    # --- the microphone ------------------------------------------------------------------------------------

    def take(self, sound: bytes) -> None:
        """Take what the microphone sent; never waits."""
        for frame in self._cut.cut(sound):
            if self._frames.full():
                self._frames.get_nowait()
            self._frames.put_nowait(frame)

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield what was heard, for as long as the socket is open."""
        while True:
            yield await self._frames.get()

    # --- the loudspeaker -----------------------------------------------------------------------------------

    def heard(self, report: k.Heard) -> None:
        """Take the page's word for how far it got."""
        heard_s = report.samples / self.rate
        if report.speech == self._number:
            self._head.correct(heard_s)
        elif report.speech == self._number - 1 and self._stopped_at and not self._stopped_at.done():
            self._stopped_at.set_result(heard_s)

    async def play(self, sound: bytes) -> None:
        """Send sound; waits while the page has enough."""
        head = self._number.to_bytes(k.HEAD, "little")
        step = round(CHUNK_S * self.rate) * SAMPLE
        for at in range(0, len(sound), step):
            chunk = sound[at : at + step]
            self._head.add(seconds(chunk, self.rate))
            await self._send(head + chunk)
            while self._head.left_s > LEAD_S:  # noqa: ASYNC110 - it is the clock that makes room
                await asyncio.sleep(WAKE_S)

    async def hold(self) -> None:
        """Stop where it is."""
        self._head.hold(held=True)
        await self._tell(k.Speech("hold", self._number))

    async def resume(self) -> None:
        """Go on."""
        self._head.hold(held=False)
        await self._tell(k.Speech("resume", self._number))

    async def clear(self) -> float:
        """Stop, forget what waits, and ask the page how far it got."""
        guess = self._head.clear()
        self._number += 1
        self._stopped_at = asyncio.get_running_loop().create_future()
        await self._tell(k.Speech("hush", self._number))
        if not guess:
            return 0.0
        try:
            async with asyncio.timeout(TELL_S):
                return await self._stopped_at
        except TimeoutError:
            return guess

    @property
    def heard_s(self) -> float:
        """Seconds heard since the last `clear`."""
        return self._head.heard_s

    @property
    def left_s(self) -> float:
        """Seconds that wait to be heard."""
        return self._head.left_s

    async def hang_up(self) -> None:
        """End the line, and forget what was not taken."""
        while not self._frames.empty():
            self._frames.get_nowait()
        self._cut = Frames()
        self._hang_up()
