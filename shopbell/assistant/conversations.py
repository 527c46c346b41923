"""The service every channel uses: say, interrupt, ask for a person, follow. It holds no channel's details."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Self, cast

from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.burst import SPOKEN_S, quiet_needed
from shopbell.assistant.covering import masked
from shopbell.assistant.errors import BadRequest
from shopbell.assistant.frames import closed_to, frame
from shopbell.assistant.health import Health
from shopbell.assistant.known import holding
from shopbell.assistant.ladder import Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.reply import Replier
from shopbell.assistant.room import Room
from shopbell.assistant.rooms import Rooms

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
        rooms: Rooms,
        replier: Replier,
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
        self._lines = lines
        self._now = now
        self._new_id = new_id
        self._suggestions = suggestions
        self._health = health
        self._rooms = rooms
        self._entered, self._append = rooms.entered, rooms.append
        self._replier = replier
        self._ladder = ladder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._rooms.close()

    # --- commands ------------------------------------------------------------------------------------------

    async def open(self, channel: str) -> Opened:
        """Begin a conversation."""
        opened = Opened(conversation=self._new_id(), token=self._new_id())
        await self._rooms.open(opened.conversation, opened.token, channel)
        return opened

    async def resume(self, conversation: str, token: str) -> None:
        """Let the holder of the token go on; raises NoSuchConversation for anyone else."""
        await self._rooms.resume(conversation, token)

    async def say(self, conversation: str, text: str, key: str, *, spoken: bool = False) -> int:
        """Keep the customer's words and answer them; return their `seq` once they are safely in the log.

        `spoken` words are a whole turn; written ones may be followed by more. The same key says it once.
        Raises BadRequest for empty or overlong words, ConversationOver after the end.
        """
        text = masked(text.strip())
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
            quiet_s = SPOKEN_S if spoken else quiet_needed(text)
            self._replier.wake(room, quiet_s if seq > before else 0.0)
            return seq

    async def prepare(self, conversation: str, text: str) -> None:
        """Begin the reply to words that may be the whole turn, unseen; empty `text` drops it again.

        When the same words are said, it is given. Nothing is written down of it until then.
        """
        async with self._entered(conversation) as room:
            await self._replier.prepare(room, masked(text.strip())[: wire.MAX_UTTERANCE_CHARS])

    async def interrupt(self, conversation: str) -> None:
        """Stop the reply that is being given; what was shown stays in the log, marked as cut."""
        async with self._entered(conversation) as room:
            await self._replier.interrupt(room)

    async def cut_off(self, conversation: str, reply: str, heard: str) -> None:
        """Stop a reply that is spoken; of its words only those that were heard count from here on."""
        async with self._entered(conversation) as room:
            if room.live is not None and room.live.reply == reply:
                room.live.text = heard if not room.live.settled else room.live.text
                await self._replier.interrupt(room)
            said = next((one for one in room.state.history if one.reply == reply), None)
            if said is not None and said.answer != heard:
                rung = cast("wire.Rung", said.rung)  # staff's words carry no reply's id
                await self._append(room, e.CutOff(reply=reply, text=heard, rung=rung), may_be_over=True)

    async def want_person(self, conversation: str, key: str) -> int:
        """Keep the wish for a person and say honestly when one is there; nothing happens while one is."""
        async with self._entered(conversation) as room:
            line = e.Noticed(text=self._lines.person_wanted(self._now()))
            return await self._append(room, e.PersonWanted(reason="asked"), _checked(key), line)

    async def rate(self, conversation: str, reply: str, helpful: bool) -> int:
        """Keep a thumb for one reply; raises BadRequest for one that was not given in this conversation."""
        async with self._entered(conversation) as room:
            if not await self._rooms.replied(room, reply):
                raise BadRequest("No reply of this conversation has that id. Rate one that was given here.")
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
            await self._replier.drop(room)
            await self._replier.interrupt(room)
            self._ladder.forget(conversation)
            return await self._append(room, e.Ended())

    # --- following -----------------------------------------------------------------------------------------

    async def follow(self, conversation: str, after: int = 0) -> AsyncGenerator[wire.ServerFrame, None]:
        """Yield what is in the log after `after`, then `Current`, then everything as it happens.

        A turn that was left unanswered, by a crash for one, is taken up again. Consume under `aclosing`.
        """
        stream: AsyncGenerator[wire.ServerFrame, None] = self._rooms.follow(
            conversation, after, self._shown, self._resume_reply
        )
        async with aclosing(stream) as frames:
            async for frame in frames:
                yield frame

    async def answer(self, text: str) -> wire.Replied:
        """Answer one question outside any conversation; nothing of it is kept but the gap it may show."""
        return await self._replier.drafting.once(text)

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
        return self._health(len(self._rooms.live))

    def _shown(self, entry: e.Logged) -> wire.ServerFrame | None:
        room = self._rooms.live.get(entry.conversation)
        known = holding(room.state.who, self._now()) if room is not None else None
        return frame(closed_to(known, entry), self._lines.presence(self._now()))

    def _resume_reply(self, room: Room) -> None:
        self._replier.wake(room, 0.0)


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise BadRequest(f"The key must have 1 to {MAX_KEY_CHARS} characters.")
    return key
