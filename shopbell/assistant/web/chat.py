"""The customer's socket: frames in, frames out, and nothing left behind when it closes."""

import asyncio
from contextlib import aclosing

import msgspec
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.exceptions import LitestarException

from shopbell.assistant import wire
from shopbell.assistant.errors import AssistantError, BadRequest, NoSuchConversation
from shopbell.assistant.web.errors import TooFast
from shopbell.assistant.web.limits import Bucket, Buckets, Clock, Limits
from shopbell.assistant.web.problems import problem
from shopbell.assistant.web.service import Conversations
from shopbell.assistant.web.words import checked_comment, checked_key, checked_stars, checked_words

CHANNEL = "web"

# Codes of RFC 6455, section 7.4.1; those from 4000 on are ours.
NORMAL, UNSUPPORTED, POLICY, BUSY = 1000, 1003, 1008, 1013
GONE, IDLE = 4404, 4408

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[wire.CustomerFrame] = msgspec.json.Decoder(wire.CustomerFrame)

Socket = WebSocket[None, None, State]


class Closing(Exception):
    """The server ends the chat with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gone(Exception):
    """The customer's side is gone."""


class Chat:
    """One customer's socket, from the first frame to the last."""

    def __init__(
        self,
        socket: Socket,
        service: Conversations,
        limits: Limits,
        *,
        address: str,
        says: Buckets,
        clock: Clock,
    ) -> None:
        self._socket = socket
        self._service = service
        self._limits = limits
        self._address = address
        self._address_says = says
        self._says = Bucket(limits.says, clock)
        self._frames = Bucket(limits.frames, clock)
        self._bad = 0

    async def run(self) -> None:
        """Serve the socket, which is accepted already, until either side ends it."""
        try:
            await self._converse()
        except* Gone:
            pass
        except* Closing as group:
            await self._close(group)

    async def _converse(self) -> None:
        hello = await self._hello()
        conversation = await self._welcome(hello)
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write(conversation, hello.after), name="chat-writer")
            await self._read(conversation)
            writer.cancel()

    async def _hello(self) -> wire.Hello:
        frame = None
        try:
            async with asyncio.timeout(self._limits.hello_s):
                while frame is None:
                    frame = await self._next()
        except TimeoutError as error:
            raise Closing(POLICY, "no hello came") from error
        if not isinstance(frame, wire.Hello):
            raise Closing(POLICY, "the first frame must be hello")
        return frame

    async def _welcome(self, hello: wire.Hello) -> str:
        conversation, token = hello.conversation, ""
        try:
            if conversation:
                await self._service.resume(conversation, hello.token)
            else:
                opened = await self._service.open(CHANNEL)
                conversation, token = opened.conversation, opened.token
        except NoSuchConversation as error:
            await self._send(wire.Trouble(code=error.code, text=str(error)))
            raise Closing(GONE, "no such conversation") from error
        first = self._service.greeting()
        welcome = wire.Welcome(
            conversation=conversation,
            token=token,
            notice=first.notice,
            greeting=first.greeting,
            suggestions=tuple(first.suggestions),
            presence=first.presence,
        )
        await self._send(welcome)
        return conversation

    async def _write(self, conversation: str, after: int) -> None:
        try:
            async with aclosing(self._service.follow(conversation, after)) as frames:
                async for frame in frames:
                    await self._send(frame)
        except AssistantError as error:
            await self._send(wire.Trouble(code=error.code, text=str(error)))
        # The stream ends only for a client that lags too far behind: it comes back and reads the log.
        raise Closing(BUSY, "please come back")

    async def _read(self, conversation: str) -> None:
        while True:
            frame = await self._next()
            if frame is None:
                continue
            key = getattr(frame, "key", "")
            try:
                await self._act(conversation, frame)
            except AssistantError as error:
                found = problem(error)
                await self._send(wire.Trouble(code=found.code, text=found.text, key=key))

    async def _act(self, conversation: str, frame: wire.CustomerFrame) -> None:
        match frame:
            case wire.Say(text=text, key=key):
                words = checked_words(text)
                self._pace()
                await self._service.say(conversation, words, checked_key(key))
            case wire.WantPerson(key=key):
                self._pace()
                await self._service.want_person(conversation, checked_key(key))
            case wire.Interrupt():
                await self._service.interrupt(conversation)
            case wire.Rate(reply=reply, helpful=helpful):
                await self._service.rate(conversation, checked_key(reply), helpful)
            case wire.Stars(stars=stars, comment=comment):
                await self._service.stars(conversation, checked_stars(stars), checked_comment(comment))
            case wire.End():
                await self._service.end(conversation)
            case wire.Hello():
                raise BadRequest(
                    "This socket has a conversation already; open another socket for another one."
                )

    def _pace(self) -> None:
        if not (self._says.take() and self._address_says.take(self._address)):
            raise TooFast("That was a lot at once. Please wait a moment; your message will be sent then.")

    async def _next(self) -> wire.CustomerFrame | None:
        """Return the next frame; None when it was of the wrong form, which the customer is told."""
        try:
            async with asyncio.timeout(self._limits.idle_s):
                message = await self._socket.receive()
        except TimeoutError as error:
            raise Closing(IDLE, "nothing was said for long") from error
        if message["type"] == "websocket.disconnect":
            raise Gone
        text = message.get("text")
        if not isinstance(text, str):
            raise Closing(UNSUPPORTED, "text frames only")
        try:
            frame = _decoder.decode(text)
        except msgspec.DecodeError as error:
            await self._complain("bad-request", f"That frame is not of a form known here: {error}.")
            return None
        if not self._frames.take():
            await self._complain("rate", "Too many frames at once.")
            return None
        return frame

    async def _complain(self, code: str, text: str) -> None:
        self._bad += 1
        if self._bad >= self._limits.bad_frames:
            raise Closing(POLICY, "too many bad frames")
        await self._send(wire.Trouble(code=code, text=text))

    async def _send(self, frame: wire.ServerFrame) -> None:
        # Waits while the client does not read; the server's protocol cuts it off when it reads nothing.
        try:
            await self._socket.send_text(_encode(frame).decode())
        except (OSError, RuntimeError, LitestarException) as error:
            # The server says RuntimeError to a send that crosses with its own close of the socket.
            raise Gone from error

    async def _close(self, group: BaseExceptionGroup[Closing]) -> None:
        first = group.exceptions[0]
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        try:
            await self._socket.close(code=first.code, reason=str(first))
        except (OSError, RuntimeError, LitestarException):
            return  # the customer's side was quicker
