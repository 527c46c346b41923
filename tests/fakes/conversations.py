"""A service with scripted answers: everything a page or a program can meet, without a model or a store."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant import wire
from shopbell.assistant.errors import ConversationOver, NoSuchConversation
from tests.fakes.scripts import Script, script_for

NOTICE = "You are talking to Wick, an AI assistant. It can be wrong; a person is always one tap away."
PRESENCE = wire.Presence(staffed=True, text="Someone is here until 17:00.")
START = datetime(2026, 11, 21, 10, 24, tzinfo=UTC)


class Opened(Struct, frozen=True):
    """A conversation that was just begun."""

    conversation: str
    token: str


class Greeting(Struct, frozen=True, kw_only=True):
    """What is shown first."""

    notice: str = NOTICE
    greeting: str = "Welcome to Lantern Street. Ask me about our coffee, bread, opening hours or orders."
    suggestions: tuple[str, ...] = (
        "When are you open on Sunday?",
        "Do you deliver?",
        "Is anything gluten-free?",
    )
    presence: wire.Presence = PRESENCE


class Health(Struct, frozen=True, kw_only=True):
    """How the service is."""

    status: str = "ok"
    model: str = "ready"
    passages: int = 312
    queue: int = 0
    version: str = "0.1.0"


@dataclass
class Talk:
    """One conversation."""

    token: str
    log: list[wire.ServerFrame] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    followers: set[asyncio.Queue[wire.ServerFrame]] = field(default_factory=set)
    reply: asyncio.Task[None] | None = None
    partial: list[wire.ServerFrame] = field(default_factory=list)
    """The live frames of the reply that is being given."""
    ended: bool = False
    staffed: bool = False


class FakeConversations:
    """Keeps conversations in memory; what it was told is in `talks`."""

    def __init__(self, place_s: float = 0.4, pause_s: float = 0.05, greeting: Greeting | None = None) -> None:
        self.talks: dict[str, Talk] = {}
        self.place_s = place_s
        self.pause_s = pause_s
        self.asked: list[str] = []
        self.following = 0
        self._greeting = greeting or Greeting()
        self._ids = itertools.count(1)
        self._seqs = itertools.count(1)

    async def open(self, channel: str) -> Opened:
        number = next(self._ids)
        opened = Opened(f"c{number}", f"token-{number}")
        self.talks[opened.conversation] = Talk(opened.token)
        return opened

    async def resume(self, conversation: str, token: str) -> None:
        talk = self.talks.get(conversation)
        if talk is None or talk.token != token:
            raise NoSuchConversation("This conversation is not known here. Please start a new one.")

    async def say(self, conversation: str, text: str, key: str) -> int:
        talk = self._living(conversation)
        if key in talk.keys:
            return talk.keys[key]
        frame = self._log(talk, wire.Said(seq=self._seq(), who="customer", text=text, at=self._at(), key=key))
        talk.keys[key] = frame.seq
        if "person please" in text.lower():
            await self.want_person(conversation, f"{key}-person")
        elif not talk.staffed:
            await self._stop(talk)
            talk.reply = asyncio.create_task(self._answer(talk, text))
        return frame.seq

    async def interrupt(self, conversation: str) -> None:
        await self._stop(self._talk(conversation))

    async def want_person(self, conversation: str, key: str) -> int:
        talk = self._living(conversation)
        if key in talk.keys:
            return talk.keys[key]
        frame = self._log(talk, wire.FloorChanged(seq=self._seq(), holder="waiting", presence=PRESENCE))
        talk.keys[key] = frame.seq
        return frame.seq

    async def rate(self, conversation: str, reply: str, helpful: bool) -> int:
        talk = self._talk(conversation)
        return self._log(talk, wire.Rated(seq=self._seq(), reply=reply, helpful=helpful)).seq

    async def stars(self, conversation: str, stars: int, comment: str) -> int:
        talk = self._talk(conversation)
        self.comment = comment
        return self._log(talk, wire.Rated(seq=self._seq(), stars=stars)).seq

    async def end(self, conversation: str) -> int:
        talk = self._talk(conversation)
        await self._stop(talk)
        talk.ended = True
        return self._log(talk, wire.Ended(seq=self._seq())).seq

    async def follow(self, conversation: str, after: int = 0) -> AsyncGenerator[wire.ServerFrame, None]:
        talk = self._talk(conversation)
        queue: asyncio.Queue[wire.ServerFrame] = asyncio.Queue()
        talk.followers.add(queue)
        self.following += 1
        try:
            for frame in [*talk.log]:
                if getattr(frame, "seq", 0) > after:
                    yield frame
            yield wire.Current(seq=max((getattr(frame, "seq", 0) for frame in talk.log), default=0))
            for frame in [*talk.partial]:
                yield frame
            while True:
                yield await queue.get()
        finally:
            self.following -= 1
            talk.followers.discard(queue)

    def greeting(self) -> Greeting:
        return self._greeting

    async def answer(self, text: str) -> wire.Replied:
        self.asked.append(text)
        return self._replied("ask", script_for(text), script_for(text).text)

    def health(self) -> Health:
        return Health()

    # --- what the other side of the counter does ---------------------------------------------------------

    async def take_over(self, conversation: str, name: str) -> None:
        """Let a member of staff step in."""
        talk = self._talk(conversation)
        await self._stop(talk)
        talk.staffed = True
        self._log(talk, wire.FloorChanged(seq=self._seq(), holder="staff", name=name))
        self._log(
            talk, wire.Said(seq=self._seq(), who="notice", text=f"{name} has joined the chat.", at=self._at())
        )

    async def staff_say(self, conversation: str, name: str, text: str) -> None:
        """Let a member of staff say something."""
        self._log(
            self._talk(conversation),
            wire.Said(seq=self._seq(), who="staff", text=text, at=self._at(), name=name),
        )

    async def hand_back(self, conversation: str) -> None:
        """Let the assistant answer again."""
        talk = self._talk(conversation)
        talk.staffed = False
        self._log(talk, wire.FloorChanged(seq=self._seq(), holder="assistant"))

    async def close(self) -> None:
        """Stop every reply."""
        for talk in self.talks.values():
            await self._stop(talk)

    # --- inside --------------------------------------------------------------------------------------------

    async def _answer(self, talk: Talk, text: str) -> None:
        script = script_for(text)
        reply = f"r{next(self._ids)}"
        spoken = ""
        try:
            await asyncio.sleep(self.pause_s)
            self._live(talk, wire.Replying(reply=reply))
            for place in script.places:
                self._live(talk, wire.Waiting(reply=reply, place=place, eta_s=place * 4.6))
                await asyncio.sleep(self.place_s)
            for word in script.text.split(" ") if script.word_s else [script.text]:
                piece = f" {word}" if spoken else word
                spoken += piece
                self._live(talk, wire.Delta(reply=reply, text=piece))
                await asyncio.sleep(script.word_s)
        except asyncio.CancelledError:
            talk.partial.clear()
            self._log(talk, replace(self._replied(reply, script, spoken or "…"), cut=True))
            raise
        talk.partial.clear()
        self._log(talk, self._replied(reply, script, script.text))

    def _replied(self, reply: str, script: Script, text: str) -> wire.Replied:
        return wire.Replied(
            seq=self._seq(),
            reply=reply,
            text=text,
            rung=script.rung,
            at=self._at(),
            sources=script.sources,
            why=script.why,
            offer_person=script.offer_person,
        )

    async def _stop(self, talk: Talk) -> None:
        if talk.reply is not None:
            talk.reply.cancel()
            with suppress(asyncio.CancelledError):
                await talk.reply
            talk.reply = None

    def _log(self, talk: Talk, frame: "Logged") -> "Logged":
        talk.log.append(frame)
        self._send(talk, frame)
        return frame

    def _live(self, talk: Talk, frame: wire.ServerFrame) -> None:
        talk.partial.append(frame)
        self._send(talk, frame)

    def _send(self, talk: Talk, frame: wire.ServerFrame) -> None:
        for queue in talk.followers:
            queue.put_nowait(frame)

    def _talk(self, conversation: str) -> Talk:
        return self.talks[conversation]

    def _living(self, conversation: str) -> Talk:
        talk = self._talk(conversation)
        if talk.ended:
            raise ConversationOver("This conversation was ended. Please start a new one.")
        return talk

    def _seq(self) -> int:
        return next(self._seqs)

    def _at(self) -> datetime:
        return START + timedelta(seconds=20 * len(self.talks))


Logged = wire.Said | wire.Replied | wire.FloorChanged | wire.Rated | wire.Ended
