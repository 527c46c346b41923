"""The rooms: every live conversation, opened from the log, written to in order, followed by whoever may."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversation import Conversation, fold, moot
from shopbell.assistant.errors import ConversationOver, DraftClosed, FloorTaken, NoSuchConversation, NotHolder
from shopbell.assistant.room import Item, Lost, Room
from shopbell.assistant.store import EventLog
from shopbell.storage.worker import Worker

F = TypeVar("F")
Check = Callable[[Conversation], None]
"""Raises when the state, as it is once it is our turn to write, forbids the event."""


class Rooms:
    """All live conversations; everything here runs on the event loop."""

    def __init__(
        self, event_log: EventLog, worker: Worker, *, now: Callable[[], datetime] | None = None
    ) -> None:
        """Take the log, the thread that it blocks, and the clock by which everything is written down."""
        self._log = event_log
        self._worker = worker
        self._clock = now or partial(datetime.now, UTC)
        self._opening = asyncio.Lock()
        self.live: dict[str, Room] = {}
        self.heard: Callable[[Conversation, Item], None] = lambda _state, _item: None
        """Told everything that happens anywhere, as it is published, with the state after it."""

    def _written(self) -> datetime:
        return self._clock().astimezone(UTC)

    async def open(self, conversation: str, token: str, channel: str) -> None:
        """Begin a conversation."""
        entry = await self._worker.call(self._log.open, conversation, token, channel, self._written())
        self.heard(fold(Conversation(id=conversation), [entry]), entry)

    async def resume(self, conversation: str, token: str) -> None:
        """Raise NoSuchConversation unless the token opens the conversation."""
        await self._worker.call(self._log.check, conversation, token)

    async def close(self) -> None:
        """Stop every reply."""
        for room in list(self.live.values()):
            await room.stop()
        self.live.clear()

    @asynccontextmanager
    async def entered(self, conversation: str) -> AsyncGenerator[Room, None]:
        """Give the conversation's room and keep it meanwhile; raises NoSuchConversation."""
        async with self._opening:  # one room for a conversation, and never from a log read too early
            room = self.live.get(conversation)
            if room is None:
                entries = await self._worker.call(self._log.read, conversation, 0)
                if not entries:
                    raise NoSuchConversation("This conversation is not known here. Start a new one.")
                room = Room(fold(Conversation(id=conversation), entries), self._forget, self._published)
                self.live[conversation] = room
        with room.held():
            yield room

    async def append(
        self,
        room: Room,
        event: e.Event,
        key: str = "",
        *also: e.Event,
        check: Check | None = None,
        may_be_over: bool = False,
    ) -> int:
        """Put an event into the log, with others that stand or fall with it, and publish them."""
        # Shielded: what reaches the log must reach the followers, even when the caller goes away meanwhile.
        work = self._append_now(room, event, key, also, check, may_be_over)
        return await asyncio.shield(room.own(work))

    async def replied(self, room: Room, reply: str) -> bool:
        """Say whether a reply with this id was given in the conversation."""
        entries = await self._worker.call(self._log.read, room.state.id)
        return any(isinstance(x.event, e.Replied) and x.event.reply == reply for x in entries)

    async def follow(
        self,
        conversation: str,
        after: int,
        shown: Callable[[e.Logged], F | None],
        caught_up: Callable[[Room], None],
    ) -> AsyncGenerator[F | wire.ServerFrame, None]:
        """Yield what is in the log after `after`, then `Current`, then everything as it happens.

        `shown` makes a frame of an entry, None for one that is not for this follower. Consume under
        `aclosing`.
        """
        async with self.entered(conversation) as room:
            with room.subscribed() as live:
                seen = min(after, room.state.seq)  # a database put back from a copy knows less
                for entry in await self._worker.call(self._log.read, conversation, seen):
                    seen = entry.seq
                    if (frame := shown(entry)) is not None:
                        yield frame
                yield wire.Current(seq=seen)
                items = room.catch_up(live)
                caught_up(room)
                while True:
                    for item in items:
                        if isinstance(item, Lost):
                            return
                        if not isinstance(item, e.Logged):
                            yield item
                        elif item.seq > seen and (frame := shown(item)) is not None:
                            yield frame
                    items = [await live.get()]

    # --- inside --------------------------------------------------------------------------------------------

    def _published(self, room: Room, item: Item) -> None:
        self.heard(room.state, item)

    def _forget(self, room: Room) -> None:
        if self.live.get(room.state.id) is room:
            del self.live[room.state.id]

    async def _append_now(
        self,
        room: Room,
        event: e.Event,
        key: str,
        also: tuple[e.Event, ...],
        check: Check | None,
        may_be_over: bool,
    ) -> int:
        async with room.order:
            if moot(room.state, event):
                return room.state.seq
            try:
                _permitted(room.state, check, may_be_over)
            except (FloorTaken, NotHolder, DraftClosed, ConversationOver):
                # Sent again after it was done: what stood against it now did not then.
                kept_before = await self._worker.call(self._log.kept, room.state.id, key) if key else None
                if kept_before is None:
                    raise
                return kept_before.seq
            kept = await self._worker.call(self._log.append, room.state.id, event, self._written(), key, also)
            if kept.new:
                for entry in (kept.entry, *kept.also):
                    room.state = fold(room.state, [entry])
                    room.publish(entry)
            return kept.entry.seq


def _permitted(state: Conversation, check: Check | None, may_be_over: bool) -> None:
    if state.ended and not may_be_over:
        raise ConversationOver("This conversation has ended. Start a new one.")
    if check is not None:
        check(state)
