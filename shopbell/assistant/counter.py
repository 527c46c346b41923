"""The counter: what staff do in a conversation. Every channel's customers see the same of it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from functools import partial

from shopbell.assistant import events as e
from shopbell.assistant import staffwire, wire
from shopbell.assistant.approvals import Approvals
from shopbell.assistant.console import Late
from shopbell.assistant.conversation import Conversation
from shopbell.assistant.errors import ConversationOver, FloorTaken
from shopbell.assistant.floor import Idle, check_taking, due
from shopbell.assistant.lines import Lines
from shopbell.assistant.permits import (
    assistant_answers,
    held_by,
    key_of,
    may_take,
    not_a_colleagues,
    unchanged,
    words_of,
)
from shopbell.assistant.reply import Replier
from shopbell.assistant.room import Room
from shopbell.assistant.rooms import Rooms
from shopbell.assistant.staffview import shown, staff_frame


class Counter:
    """Commands of staff; `name` is always the signed-in person's own."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        replier: Replier,
        lines: Lines,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        idle: Idle,
        late: Late = "faq",
    ) -> None:
        """Take the parts; `now` tells the time in the shop's zone."""
        self.approvals = Approvals(
            rooms=rooms, drafting=replier.drafting, lines=lines, now=now, new_id=new_id, late=late
        )
        self._rooms = rooms
        self._replier = replier
        self._lines = lines
        self._now = now
        self.idle = idle

    # --- the floor -----------------------------------------------------------------------------------------

    async def take_over(self, conversation: str, name: str, version: int, key: str) -> int:
        """Give the floor to `name`; a running reply stops and the log keeps what was shown of it.

        Raises FloorTaken when a colleague holds it, or had it since `version`.
        """
        async with self._rooms.entered(conversation) as room:
            check_taking(room.state.hold, name, version)
            if room.state.staff == name:
                return room.state.hold.version
            async with self._reaching(room):
                await self._replier.interrupt(room, unless_silent=True)
                return await self._rooms.append(
                    room,
                    e.StaffTook(name=name),
                    key_of(name, key),
                    e.Noticed(text=self._lines.joined(name)),
                    check=partial(may_take, name=name, version=version),
                )

    async def say(self, conversation: str, name: str, text: str, key: str) -> int:
        """Say something as the holder; the same key says it once."""
        words = words_of(text, staffwire.MAX_NOTE_CHARS)
        async with self._rooms.entered(conversation) as room:
            said = e.StaffSaid(name=name, text=words)
            return await self._rooms.append(room, said, key_of(name, key), check=held_by(name))

    async def hand_back(self, conversation: str, name: str, key: str) -> int:
        """Let the assistant answer again."""
        async with self._rooms.entered(conversation) as room:
            line = e.Noticed(text=self._lines.left(name))
            left, key = e.StaffLeft(name=name), key_of(name, key)
            return await self._rooms.append(room, left, key, line, check=held_by(name))

    async def stay(self, conversation: str, name: str) -> int:
        """Note that the holder is still there."""
        async with self._rooms.entered(conversation) as room:
            return await self._rooms.append(room, e.StaffStayed(), check=held_by(name))

    async def finish(self, conversation: str, name: str, key: str) -> int:
        """End the conversation, unless a colleague holds it."""
        async with self._rooms.entered(conversation) as room:
            not_a_colleagues(room.state, name)
            await self._replier.interrupt(room)
            ended = e.Ended(name=name)
            check = partial(not_a_colleagues, name=name)
            return await self._rooms.append(room, ended, key_of(name, key), check=check)

    async def look_after(self, held: Conversation) -> None:
        """Ask a holder who was quiet for long; give the floor back when nobody answered."""
        events: tuple[e.Event, ...]
        match due(held.hold, self._now(), self.idle):
            case "ask":
                events = (e.StaffAsked(),)
            case "release":
                events = self._release(held)
            case _:
                return
        async with self._rooms.entered(held.id) as room:
            with suppress(FloorTaken, ConversationOver):  # the holder came back meanwhile
                await self._rooms.append(room, events[0], "", *events[1:], check=unchanged(held))
            self._wake(room)

    # --- beside the floor ----------------------------------------------------------------------------------

    async def whisper(self, conversation: str, name: str, text: str, key: str) -> int:
        """Keep a hint for the assistant's next answer from the model."""
        hint = words_of(text, staffwire.MAX_HINT_CHARS)
        async with self._rooms.entered(conversation) as room:
            event = e.Whispered(name=name, text=hint)
            return await self._rooms.append(room, event, key_of(name, key), check=assistant_answers)

    async def note(self, conversation: str, name: str, text: str, key: str) -> int:
        """Keep a private note; also after the end."""
        event = e.Noted(name=name, text=words_of(text, staffwire.MAX_NOTE_CHARS))
        async with self._rooms.entered(conversation) as room:
            return await self._rooms.append(room, event, key_of(name, key), may_be_over=True)

    # --- watching ------------------------------------------------------------------------------------------

    async def follow(self, conversation: str, after: int = 0) -> AsyncGenerator[staffwire.Shown, None]:
        """Yield what staff sees of the log past `after`, then `Current`, then what happens live."""

        def of_entry(entry: e.Logged) -> staffwire.Shown | None:
            return staff_frame(entry, self._lines.presence(self._now()))

        stream: AsyncGenerator[staffwire.Shown | wire.ServerFrame, None]
        stream = self._rooms.follow(conversation, after, of_entry, self._wake)
        async with aclosing(stream) as frames:
            async for frame in frames:
                if isinstance(frame, staffwire.Answered | staffwire.Private | staffwire.Suggested):
                    yield frame
                elif (seen := shown(frame)) is not None:
                    yield seen

    # --- inside --------------------------------------------------------------------------------------------

    def _wake(self, room: Room) -> None:
        self._replier.wake(room, 0.0)

    @asynccontextmanager
    async def _reaching(self, room: Room) -> AsyncGenerator[None, None]:
        """Let no reply begin meanwhile; what waits is answered if the floor was not taken after all."""
        room.reached_for += 1
        try:
            yield
        finally:
            room.reached_for -= 1
            self._wake(room)

    def _release(self, held: Conversation) -> tuple[e.StaffLeft, e.Noticed]:
        waiting = bool(held.pending)
        line = self._lines.left(held.staff)
        if waiting:
            line = self._lines.stepped_away(held.staff, self._now())
        return e.StaffLeft(why="idle", waiting=waiting), e.Noticed(text=line)
