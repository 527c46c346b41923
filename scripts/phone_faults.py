"""One thing fails in a call with the real engines: how long a caller hears nothing, and how the call ends."""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shopbell.assistant import events as e
from shopbell.assistant.bootstrap import Here, House, open_house
from shopbell.assistant.callbook import CallBook
from shopbell.assistant.store import EventLog
from shopbell.assistant.telephone import Telephone
from shopbell.storage.database import open_database
from shopbell.voice import phrases
from shopbell.voice.audio import first_audible, floats
from shopbell.voice.parlour import Parlour, Place, open_parlour
from shopbell.voice.phone import lines
from shopbell.voice.phone.office import Office
from shopbell.voice.phone.opening import open_telephone
from shopbell.voice.phone.session import PhoneSession
from shopbell.voice.rendered import Rendered
from shopbell.voice.resampling import resampled
from tests.fakes.phone import Phone, a_phone, until

LINE = Telephone(enabled=True, allow=("127.0.0.1",), port=0, ask_rating=False)
NOTED, ASKED, BYE = (
    "Where can I park?",
    "Which coffee is good for a cafetiere?",
    "Thank you, goodbye.",
)
"""Questions that the shop's own words answer, and that the model does; and the end."""
AUDIBLE = 0.005
SLOW_S, HUNG_S, STALL_S = 6.0, 60.0, 3.0
RESTARTED_S = 90.0
MUTE_S = 30.0
"""Seconds for which a voice that does not come back is ended again and again."""


class Fault(Struct, frozen=True):
    """One call in which something failed. Seconds are of the caller's clock."""

    name: str
    longest_silence_s: float
    """While the caller waited for the shop, the end of speech being noticed included."""
    ended: str
    rungs: tuple[str, ...]
    """What answered."""
    said: str
    """What the house said of itself."""


class Ear:
    """What the caller hears, and when."""

    def __init__(self, phone: Phone) -> None:
        if phone.sound is None:
            raise SystemExit("the call was not answered")
        self._now = asyncio.get_running_loop().time
        self._audible: list[float] = []
        self._phone = phone
        phone.sound.on_audio = self._heard

    def longest(self, since: float) -> float:
        """Return the longest time until now in which nothing was heard."""
        times = [since, *(at for at in self._audible if at > since), self._now()]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    def _heard(self, pcm: bytes, _stamp: int) -> None:
        self._phone.heard.extend(pcm)
        if first_audible(pcm, over=AUDIBLE) is not None:
            self._audible.append(self._now())


class Call:
    """One call that is up, and all that may fail in it."""

    def __init__(self, place: "Shopfloor", phone: Phone) -> None:
        self._place = place
        self.phone = phone
        self.ear = Ear(phone)
        self.house, self.parlour = place.house, place.parlour
        (self._call,) = place.office.switchboard._calls.values()  # noqa: SLF001 - it is looked into as it fails
        self.since = 0.0
        """When the caller last fell silent."""

    @property
    def session(self) -> PhoneSession:
        """The session; it outlives the call."""
        session = self._call._session if self._call else None  # noqa: SLF001
        if session is None:
            raise SystemExit("the call is over")
        return session

    @property
    def said(self) -> str:
        """Everything that was to be said since the caller last fell silent or was cut off."""
        return " ".join(piece.order.text for piece in self.session._mouth._pieces)  # noqa: SLF001

    async def speak(self, text: str) -> None:
        """Say something, to its last audible sample."""
        sound = self._place.sounds[text]
        loud = np.flatnonzero(np.abs(floats(sound)) > 0.01)  # noqa: PLR2004 - -40 dB
        await self.phone.play(sound[: 2 * (int(loud[-1]) + 1)])
        self.since = asyncio.get_running_loop().time()

    async def answering(self) -> None:
        """Wait until a reply sounds."""
        await until(lambda: any(piece.order.reply for piece in self.session._mouth._pieces), 60)  # noqa: SLF001
        await self.phone.hears_something(60)

    async def answered(self, more: Callable[[], bool] = lambda: True) -> float:
        """Wait until a reply was said to its end; return the longest silence since the caller's last word."""
        await until(lambda: not self._waited_for() and more(), 120)
        longest = self.ear.longest(self.since)
        await self.phone.hears_silence(0.6, 60)
        return longest

    def _waited_for(self) -> bool:
        session = self.session
        replied = any(piece.order.reply for piece in session._mouth._pieces)  # noqa: SLF001
        return session.busy or not replied or session._minding.waiting  # noqa: SLF001

    async def paused(self, pid: int, seconds: float) -> None:
        """Let a process stand still."""
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            with suppress(ProcessLookupError):  # its supervisor had enough
                os.kill(pid, signal.SIGCONT)


