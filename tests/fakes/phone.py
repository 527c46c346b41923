"""A telephone made of the same libraries: it calls, speaks, presses keys, and writes down what it hears."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from aiortp import RTPSession
from aiosipua import SipUAC, build_sdp
from aiosipua.incoming_call import IncomingCall
from aiosipua.outgoing_call import OutgoingCall
from msgspec.structs import replace

from shopbell.assistant.callbook import CallBook
from shopbell.assistant.conversations import Conversations
from shopbell.assistant.counter import Counter
from shopbell.assistant.settings import Settings
from shopbell.assistant.telephone import Telephone, Transport
from shopbell.loyalty.casebook import Casebook
from shopbell.storage.worker import Worker
from shopbell.voice.audio import first_audible
from shopbell.voice.ears import Ears
from shopbell.voice.phone.codecs import PCMU, Kind, make_codec
from shopbell.voice.phone.exchange import Exchange
from shopbell.voice.phone.leg import Leg, Wires
from shopbell.voice.phone.lines import PhoneLines
from shopbell.voice.phone.office import Office, open_office
from shopbell.voice.phone.ports import Ports
from shopbell.voice.phone.registrar import Standing
from shopbell.voice.phone.shop import Shop, SignIn
from shopbell.voice.phone.sip import SipSocket
from shopbell.voice.phone.source import Address
from shopbell.voice.phone.wishes import BackDesk
from shopbell.voice.speech import Speech
from tests.fakes.ladder import Script, ScriptedLadder, at_once
from tests.fakes.service import NOW, desk
from tests.fakes.speech import LoudnessActivity, tone
from tests.fakes.web import SETTINGS

HOST = "127.0.0.1"
LINE = Telephone(enabled=True, allow=(HOST,), port=0, rtp_ports=(21000, 21200), ask_rating=False)
TICK_S = 0.02


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other programs
            await asyncio.sleep(TICK_S)


class Shopfront:
    """A shop with a line, and everything a test may look into."""

    def __init__(
        self, office: Office, shop: Shop, counter: Counter, book: CallBook, ladder: ScriptedLadder
    ) -> None:
        self.office = office
        self.shop = shop
        self.counter = counter
        self.book = book
        self.ladder = ladder
        self.standings: list[Standing] = []

    async def said_all(self) -> None:
        """Wait until the shop has nothing to say in any call; a starved machine pauses in the middle."""

        def silent() -> bool:
            calls = self.office.switchboard._calls.values()
            return all(call is not None and call._session and not call._session.busy for call in calls)

        await until(silent, 60)

    @property
    def conversations(self) -> Conversations:
        return self.shop.conversations


@asynccontextmanager
async def open_shop(
    engine: sa.Engine,
    folder: Path,
    speech: Speech,
    *,
    line: Telephone = LINE,
    script: Script = at_once,
    sign_in: SignIn | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    settings: Settings = SETTINGS,
    behind: tuple[Conversations, Counter] | None = None,
) -> AsyncIterator[Shopfront]:
    """Open a shop's line on loopback meanwhile; `behind` is the service, where one stands already."""
    worker, ladder = Worker("phone-test"), ScriptedLadder(script)
    conversations, counter = behind or desk(engine, ladder, worker=worker, now=now)[:2]
    numbers = iter(range(10_000))
    standings: list[Standing] = []

    async def note(conversation: str, text: str) -> None:
        await counter.note(conversation, "Telephone", text, f"note-{next(numbers)}")

    back = BackDesk(Casebook(engine), worker, now)
    shop = Shop(
        conversations=conversations,
        speech=speech,
        ears=lambda: Ears(speech, LoudnessActivity(), worker),
        settings=line,
        lines=PhoneLines(replace(settings, phone=line)),
        domain=line.domain or "pbx.example",
        note=note,
        ask_back=back.ask,
        asked_back=back.asked,
        sign_in=lambda: sign_in,
        now=now,
        new_key=lambda: f"key-{next(numbers)}",
    )
    book = CallBook(engine)
    try:
        async with (
            nullcontext() if behind else conversations,
            open_office(shop, folder, book, worker, lambda: True, standings.append) as office,
        ):
            front = Shopfront(office, shop, counter, book, ladder)
            front.standings = standings
            yield front
    finally:
        await worker.close()


