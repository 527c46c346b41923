"""Media: where sound comes from and goes to. Kiosk, telephone and file differ in this and nothing else."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

LEAD_S = 2.5
"""Seconds of sound that may wait to be heard; `play` waits when there are more."""
Clock = Callable[[], float]
"""Seconds that only grow, such as the event loop's time."""


class Media(Protocol):
    """One customer's microphone and loudspeaker."""

    @property
    def rate(self) -> int:
        """Hz of what `play` takes: int16, mono, little endian."""
        ...

    def frames(self) -> AsyncGenerator[bytes, None]:
        """Yield what the microphone hears, `FRAME` samples at `RATE` each; ends when the other side is gone.

        Frames that nobody takes in time are dropped, the oldest first. Consume under `aclosing`.
        """
        ...

    async def play(self, sound: bytes) -> None:
        """Put sound behind what is being played; waits while more than `LEAD_S` waits to be heard."""
        ...

    async def hold(self) -> None:
        """Stop the sound where it is, within 50 ms; what waits is kept."""
        ...

    async def resume(self) -> None:
        """Go on where `hold` stopped."""
        ...

    async def clear(self) -> float:
        """Stop the sound and forget what waits; return the seconds really heard since the last `clear`."""
        ...

    @property
    def heard_s(self) -> float:
        """Seconds of sound really heard since the last `clear`."""
        ...

    @property
    def left_s(self) -> float:
        """Seconds of sound that wait to be heard."""
        ...

    async def hang_up(self) -> None:
        """End the line."""
        ...


class Playhead:
    """Where a loudspeaker is that plays in real time, told from the clock. For media that report nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queued = self._heard = 0.0
        self._at = clock()
        self._held = False

    @property
    def heard_s(self) -> float:
        """Seconds heard since the last `clear`."""
        self._move()
        return self._heard

    @property
    def left_s(self) -> float:
        """Seconds that wait."""
        self._move()
        return self._queued - self._heard

    def add(self, seconds: float) -> None:
        """Put so much behind what waits."""
        self._move()
        self._queued += seconds

    def correct(self, heard_s: float) -> None:
        """Take the other side's word for how much was heard until now."""
        self._move()
        self._heard = min(self._queued, max(0.0, heard_s))

    def hold(self, *, held: bool) -> None:
        """Stand still, or go on."""
        self._move()
        self._held = held

    def clear(self) -> float:
        """Forget everything; return the seconds heard until now."""
        heard = self.heard_s
        self._queued = self._heard = 0.0
        self._held = False
        return heard

    def _move(self) -> None:
        now = self._clock()
        if not self._held:
            self._heard = min(self._queued, self._heard + (now - self._at))
        self._at = now
