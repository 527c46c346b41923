"""Preparing: a reply is begun in a pause of which nobody knows yet whether the customer goes on after it.

It is said when the words turn out to be the whole turn, and was never there when they do not: up to `Settled`
a reply changes nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from typing import Any

from msgspec.structs import replace

from shopbell.assistant.turn import InQueue, Settled, Step, Turn

STALE_S = 5.0
"""Seconds after which a prepared reply is not said: it may speak of a time that has passed."""

Own = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Runs work as a task that somebody keeps."""


class Prepared:
    """The reply to a turn that may never come."""

    def __init__(self, turn: Turn, steps: AsyncGenerator[Step, None], own: Own) -> None:
        """Begin to take `steps`, the reply to `turn`."""
        self._turn = turn
        self._steps = steps
        self._taken: asyncio.Queue[Step | None] = asyncio.Queue()
        self._wanted = asyncio.Event()
        self._given_up = False
        self._task = own(self._take())

    def fits(self, turn: Turn) -> bool:
        """Say whether it is the reply to this turn: the same words, asked in the same place, just now."""
        if self._given_up or not 0.0 <= (turn.now - self._turn.now).total_seconds() <= STALE_S:
            return False
        return replace(turn, now=self._turn.now) == self._turn

    async def steps(self) -> AsyncGenerator[Step, None]:
        """Yield the reply from its beginning, and carry it out. Raises what the ladder raises."""
        self._wanted.set()
        try:
            while (step := await self._taken.get()) is not None:
                yield step
            await self._task
        finally:
            await self.drop()

    async def drop(self) -> None:
        """Stop it; returns when it has stopped."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # looked at: nobody wants the reply, so nobody wants to know

    async def _is_wanted(self) -> bool:
        """Wait until somebody wants it; after a while nobody will."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STALE_S):
                await self._wanted.wait()
        self._given_up = not self._wanted.is_set()
        return not self._given_up

    async def _take(self) -> None:
        try:
            async with aclosing(self._steps) as steps:
                async for step in steps:
                    if isinstance(step, InQueue) and not self._wanted.is_set():
                        self._given_up = True  # nobody who has asked waits for one who may not have
                        return
                    self._taken.put_nowait(step)
                    if isinstance(step, Settled) and not await self._is_wanted():
                        return
        finally:
            self._taken.put_nowait(None)
