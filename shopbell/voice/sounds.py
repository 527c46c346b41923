"""What somebody at a microphone does, as the ears tell it."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from shopbell.voice.speech import Transcript


class Stirred(Struct, frozen=True):
    """Somebody may be speaking: too short to say, long enough to hold one's tongue."""


class Calmed(Struct, frozen=True):
    """It was nothing."""


class Began(Struct, frozen=True):
    """Somebody speaks."""


class Paused(Struct, frozen=True):
    """The speaker is silent for a moment."""

    burst: int
    guess: asyncio.Task[Transcript]
    """What was said so far; raises Deaf."""
    pressed: bool = False


class Ended(Struct, frozen=True):
    """The turn is complete."""

    burst: int
    guess: asyncio.Task[Transcript]
    """What was said; raises Deaf."""
    pressed: bool = False
    """The button said so."""


Sound = Stirred | Calmed | Began | Paused | Ended
Take = Callable[[Sound], Awaitable[None]]