Scene = Callable[[Call], Awaitable[float]]


class Shopfloor(Struct, frozen=True):
    """Everything that stands while calls come."""

    house: House
    parlour: Parlour
    office: Office
    engine: sa.Engine
    sounds: dict[str, bytes]


async def voice_killed(call: Call) -> float:
    """Kill the voice in the middle of an answer."""
    await call.speak(NOTED)
    await call.answering()
    os.kill(_voice(call), signal.SIGKILL)
    return await call.answered(lambda: lines.BACK in call.said)


async def voice_slow(call: Call) -> float:
    """Let the voice stand still as an answer is to be said."""
    stopped = asyncio.create_task(call.paused(_voice(call), SLOW_S))
    await call.speak(NOTED)
    longest = await call.answered()
    await stopped
    return longest


async def voice_hung(call: Call) -> float:
    """Let the voice stand still until its supervisor has enough."""
    stopped = asyncio.create_task(call.paused(_voice(call), HUNG_S))
    await call.speak(NOTED)
    longest = await call.answered(lambda: lines.BACK in call.said)
    await stopped
    return longest


async def ears_killed(call: Call) -> float:
    """Kill the ears while the caller speaks; ask again once they are back."""
    speaking = asyncio.create_task(call.speak(NOTED))
    await asyncio.sleep(0.5)
    os.kill(_ears(call), signal.SIGKILL)
    await speaking
    await until(lambda: phrases.ON_PHONE.deaf.split(",")[0] in call.said and not call.session.busy, 60)
    told = call.ear.longest(call.since)
    resident = call.parlour.resident
    await until(
        lambda: bool(resident.hearing_state and resident.hearing_state.status == "ready"), RESTARTED_S
    )
    await call.speak(NOTED)
    return max(told, await call.answered())


async def ears_slow(call: Call) -> float:
    """Let the ears stand still while a turn is to be understood."""
    stopped = asyncio.create_task(call.paused(_ears(call), SLOW_S))
    await call.speak(NOTED)
    longest = await call.answered()
    await stopped
    return longest


async def model_killed(call: Call) -> float:
    """Kill the model while it answers."""
    await call.speak(ASKED)
    await until(lambda: call.house.model.busy, 30)
    os.kill(call.house.model.worker.state.pid, signal.SIGKILL)
    return await call.answered()


async def model_slow(call: Call) -> float:
    """Let the model stand still while it is to answer."""
    stopped = asyncio.create_task(call.paused(call.house.model.worker.state.pid, 2 * SLOW_S))
    await call.speak(ASKED)
    longest = await call.answered()
    await stopped
    return longest


async def network_stalled(call: Call) -> float:
    """Hold back every packet of both sides while the caller speaks; then all come at once."""
    speaking = asyncio.create_task(call.speak(NOTED))
    await asyncio.sleep(0.7)
    held = [_socket(call.phone.sound), _socket(call._call._leg.sound if call._call else None)]  # noqa: SLF001
    for transport in held:
        transport.pause_reading()
    await asyncio.sleep(STALL_S)
    for transport in held:
        transport.resume_reading()
    call.since = asyncio.get_running_loop().time()
    await speaking
    call.since = max(call.since, asyncio.get_running_loop().time() - 1.0)
    return await call.answered()


