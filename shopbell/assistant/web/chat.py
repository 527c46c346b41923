"""The customer's socket: frames in, frames out, and nothing left behind when it closes."""

import asyncio
from contextlib import aclosing

import msgspec

from shopbell.assistant import wire
from shopbell.assistant.doorman import Doorman
from shopbell.assistant.errors import AssistantError, BadRequest, NoSuchConversation
from shopbell.assistant.web.errors import TooFast
from shopbell.assistant.web.handset import BUSY, GONE, POLICY, Closing, Gone, Handset, Socket
from shopbell.assistant.web.limits import Bucket, Buckets, Clock, Limits
from shopbell.assistant.web.problems import problem
from shopbell.assistant.web.service import Conversations
from shopbell.assistant.web.words import checked_comment, checked_key, checked_stars, checked_words
from shopbell.loyalty.errors import LoyaltyError

CHANNEL = "web"

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[wire.CustomerFrame] = msgspec.json.Decoder(wire.CustomerFrame)


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
        doorman: Doorman | None = None,
    ) -> None:
        """Take what it works with; without `doorman` nobody can sign in here."""
        self._doorman = doorman
        self._handset = Handset(socket, _decoder, _encode, _trouble, limits=limits, clock=clock)
        self._service = service
        self._address = address
        self._address_says = says
        self._says = Bucket(limits.says, clock)

    async def run(self) -> None:
        """Serve the socket, which is accepted already, until either side ends it."""
        try:
            await self._converse()
        except* Gone:
            pass
        except* Closing as group:
            await self._handset.close(group)

    async def _converse(self) -> None:
        hello = await self._hello()
        conversation = await self._welcome(hello)
        if self._doorman is not None:
            self._doorman.came(conversation)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(conversation, hello.after), name="chat-writer")
                await self._read(conversation)
                writer.cancel()
        finally:
            if self._doorman is not None:
                self._doorman.left(conversation)

    async def _hello(self) -> wire.Hello:
        frame = await self._handset.first()
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
            await self._handset.send(wire.Trouble(code=error.code, text=str(error)))
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
        await self._handset.send(welcome)
        return conversation

    async def _write(self, conversation: str, after: int) -> None:
        try:
            async with aclosing(self._service.follow(conversation, after)) as frames:
                async for frame in frames:
                    await self._handset.send(frame)
        except AssistantError as error:
            await self._handset.send(wire.Trouble(code=error.code, text=str(error)))
        # The stream ends only for a client that lags too far behind: it comes back and reads the log.
        raise Closing(BUSY, "please come back")

    async def _read(self, conversation: str) -> None:
        while True:
            frame = await self._handset.next()
            if frame is None:
                continue
            key = getattr(frame, "key", "")
            try:
                await self._act(conversation, frame)
            except (AssistantError, LoyaltyError) as error:
                found = problem(error)
                await self._handset.send(wire.Trouble(code=found.code, text=found.text, key=key))

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
            case wire.SignIn() | wire.SendCode() | wire.SetPin() | wire.SignOut():
                self._pace()
                await self._sign(conversation, frame)
            case wire.End():
                await self._service.end(conversation)
            case wire.Hello():
                raise BadRequest(
                    "This socket has a conversation already; open another socket for another one."
                )

    async def _sign(
        self, conversation: str, frame: wire.SignIn | wire.SendCode | wire.SetPin | wire.SignOut
    ) -> None:
        doorman = self._doorman
        if doorman is None:
            raise BadRequest("This shop has no customer accounts, so there is nothing to sign in to.")
        match frame:
            case wire.SignIn(token=token) if token:
                await doorman.by_token(conversation, token)
            case wire.SignIn(account=account, secret=secret):
                await doorman.sign_in(conversation, account, secret, self._address)
            case wire.SendCode(account=account):
                await doorman.send_code(conversation, account, self._address)
            case wire.SetPin(pin=pin):
                await doorman.set_pin(conversation, pin)
            case wire.SignOut():
                await doorman.sign_out(conversation)

    def _pace(self) -> None:
        if not (self._says.take() and self._address_says.take(self._address)):
            raise TooFast("That was a lot at once. Please wait a moment; your message will be sent then.")


def _trouble(code: str, text: str) -> wire.Trouble:
    return wire.Trouble(code=code, text=text)
