"""The socket of one console: cards of everything, streams of what is watched, commands."""

import asyncio
from contextlib import aclosing

import msgspec
from litestar import websocket
from litestar.connection import WebSocket
from litestar.datastructures import State
from litestar.di import NamedDependency
from sqlalchemy.exc import OperationalError

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.staff.rights import RIGHTS
from shopbell.assistant.staff.sessions import Member
from shopbell.assistant.web.desk import Desk
from shopbell.assistant.web.handset import BUSY, POLICY, Closing, Gone, Handset
from shopbell.assistant.web.problems import problem
from shopbell.assistant.web.staff.commands import Commands
from shopbell.assistant.web.staff.desk import StaffDesk

CHECK_S = 0.5
"""Seconds between two looks whether the session still holds: a revoked one is shut within a second."""
WATCHED = 20
"""Conversations one console may watch at once."""
SIGNED_OUT = "Your session is over. Sign in again."

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[w.StaffFrame] = msgspec.json.Decoder(w.StaffFrame)


def encode(frame: msgspec.Struct) -> bytes:
    """Return a frame as it goes to a console: whatever was written in it, nothing moves a terminal."""
    return w.visible_json(_encoder.encode(frame))


class Console:
    """One console's socket, from the first frame to the last."""

    def __init__(self, socket: WebSocket[None, None, State], desk: Desk, staff: StaffDesk) -> None:
        """Take an accepted socket."""
        self._handset = Handset(socket, _decoder, encode, _trouble, limits=desk.limits, clock=desk.clock)
        self._staff = staff
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._drafting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until either side ends it."""
        try:
            await self._serve()
        except* Gone:
            pass
        except* Closing as group:
            await self._handset.close(group)

    async def _serve(self) -> None:
        member = await self._sign_in()
        commands = Commands(self._staff, member)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._tell(member), name="console-cards"),
                tasks.create_task(self._mind(member), name="console-session"),
            ]
            try:
                await self._read(commands, member, tasks)
            finally:
                for task in (*running, *self._watching.values(), self._drafting):
                    if task is not None:
                        task.cancel()

    async def _sign_in(self) -> Member:
        frame = await self._handset.first()
        if not isinstance(frame, w.SignIn):
            raise Closing(POLICY, "the first frame must be sign_in")
        member = await self._staff.office.member(frame.token)
        if member is None:
            await self._sign_out()
            raise Closing(w.SIGNED_OUT, "signed out")
        settings = self._staff.settings
        await self._staff.write(member, "list-viewed")
        await self._handset.send(
            w.SignedIn(
                name=member.name,
                role=member.role,
                rights=RIGHTS[member.role],
                shop=settings.shop.name,
                assistant=settings.assistant.name,
                canned=tuple(w.Canned(name=c.name, text=c.text) for c in settings.console.canned),
                presence=self._staff.lines.presence(self._staff.now()),
                ends_at=member.ends_at,
            )
        )
        return member

    async def _tell(self, member: Member) -> None:
        with self._staff.hub.listening(member.name) as feed:
            await self._staff.recount()
            async with aclosing(self._staff.hub.frames(feed)) as frames:
                async for frame in frames:
                    await self._handset.send(frame)

    async def _mind(self, member: Member) -> None:
        """Close the socket as soon as the session is over, or the role is another."""
        while True:
            await asyncio.sleep(CHECK_S)
            now = await self._staff.office.still(member)
            if now is None or now.role != member.role:
                await self._sign_out()
                raise Closing(w.SIGNED_OUT, "signed out")

    async def _sign_out(self) -> None:
        await self._handset.send(w.SignedOut(text=SIGNED_OUT))

    async def _read(self, commands: Commands, member: Member, tasks: asyncio.TaskGroup) -> None:
        while True:
            frame = await self._handset.next()
            if frame is None:
                continue
            await self._staff.office.seen(member)
            if isinstance(frame, w.Watch):
                await self._watch(frame, commands, tasks)
            elif isinstance(frame, w.Unwatch):
                self._unwatch(frame.conversation)
            elif isinstance(frame, w.Suggest):
                if self._drafting is None or self._drafting.done():  # the model may take its time
                    self._drafting = tasks.create_task(self._run(commands, frame), name="console-draft")
            elif not isinstance(frame, w.Ping):
                await self._run(commands, frame)

    async def _run(self, commands: Commands, frame: w.StaffFrame) -> None:
        key = getattr(frame, "key", "")
        try:
            await self._handset.send(w.Done(key=key, seq=await commands.run(frame)))
        except (AssistantError, OperationalError) as error:
            found = problem(error)
            await self._handset.send(wire.Trouble(code=found.code, text=found.text, key=key))

    async def _watch(self, frame: w.Watch, commands: Commands, tasks: asyncio.TaskGroup) -> None:
        self._unwatch(frame.conversation)
        if len(self._watching) >= WATCHED:
            raise Closing(POLICY, "too many conversations are watched")
        try:
            await commands.look(frame.conversation)
        except AssistantError as error:
            await self._handset.send(wire.Trouble(code=error.code, text=str(error)))
            return
        stream = self._stream(frame.conversation, frame.after)
        self._watching[frame.conversation] = tasks.create_task(stream, name="console-stream")

    def _unwatch(self, conversation: str) -> None:
        before = self._watching.pop(conversation, None)
        if before is not None:
            before.cancel()

    async def _stream(self, conversation: str, after: int) -> None:
        async def tell(frame: w.Shown) -> None:
            await self._handset.send(w.Told(conversation=conversation, frame=frame))

        try:
            async with aclosing(self._staff.counter.follow(conversation, after)) as frames:
                async for frame in frames:
                    await tell(frame)
            await tell(wire.Trouble(code="lagged", text="This console fell behind. Watch again."))
        except AssistantError as error:
            await tell(wire.Trouble(code=error.code, text=str(error)))


def _trouble(code: str, text: str) -> wire.Trouble:
    return wire.Trouble(code=code, text=text)


@websocket("/feed", opt={"right": "first-frame"})
async def feed(
    socket: WebSocket[None, None, State], desk: NamedDependency[Desk], staff_desk: NamedDependency[StaffDesk]
) -> None:
    """Serve one console; the outer guard has looked at its origin, or at its token, already."""
    here = socket.client.host if socket.client else ""
    await socket.accept()
    if not staff_desk.seats.sit(here):
        await socket.close(code=BUSY, reason="too many consoles are open")
        return
    try:
        await Console(socket, desk, staff_desk).run()
    finally:
        staff_desk.seats.leave(here)