async def voice_gone(call: Call) -> float:
    """Kill the voice whenever it comes back: the call ends with an apology."""
    await call.speak(NOTED)
    await call.answering()
    over = asyncio.get_running_loop().time() + MUTE_S
    while not call.phone.ended.is_set() and asyncio.get_running_loop().time() < over:
        if pid := _voice(call):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.05)
    await asyncio.wait_for(call.phone.ended.wait(), 30)
    return call.ear.longest(call.since)


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        network_stalled,
        model_slow,
        model_killed,
        ears_slow,
        ears_killed,
        voice_slow,
        voice_killed,
        voice_hung,
        voice_gone,
    )
}


async def measure(shop: Path, data: Path, chosen: list[str]) -> list[Fault]:
    """Let one thing after another fail, each in a call of its own."""
    async with _open(Here(data), shop) as floor:
        return [await _tried(floor, name) for name in chosen or SCENES]


async def _tried(floor: Shopfloor, name: str) -> Fault:
    """Make one call; what did not come in time counts as endless silence."""
    longest, said = float("inf"), ""
    async with a_phone() as phone:
        await phone.dial(floor.office.address)
        await phone.hears_something(60)
        await phone.hears_silence(1.0, 60)
        call = Call(floor, phone)
        try:
            longest = await SCENES[name](call)
            said = call.said
            if not phone.ended.is_set():
                await call.speak(BYE)
                await asyncio.wait_for(phone.ended.wait(), 60)
        except TimeoutError:
            said = call.said
            phone.hang_up()
        await until(lambda: floor.office.switchboard.calm, 60)
    await floor.parlour.settled(RESTARTED_S)
    await floor.house.model_settled(RESTARTED_S)
    row = CallBook(floor.engine).latest()[0]
    found = Fault(name, round(longest, 2), row.ended, _rungs(floor.engine, row.conversation), said)
    print(found, file=sys.stderr, flush=True)
    return found


def _rungs(engine: sa.Engine, conversation: str) -> tuple[str, ...]:
    entries = EventLog(engine).read(conversation)
    return tuple(entry.event.rung for entry in entries if isinstance(entry.event, e.Replied))


@asynccontextmanager
async def _open(here: Here, shop: Path) -> AsyncIterator[Shopfloor]:
    async with open_house(here, shop, watch=False) as house:
        place = Place(
            data=here.data_dir,
            folder=here.shop_dir(shop),
            conversations=house.conversations,
            settings=replace(house.settings, phone=LINE),
            library=house.library,
            staff=house.staff,
        )
        async with open_parlour(place, render=False) as parlour, open_telephone(place, parlour) as office:
            await parlour.settled(180.0)
            await house.model_settled(180.0)
            if isinstance(parlour.speech, Rendered):
                await parlour.speech.prepare([*phrases.fixed(), *lines.fixed()])
            sounds = {text: await _spoken(parlour, text) for text in (NOTED, ASKED, BYE)}
            engine = open_database(here.shop_dir(shop) / "shop.db")
            yield Shopfloor(house, parlour, office, engine, sounds)
            engine.dispose()


async def _spoken(parlour: Parlour, text: str) -> bytes:
    sound = b"".join([part async for part in parlour.speech.say(text)])
    return resampled(sound, parlour.speech.speech_rate, 8_000)


def _voice(call: Call) -> int:
    state = call.parlour.resident.speaking_state
    return state.pid if state else 0


def _ears(call: Call) -> int:
    state = call.parlour.resident.hearing_state
    return state.pid if state else 0


def _socket(sound: object) -> asyncio.ReadTransport:
    transport = sound._rtp_transport._transport  # type: ignore[attr-defined]  # noqa: SLF001 - only it can be paused
    if not hasattr(transport, "pause_reading"):
        raise SystemExit("this system's sockets cannot be paused")
    return transport  # type: ignore[no-any-return]
