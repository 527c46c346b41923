"""The service every channel uses: say, interrupt, ask for a person, follow. It holds no channel's details."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self

import structlog
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.burst import quiet_needed
from shopbell.assistant.conversation import Conversation, Floor, fold, moot
from shopbell.assistant.errors import BadRequest, ConversationOver, NoSuchConversation
from shopbell.assistant.frames import frame
from shopbell.assistant.health import Health
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.reply import Replier
from shopbell.assistant.room import Lost, Room
from shopbell.assistant.store import EventLog
from shopbell.storage.worker import Worker

log = structlog.get_logger()

MAX_KEY_CHARS = 64


class Opened(Struct, frozen=True, kw_only=True):
    """A new conversation and the secret that opens it again."""

    conversation: str
    token: str


class Greeting(Struct, frozen=True, kw_only=True):
    """What a customer sees first."""

    notice: str
    """That this is an AI."""
    greeting: str
    suggestions: tuple[str, ...]
    presence: wire.Presence


class Conversations:
    """All live conversations of the shop. Use as an async context manager: leaving it stops every reply."""

    def __init__(
        self,
        *,
        event_log: EventLog,
        worker: Worker,
        ladder: Ladder,
        lines: Lines,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        suggestions: Callable[[], tuple[str, ...]],
        health: Callable[[int], Health],
    ) -> None:
        """Take the parts; `now` tells the time in the shop's zone, `new_id` makes unguessable texts.

        `health` is given the number of live conversations.
        """
        self._log = event_log
        self._worker = worker
        self._lines = lines
        self._now = now
        self._new_id = new_id
        self._suggestions = suggestions
        self._health = health
        self._rooms: dict[str, Room] = {}
        self._opening = asyncio.Lock()
        self._replier = Replier(ladder=ladder, append=self._append, now=now, new_id=new_id)
        self._ladder = ladder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for room in list(self._rooms.values()):
            await room.stop()
        self._rooms.clear()

    # --- commands ------------------------------------------------------------------------------------------

    async def open(self, channel: str) -> Opened:
        """Begin a conversation."""
        opened = Opened(conversation=self._new_id(), token=self._new_id())
        await self._worker.call(self._log.open, opened.conversation, opened.token, channel, datetime.now(UTC))
        return opened

    async def resume(self, conversation: str, token: str) -> None:
        """Let the holder of the token go on; raises NoSuchConversation for anyone else."""
        await self._worker.call(self._log.check, conversation, token)

    async def say(self, conversation: str, text: str, key: str) -> int:
        """Keep the customer's words and answer them; return their `seq` once they are safely in the log.

        The same key says it once. Raises BadRequest for empty or overlong words, ConversationOver
        after the end.
        """
        text = text.strip()
        if not text:
            raise BadRequest("The message is empty. Write something first.")
        if len(text) > wire.MAX_UTTERANCE_CHARS:
            raise BadRequest(
                f"The message has {len(text)} characters; at most {wire.MAX_UTTERANCE_CHARS} go at once."
            )
        async with self._entered(conversation) as room:
            before = room.state.seq
            seq = await self._append(room, e.CustomerSaid(text=text, key=key), _checked(key))
            # Words that were sent again must not begin anew the reply that is being made to them.
            self._replier.wake(room, quiet_needed(text) if seq > before else 0.0)
            return seq

    async def interrupt(self, conversation: str) -> None:
        """Stop the reply that is being given; what was shown stays in the log, marked as cut."""
        async with self._entered(conversation) as room:
            await self._replier.interrupt(room)

    async def want_person(self, conversation: str, key: str) -> int:
        """Keep the wish for a person and say honestly when one is there; nothing happens while one is."""
        async with self._entered(conversation) as room:
            before = room.state.seq
            seq = await self._append(room, e.PersonWanted(reason="asked"), _checked(key))
            if seq > before and room.state.floor is not Floor.STAFF:
                line = self._lines.person_wanted(self._now())
                await self._append(room, e.Noticed(text=line), _notice_key(key))
            return seq

    async def rate(self, conversation: str, reply: str, helpful: bool) -> int:
        """Keep a thumb for one reply."""
        async with self._entered(conversation) as room:
            return await self._append(room, e.Rated(reply=reply, helpful=helpful), may_be_over=True)

    async def stars(self, conversation: str, stars: int, comment: str) -> int:
        """Keep one to five stars; raises BadRequest for any other number."""
        if not 1 <= stars <= 5:  # noqa: PLR2004 - the scale of CSAT
            raise BadRequest(f"{stars} stars cannot be given; choose 1 to 5.")
        async with self._entered(conversation) as room:
            comment = comment.strip()[: wire.MAX_UTTERANCE_CHARS]
            return await self._append(room, e.Starred(stars=stars, comment=comment), may_be_over=True)

    async def end(self, conversation: str) -> int:
        """End the conversation: what was being said stops, stars may still be given."""
        async with self._entered(conversation) as room:
            await self._replier.interrupt(room)
            self._ladder.forget(conversation)
            return await self._append(room, e.Ended())

    # --- following -----------------------------------------------------------------------------------------

    async def follow(self, conversation: str, after: int = 0) -> AsyncGenerator[wire.ServerFrame, None]:
        """Yield what is in the log after `after`, then `Current`, then everything as it happens.

        A turn that was left unanswered, by a crash for one, is taken up again. Consume under `aclosing`.
        """
        async with self._entered(conversation) as room:
            with room.subscribed() as live:
                seen = min(after, room.state.seq)  # a database put back from a copy knows less
                for entry in await self._worker.call(self._log.read, conversation, seen):
                    seen = entry.seq
                    if (shown := self._shown(entry)) is not None:
                        yield shown
                yield wire.Current(seq=seen)
                items = room.catch_up(live)
                self._replier.wake(room, 0.0)
                while True:
                    for item in items:
                        if isinstance(item, Lost):
                            return
                        if isinstance(item, e.Logged) and item.seq <= seen:
                            continue
                        if (shown := self._shown(item)) is not None:
                            yield shown
                    items = [await live.get()]

    async def answer(self, text: str) -> wire.Replied:
        """Answer one question outside any conversation; nothing of it is kept but the gap it may show."""
        return await self._replier.once(text)

    def greeting(self) -> Greeting:
        """Return what a channel shows before anything was said."""
        return Greeting(
            notice=self._lines.notice,
            greeting=self._lines.greeting,
            suggestions=self._suggestions(),
            presence=self._lines.presence(self._now()),
        )

    def health(self) -> Health:
        """Return how the assistant is."""
        return self._health(len(self._rooms))

    def _shown(self, item: e.Logged | wire.ServerFrame) -> wire.ServerFrame | None:
        if isinstance(item, e.Logged):
            return frame(item, self._lines.presence(self._now()))
        return item

    # --- inside --------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _entered(self, conversation: str) -> AsyncGenerator[Room, None]:
        async with self._opening:  # one room for a conversation, and never from a log read too early
            room = self._rooms.get(conversation)
            if room is None:
                entries = await self._worker.call(self._log.read, conversation, 0)
                if not entries:
                    raise NoSuchConversation("This conversation is not known here. Start a new one.")
                room = Room(fold(Conversation(id=conversation), entries), self._forget)
                self._rooms[conversation] = room
        with room.held():
            yield room

    def _forget(self, room: Room) -> None:
        if self._rooms.get(room.state.id) is room:
            del self._rooms[room.state.id]

    async def _append(self, room: Room, event: e.Event, key: str = "", *, may_be_over: bool = False) -> int:
        # Shielded: what reaches the log must reach the followers, even when the caller goes away meanwhile.
        return await asyncio.shield(room.own(self._append_now(room, event, key, may_be_over)))

    async def _append_now(self, room: Room, event: e.Event, key: str, may_be_over: bool) -> int:
        async with room.order:
            if moot(room.state, event):
                return room.state.seq
            if room.state.ended and not may_be_over:
                raise ConversationOver("This conversation has ended. Start a new one.")
            kept = await self._worker.call(self._log.append, room.state.id, event, datetime.now(UTC), key)
            if kept.new:
                room.state = fold(room.state, [kept.entry])
                room.publish(kept.entry)
            return kept.entry.seq


def _notice_key(key: str) -> str:
    return f"notice:{key:>{MAX_KEY_CHARS}}"  # longer than any customer's key: never the same as one


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise BadRequest(f"The key must have 1 to {MAX_KEY_CHARS} characters.")
    return key
