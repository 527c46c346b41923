"""A conversation while somebody follows it: its state, its followers, the reply that is being given."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from shopbell.assistant import wire
from shopbell.assistant.conversation import Conversation
from shopbell.assistant.events import Logged
from shopbell.assistant.preparing import Prepared

T = TypeVar("T")

BACKLOG = 2_000
"""Frames a follower may lag behind; one that lags more is let go and has to come back."""


class Lost:
    """Put to a follower that lagged too far behind."""


Item = Logged | wire.ServerFrame | Lost


class Live:
    """The reply that is being given."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        self.text = ""
        self.place: wire.Waiting | None = None
        self.settled = False
        """The whole reply is known and goes into the log: too late to stop it."""


class Room:
    """Mutable, owned by `Conversations`; everything here runs on the event loop."""

    def __init__(
        self,
        state: Conversation,
        on_idle: Callable[["Room"], None],
        heard: Callable[["Room", Item], None] = lambda _room, _item: None,
    ) -> None:
        """Start from a state; `on_idle` is told whenever nobody follows, holds or works here any more.

        `heard` is told everything that is published.
        """
        self.state = state
        self._on_idle = on_idle
        self._heard = heard
        self._held = 0
        self.order = asyncio.Lock()
        """Held while an event goes into the log, so that followers see the log's order."""
        self.live: Live | None = None
        self.heard_at = 0.0
        """Loop time of the last utterance."""
        self.due = 0.0
        """Loop time at which the turn counts as complete."""
        self.due_moved = asyncio.Event()
        self.serving: asyncio.Task[None] | None = None
        self.speaking: asyncio.Task[None] | None = None
        self.prepared: Prepared | None = None
        """The reply to what may not be the whole turn yet."""
        self.interrupted = False
        self.reached_for = 0
        """Members of staff who are about to take the floor: no reply begins meanwhile."""
        self._followers: set[asyncio.Queue[Item]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the room while inside."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._tell_if_idle()

    @contextmanager
    def subscribed(self) -> Iterator[asyncio.Queue[Item]]:
        """Give a queue that receives everything published while inside."""
        queue: asyncio.Queue[Item] = asyncio.Queue(BACKLOG)
        self._followers.add(queue)
        try:
            yield queue
        finally:
            self._followers.discard(queue)
            self._tell_if_idle()

    def publish(self, item: Logged | wire.ServerFrame) -> None:
        """Hand an item to every follower; never waits."""
        self._heard(self, item)
        for queue in list(self._followers):
            if queue.full():
                self._followers.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Lost())
            else:
                queue.put_nowait(item)

    def catch_up(self, queue: asyncio.Queue[Item]) -> list[Item]:
        """Return what waits in the queue, with the running reply as it stands now in place of its pieces."""
        waiting = [queue.get_nowait() for _ in range(queue.qsize())]
        return [*(item for item in waiting if isinstance(item, Logged | Lost)), *self._running()]

    def _running(self) -> list[wire.ServerFrame]:
        if self.live is None or self.live.settled:
            return []  # what is settled comes from the log
        frames: list[wire.ServerFrame] = [wire.Replying(reply=self.live.reply)]
        if self.live.text:
            frames.append(wire.Delta(reply=self.live.reply, text=self.live.text))
        elif self.live.place is not None:
            frames.append(self.live.place)
        return frames

    def own(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run work as a task that this room keeps until it is done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._tell_if_idle()

    def _tell_if_idle(self) -> None:
        if not self._followers and not self._tasks and not self._held:
            self._on_idle(self)

    async def stop(self) -> None:
        """Cancel all that runs here and wait for it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
