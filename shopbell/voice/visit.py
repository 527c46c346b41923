"""A visit: one kiosk's socket from the first frame to the last, and nothing left behind when it closes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations, Opened
from shopbell.assistant.errors import AssistantError, BadRequest, ConversationOver, NoSuchConversation
from shopbell.assistant.web.errors import TooFast
from shopbell.assistant.web.handset import (
    BUSY,
    GONE,
    NORMAL,
    POLICY,
    UNSUPPORTED,
    Closing,
    Gone,
    Handset,
    Socket,
)
from shopbell.assistant.web.limits import Bucket, Clock, Limits, Rate
from shopbell.assistant.web.problems import problem
from shopbell.assistant.web.words import checked_key, checked_words
from shopbell.voice import kioskwire as k
from shopbell.voice.minding import Reason
from shopbell.voice.patience import LEAVE_AFTER_S
from shopbell.voice.session import Parts, VoiceSession
from shopbell.voice.socketmedia import SocketMedia
from shopbell.voice.speech import SAMPLE, Speech

CHANNEL = "kiosk"
KEPT: k.Kept = "transcript"
"""What of a visit is kept: its words in the shop's log. Sound is never written anywhere."""
SOUNDS = Rate(96, 40)
"""Frames of sound: 32 ms each are 31 a second; a line that stumbled may catch up three seconds."""

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[k.KioskFrame] = msgspec.json.Decoder(k.KioskFrame)


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What every visit is given."""

    conversations: Conversations
    speech: Speech
    parts: Callable[[SocketMedia, Callable[[msgspec.Struct], Awaitable[None]]], Parts]
    """Makes a session's parts for a media and a screen."""
    handed: Callable[[Opened, Callable[[], None]], k.Handed | None]
    """Makes the code for a phone; None when no address is set."""
    left: Callable[[str], None]
    """Told of a conversation whose line was lost."""
    over: Callable[[str], None]
    """Told of a conversation whose visit is over: nothing of it may stay."""
    found: Callable[[str], object]
    """Told of a conversation that came back."""


class Visit:
    """One socket that was accepted already."""

    def __init__(self, socket: Socket, house: House, limits: Limits, clock: Clock) -> None:
        self._house = house
        self._handset = Handset(
            socket, _decoder, _encode, _trouble, limits=limits, clock=clock, sound=self._sound
        )
        self._sounds = Bucket(SOUNDS, clock)
        self._says = Bucket(limits.says, clock)
        self._media: SocketMedia | None = None
        self._opened = Opened(conversation="", token="")

    async def run(self) -> None:
        """Serve the socket until either side ends it."""
        try:
            await self._serve()
        except* Gone:
            pass
        except* Closing as group:
            await self._handset.close(group)

    async def _serve(self) -> None:
        enter = await self._handset.first()
        if not isinstance(enter, k.Enter):
            raise Closing(POLICY, "the first frame must be enter")
        await self._welcome(enter)
        media = self._media = self._own_media()
        session = VoiceSession(self._house.parts(media, self._handset.send), self._opened.conversation)
        session.adapt(
            k.Habits(microphone=enter.microphone, speaker=enter.speaker, hands_free=enter.hands_free)
        )
        reason: Reason = "gone"
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(session), name="kiosk-reader")
                reason = await session.run(after=enter.after, greet=not enter.conversation)
                reading.cancel()
        finally:
            await media.hang_up()
            if reason == "gone":
                self._house.left(self._opened.conversation)
        await self._over(reason)

    def _own_media(self) -> SocketMedia:
        return SocketMedia(
            rate=self._house.speech.speech_rate,
            clock=asyncio.get_running_loop().time,
            tell=self._handset.send,
            send=self._handset.send_sound,
            hang_up=lambda: None,
        )

    async def _welcome(self, enter: k.Enter) -> None:
        service = self._house.conversations
        try:
            if enter.conversation:
                await service.resume(enter.conversation, enter.token)
                self._house.found(enter.conversation)
                self._opened = Opened(conversation=enter.conversation, token=enter.token)
            else:
                self._opened = await service.open(CHANNEL)
        except NoSuchConversation as error:
            await self._handset.send(wire.Trouble(code=error.code, text=str(error)))
            raise Closing(GONE, "no such conversation") from error
        first = service.greeting()
        await self._handset.send(
            k.Ready(rate=self._house.speech.speech_rate, kept=KEPT, idle_s=LEAVE_AFTER_S + 10)
        )
        await self._handset.send(
            wire.Welcome(
                conversation=self._opened.conversation,
                token="" if enter.conversation else self._opened.token,
                notice=first.notice,
                greeting=first.greeting,
                suggestions=first.suggestions,
                presence=first.presence,
            )
        )

    async def _over(self, reason: Reason) -> None:
        """End the conversation, unless it goes on on a phone, and let the page forget."""
        self._house.over(self._opened.conversation)
        if reason == "gone":
            raise Closing(BUSY, "please come back")
        if reason != "moved":
            with suppress(ConversationOver):  # staff was quicker
                await self._house.conversations.end(self._opened.conversation)
        await self._handset.send(k.Over(reason))
        raise Closing(NORMAL, "the visit is over")

    # --- what comes up -------------------------------------------------------------------------------------

    def _sound(self, sound: bytes) -> None:
        if self._media is None:
            raise Closing(POLICY, "sound came before enter")
        if not sound or len(sound) > k.MAX_SOUND_BYTES or len(sound) % SAMPLE:
            msg = f"a frame of sound has 2 to {k.MAX_SOUND_BYTES} bytes, two a sample; this had {len(sound)}"
            raise Closing(UNSUPPORTED, msg)
        if not self._sounds.take():
            raise Closing(POLICY, "sound came faster than it can be spoken")
        self._media.take(sound)

    async def _read(self, session: VoiceSession) -> None:
        while True:
            frame = await self._handset.next()
            if frame is None:
                continue
            try:
                await self._act(session, frame)
            except AssistantError as error:
                found, key = problem(error), getattr(frame, "key", "")
                await self._handset.send(wire.Trouble(code=found.code, text=found.text, key=key))

    async def _act(self, session: VoiceSession, frame: k.KioskFrame) -> None:
        match frame:
            case k.Heard() if self._media is not None:
                self._media.heard(frame)
            case k.Press():
                await session.press()
            case k.Release():
                await session.release()
            case k.Habits():
                session.adapt(frame)
            case k.Repeat():
                await session.repeat()
            case k.Touch():
                session.touched()
            case k.ToPhone():
                await self._hand_over(session)
            case k.Clear():
                session.leave("cleared")
            case wire.Interrupt():
                await session.cut()
            case wire.Say(text=text, key=key):
                self._pace()
                await session.typed(checked_words(text), checked_key(key))
            case wire.WantPerson(key=key):
                self._pace()
                await self._house.conversations.want_person(self._opened.conversation, checked_key(key))
            case _:
                raise BadRequest("A visit was begun already; open another socket for another one.")

    async def _hand_over(self, session: VoiceSession) -> None:
        handed = self._house.handed(self._opened, lambda: session.leave("moved"))
        if handed is None:
            raise BadRequest(
                "Going on on a phone is not set up here. The shop can set kiosk.address in shop.toml."
            )
        await self._handset.send(handed)

    def _pace(self) -> None:
        if not self._says.take():
            raise TooFast("That was a lot at once. Please wait a moment and send it again.")


def _trouble(code: str, text: str) -> wire.Trouble:
    return wire.Trouble(code=code, text=text)
