"""The staff's page as a telephone: shows who is on the line, and joins a caller with a member of staff."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec import Struct

from shopbell.assistant import staffwire, wire
from shopbell.assistant.errors import AssistantError, BadRequest, NoRight
from shopbell.assistant.staff.rights import may
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.handset import POLICY, Closing, Gone, Handset, Socket
from shopbell.assistant.web.problems import problem
from shopbell.assistant.web.staff.desk import StaffDesk
from shopbell.voice.phone import deskwire as d
from shopbell.voice.phone.talk import Talk
from shopbell.voice.speech import RATE

LOOK_S = 0.5
"""Seconds between two looks at the calls, and whether the session still holds."""
STAY_S = 30.0
"""Seconds between two notes that whoever talks is still there."""
BACKLOG = 25
"""Packets of the caller that may wait for a slow page: half a second. Older ones are dropped."""
LARGEST = 8_192
"""Bytes of the microphone in one frame: a quarter of a second."""
HEAD = bytes(4)
RIGHT = "floor"
GAVE_BACK, CALLER_GONE, TAKEN_BACK = (
    "The assistant answers again.",
    "The caller hung up, or the line broke.",
    "The call went back to the assistant, or to a colleague.",
)

_decoder: msgspec.json.Decoder[d.Up] = msgspec.json.Decoder(d.Up)
_encoder = msgspec.json.Encoder()


class Extension:
    """One page's socket, from the first frame to the last."""

    def __init__(
        self, socket: Socket, desk: Desk, staff: StaffDesk, talks: Callable[[], tuple[Talk, ...]]
    ) -> None:
        """Take an accepted socket; `talks` are the calls that are served now."""
        self._handset = Handset(
            socket, _decoder, _encode, _trouble, limits=desk.limits, clock=desk.clock, sound=self._speak
        )
        self._staff = staff
        self._talks = talks
        self._held: Talk | None = None
        self._had_floor = False
        self._down: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._shown: d.Rows | None = None

    async def run(self) -> None:
        """Serve until either side ends it; the caller is given back to the assistant then."""
        try:
            await self._serve()
        except* Gone:
            pass
        except* Closing as group:
            await self._handset.close(group)

    def relay(self, sound: bytes, _rate: int) -> None:
        """Take what the caller says, at the line's rate; never waits."""
        if self._down.full():
            self._down.get_nowait()
        self._down.put_nowait(sound)

    # --- inside --------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        member = await self._sign_in()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._look(member), name="calls-look")
                tasks.create_task(self._mind(member), name="calls-mind")
                tasks.create_task(self._sound(), name="calls-sound")
                tasks.create_task(self._read(member), name="calls-read")
        finally:
            await self._let_go(member)

    async def _sign_in(self) -> Member:
        frame = await self._handset.first()
        if not isinstance(frame, d.SignIn):
            raise Closing(POLICY, "the first frame must be sign_in")
        member = await self._staff.office.member(frame.token)
        if member is None:
            raise Closing(staffwire.SIGNED_OUT, "signed out")
        return member

    async def _look(self, member: Member) -> None:
        """Show who is on the line, whenever that is other than before; shut a session that is over."""
        while True:
            now = await self._staff.office.still(member)
            if now is None or now.role != member.role:
                raise Closing(staffwire.SIGNED_OUT, "signed out")
            rows = d.Rows(name=member.name, calls=self._rows() if may(member.role, RIGHT) else ())
            if rows != self._shown:
                self._shown = rows
                await self._handset.send(rows)
            await asyncio.sleep(LOOK_S)

    def _rows(self) -> tuple[d.Row, ...]:
        rows = [self._row(talk) for talk in self._talks()]
        return tuple(sorted(rows, key=lambda row: (not row.waits, row.since)))

    def _row(self, talk: Talk) -> d.Row:
        board = self._staff.hub.board
        card = board.card(talk.conversation)
        return d.Row(
            call=talk.conversation,
            caller=talk.caller,
            since=talk.since,
            last=card.last if card is not None else "",
            waits=talk.session.holder == "waiting",
            holder=board.state(talk.conversation).staff,
        )

    async def _mind(self, member: Member) -> None:
        """Notice that the call that is held is over, and that we are still there while it is not."""
        stayed = 0.0
        while True:
            await asyncio.sleep(LOOK_S)
            held = self._held
            if held is None:
                continue
            has_floor = held.session.holder == "staff"
            self._had_floor = self._had_floor or has_floor  # the session hears of it a moment later
            if not held.media.is_open or (self._had_floor and not has_floor):
                self._part(held)
                await self._handset.send(d.Over(text=TAKEN_BACK if held.media.is_open else CALLER_GONE))
                continue
            held.session.touched()
            stayed += LOOK_S
            if stayed >= STAY_S:
                stayed = 0.0
                with suppress(AssistantError):
                    await self._staff.counter.stay(held.conversation, member.name)

    async def _sound(self) -> None:
        while True:
            await self._handset.send_sound(HEAD + await self._down.get())

    def _speak(self, sound: bytes) -> None:
        if len(sound) > LARGEST:
            raise Closing(POLICY, "too much sound in one frame")
        if self._held is not None:
            self._held.media.relay(sound[: len(sound) // 2 * 2], RATE)

    async def _read(self, member: Member) -> None:
        while True:
            frame = await self._handset.next()
            if frame is None:
                continue
            await self._staff.office.seen(member)
            try:
                await self._do(frame, member)
            except AssistantError as error:
                found = problem(error)
                await self._handset.send(wire.Trouble(code=found.code, text=found.text))

    async def _do(self, frame: d.Up, member: Member) -> None:
        match frame:
            case d.Take(call=call):
                await self._take(call, member)
            case d.GiveBack() if self._held is not None:
                await self._let_go(member)
                await self._handset.send(d.Over(text=GAVE_BACK))
            case d.HangUp() if self._held is not None:
                held = self._held
                self._part(held)
                await self._staff.counter.finish(held.conversation, member.name, secrets.token_urlsafe(12))
                held.session.leave("ended")
                await self._handset.send(d.Over(text="You hung up."))
            case d.SignIn():
                raise BadRequest("This page is signed in already.")
            case _:
                raise BadRequest("You have no call now.")

    async def _take(self, call: str, member: Member) -> None:
        if not may(member.role, RIGHT):
            raise NoRight(f"As {member.role} you may not do this. Ask somebody who may.")
        talk = next((one for one in self._talks() if one.conversation == call), None)
        if talk is None:
            raise BadRequest("This call is over.")
        if self._held is not None or not _free(talk):
            raise BadRequest(
                "Somebody talks already: end that call first, or leave this one to your colleague."
            )
        version, key = self._staff.hub.board.state(call).hold.version, secrets.token_urlsafe(12)
        await self._staff.counter.take_over(call, member.name, version, key)
        if not _free(talk):  # any more
            raise BadRequest("This call is over.")
        self._held, self._had_floor = talk, False
        talk.session.deafen(deaf=True)
        talk.media.beyond = self
        await self._handset.send(d.Talking(call=call, caller=talk.caller, rate=talk.media.line_rate))

    def _part(self, held: Talk) -> None:
        """Let the assistant's ears have the line again."""
        self._held = None
        held.media.beyond = None
        held.session.deafen(deaf=False)

    async def _let_go(self, member: Member) -> None:
        held = self._held
        if held is not None:
            self._part(held)
            with suppress(AssistantError):  # it is over, or a colleague's
                key = secrets.token_urlsafe(12)
                await self._staff.counter.hand_back(held.conversation, member.name, key)


def _free(talk: Talk) -> bool:
    return talk.media.is_open and talk.media.beyond is None


def _encode(frame: Struct) -> bytes:
    return staffwire.visible_json(_encoder.encode(frame))


def _trouble(code: str, text: str) -> wire.Trouble:
    return wire.Trouble(code=code, text=text)