class Phone:
    """One telephone."""

    def __init__(self, exchange: Exchange, uac: SipUAC, socket: SipSocket) -> None:
        self.exchange = exchange
        self.socket = socket
        self.uac = uac
        self.call: OutgoingCall | None = None
        self.sound: RTPSession | None = None
        self.heard = bytearray()
        """All that came, int16 mono at the codec's rate."""
        self.kind = PCMU
        self.ended = asyncio.Event()
        """The other side hung up."""
        self.referred: list[str] = []
        exchange.on_bye = lambda _call, _request: self.ended.set()
        exchange.on_refer = self._refer
        self.refer: Callable[[IncomingCall], None] = lambda _call: None
        self._quiet: asyncio.Task[None] | None = None
        self._leg: Leg | None = None
        self.rung: list[IncomingCall] = []
        """Calls that came."""
        self.cancelled = asyncio.Event()
        exchange.on_cancel = lambda _request, _addr: self.cancelled.set()
        self._speaking = asyncio.Lock()

    async def dial(
        self,
        shop: Address,
        *,
        number: str = "01632960123",
        kind: Kind = PCMU,
        keys: int = 101,
        headers: Mapping[str, str] | None = None,
        waiting: int = 4,
    ) -> OutgoingCall:
        """Call, and wait until somebody answers; raises RuntimeError with the code when nobody does.

        With `keys` 0 no keys are offered, as lines do that have them as tones only. `waiting` packets are
        kept back until more came, as telephones do so that sound is even.
        """
        self.kind = kind
        payload = 107 if kind.payload is None else kind.payload
        self.sound = await RTPSession.create(
            (HOST, 0),
            (HOST, 9),
            payload,
            codec=make_codec(kind),
            clock_rate=kind.clock,
            rtcp_interval=1.0,
            jitter_prefetch=waiting,
        )
        assert self.sound._sender is not None
        self.sound._sender.timestamp_increment = kind.step
        offer = build_sdp(HOST, _port(self.sound), payload, kind.name, kind.clock, dtmf_payload_type=keys)
        assert offer.audio is not None
        offer.audio.attributes["rtpmap"][0] = f"{payload} {kind.announced}"
        self.sound.on_audio = lambda pcm, _stamp: self.heard.extend(pcm)
        self.call = self.uac.send_invite(
            f"sip:{number}@{HOST}",
            f"sip:shop@{HOST}",
            shop,
            offer,
            extra_headers={
                "Contact": f"<sip:{number}@{HOST}:{self.socket.local_addr[1]}>",
                **(headers or {}),
            },
        )
        try:
            await self.call.wait_answered(20.0)
        except RuntimeError:
            await self.sound.close()
            raise
        assert self.call.sdp_answer is not None
        there = self.call.sdp_answer.rtp_address
        assert there is not None
        self.sound.update_remote(there)
        self._quiet = asyncio.create_task(self._be_quiet())
        return self.call

    def takes_calls(self, *, code: int = 0) -> None:
        """Let it ring when somebody calls, or refuse with a code."""

        def rings(call: IncomingCall) -> None:
            self.rung.append(call)
            call.reject(code) if code else call.ringing()

        self.exchange.admit = lambda _invite: 0
        self.exchange.on_invite = rings

    async def pick_up(self) -> None:
        """Answer the call that rings, as soon as it does."""
        await until(lambda: bool(self.rung))
        wires = Wires(exchange=self.exchange, ports=Ports((23000, 23200)), auth=None, codecs=("G722", "PCMU"))
        self._leg = Leg(wires, self.rung[-1])
        self.sound = await self._leg.answer(lambda: None)
        self.kind = self._leg.agreed.kind
        self.sound.on_audio = lambda pcm, _stamp: self.heard.extend(pcm)
        self._quiet = asyncio.create_task(self._be_quiet())

    async def put_down(self) -> None:
        """End the call that was picked up."""
        assert self._leg is not None
        if self._quiet is not None:
            self._quiet.cancel()
        await self._leg.hang_up()

    async def speak(self, seconds: float) -> None:
        """Make a sound that counts as speech."""
        async with self._speaking:
            await self._send(tone(seconds, rate=self.kind.rate))

    async def play(self, sound: bytes) -> None:
        """Send this sound, int16 mono at the codec's rate."""
        async with self._speaking:
            await self._send(sound)

    async def press(self, keys: str, pause_s: float = 0.1) -> None:
        """Press keys, one after the other."""
        assert self.sound is not None
        for key in keys:
            assert self.sound._sender is not None
            self.sound.send_dtmf(key, 100, timestamp=self.sound._sender.current_timestamp)
            await asyncio.sleep(pause_s)

    async def hears_something(self, seconds: float = 30.0) -> None:
        """Wait until the other side sounds after a silence."""
        start = len(self.heard)
        await until(lambda: first_audible(bytes(self.heard[start:])) is not None, seconds)

    async def hears_silence(self, seconds: float = 0.6, limit: float = 40.0) -> None:
        """Wait until the other side was silent for so long."""
        size = 2 * round(seconds * self.kind.rate)
        await until(
            lambda: len(self.heard) >= size and first_audible(bytes(self.heard[-size:])) is None, limit
        )

    def hang_up(self) -> None:
        """Say BYE."""
        assert self.call is not None
        self.call.hangup(self.uac)

    async def close(self) -> None:
        """Put everything away."""
        if self._quiet is not None:
            self._quiet.cancel()
        if self.sound is not None:
            await self.sound.close()
        await self.exchange.stop()

    @property
    def _tick(self) -> int:
        return 2 * round(self.kind.rate * TICK_S)

    async def _be_quiet(self) -> None:
        while True:
            async with self._speaking:
                await self._send(bytes(self._tick))

    async def _send(self, sound: bytes) -> None:
        assert self.sound is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, at in enumerate(range(0, len(sound), self._tick), 1):
            self.sound.send_audio_pcm_auto(sound[at : at + self._tick].ljust(self._tick, b"\0"))
            await asyncio.sleep(max(0.0, began + number * TICK_S - loop.time()))

    def _refer(self, call: IncomingCall, target: str) -> None:
        self.referred.append(target)
        assert self.call is not None
        call.dialog = self.call.dialog  # the library's copy would count its requests anew
        self.refer(call)


@asynccontextmanager
async def a_phone(transport: Transport = "udp") -> AsyncIterator[Phone]:
    """Lend a telephone."""
    socket = SipSocket((HOST, 0), lambda _host: True, transport)
    exchange = Exchange(socket, user_agent="a telephone", session_expires=1_800)
    await exchange.start()
    exchange.tell_as("")
    phone = Phone(exchange, exchange.client, socket)
    try:
        yield phone
    finally:
        await phone.close()


def _port(sound: RTPSession) -> int:
    wire = sound._rtp_transport
    assert wire is not None
    assert wire._transport is not None
    return int(wire._transport.get_extra_info("sockname")[1])
