"""A leg: the SIP and RTP of one answered call. Hold, transfer and goodbye; no word of what is said."""

import asyncio
import ipaddress
from collections.abc import Callable

import structlog
from aiortp.clock import MediaClock
from aiosipua import IncomingCall, SdpMessage, SipRequest
from aiosipua.auth import SipDigestAuth, answer_challenge
from msgspec import Struct

from shopbell.assistant.telephone import CodecName
from shopbell.voice.phone.codecs import TICK_S, Agreed, agree, described
from shopbell.voice.phone.exchange import NO_CODEC, Exchange
from shopbell.voice.phone.ports import Ports
from shopbell.voice.phone.sound import SoundSession
from shopbell.voice.phone.source import Address, Source

NOWHERE = "0.0.0.0"  # noqa: S104 - an old way to say "on hold"; nothing is bound to it
CHALLENGES = (401, 407)
"""Codes of who asks for the password."""
_ACCEPTED = range(200, 300)

log = structlog.get_logger()


class Wires(Struct, frozen=True, kw_only=True):
    """What every leg of the shop's line is made with."""

    exchange: Exchange
    ports: Ports
    auth: SipDigestAuth | None
    codecs: tuple[CodecName, ...]


class Leg:
    """One call's line. `answer` opens it, `hang_up` closes it."""

    def __init__(self, wires: Wires, call: IncomingCall) -> None:
        self.wires = wires
        self._exchange = wires.exchange
        self._call = call
        self._port = 0
        self._agreed_on: Agreed | None = None
        self._clock: MediaClock | None = None
        self._transferred: asyncio.Future[int] | None = None
        self.sound: SoundSession | None = None
        self.gone = asyncio.Event()
        """The other side hung up."""
        self.parked: Callable[[bool], None] = lambda _parked: None
        """Told when the other side puts the line on hold, and takes it back."""

    @property
    def codec(self) -> str:
        """Name of what codes the sound."""
        return self.agreed.kind.name

    @property
    def agreed(self) -> Agreed:
        """How sound and keys are coded; only once the call was answered."""
        if self._agreed_on is None:
            raise ValueError("nothing was agreed on yet")
        return self._agreed_on

    async def answer(self, tick: Callable[[], None]) -> SoundSession:
        """Answer the call and open its sound; `tick` is called every 20 ms from then on.

        Raises OSError or RuntimeError when no port is free, ValueError when there is no common codec.
        """
        offer = self._offer()
        await self._open(offer, tick)
        self._call.accept(self._described(offer))
        return self.sounding

    @property
    def sounding(self) -> SoundSession:
        """The sound of the call; only once it is open."""
        if self.sound is None:
            raise ValueError("no sound was opened yet")
        return self.sound

    @property
    def source(self) -> Address:
        """Where the other side's SIP comes from."""
        return self._call.source_addr

    @property
    def takes_replaces(self) -> bool:
        """Whether the other side can take another call's place (RFC 3891)."""
        supported = ",".join(self._call.invite.headers.get("supported"))
        return "replaces" in {one.strip().lower() for one in supported.split(",")}

    def dropped(self) -> None:
        """Note that the other side hung up."""
        self.gone.set()

    def changed(self) -> None:
        """Answer a re-INVITE: hold, resume, or another address for the sound."""
        offer, there = self._offer(), self._named(self._offer())
        try:
            agree(offer, (self.agreed.kind.name,))
        except ValueError:  # the call goes on as it was
            self._exchange.refuse(self._call.invite, NO_CODEC)
            return
        if self.sound is not None and self.sound.source is not None:
            self.sound.source.agree(there, self._call.source_addr[0])
            self.sound.update_remote(there)
        self._call.accept(self._described(offer))
        audio, named = offer.audio, offer.rtp_address
        away = audio is not None and audio.direction in {"sendonly", "inactive"}
        self.parked(away or (named is not None and named[0] == NOWHERE))

    async def transfer(self, target: str, ring_s: float) -> bool:
        """Ask the other side to put the caller through to `target`; say whether somebody answered there."""
        self._transferred = asyncio.get_running_loop().create_future()
        try:
            answer = await self._request("REFER", {"Refer-To": f"<{target}>", "Referred-By": self._own()})
            if answer not in _ACCEPTED:
                log.warning("phone.transfer_refused", code=answer)
                return False
            async with asyncio.timeout(ring_s):
                return await self._transferred in _ACCEPTED
        except TimeoutError:
            return False
        finally:
            self._transferred = None

    def progress(self, status: int) -> None:
        """Take note of how a transfer goes on."""
        final = status >= _ACCEPTED.start
        if final and self._transferred is not None and not self._transferred.done():
            self._transferred.set_result(status)

    async def hang_up(self) -> None:
        """Say BYE unless the other side did, and give everything back."""
        if self._clock is not None:
            await self._clock.stop()
        sound = self.sound
        if sound is not None:
            await sound.close()
        if self._port:
            self.wires.ports.give_back(self._port)
            self._port = 0
        if self._exchange.get_call(self._call.call_id) is not None:
            await self._request("BYE", {})
            self._call.dialog.terminate()
        self._exchange.forget(self._call.call_id)

    # --- inside --------------------------------------------------------------------------------------------

    async def _open(self, theirs: SdpMessage, tick: Callable[[], None]) -> None:
        """Open the sound that the other side described."""
        agreed = self._agreed_on = agree(theirs, self.wires.codecs)
        there = self._named(theirs)
        here = (self._exchange.transport.local_addr[0], self._lend())
        self.sound = sound = await SoundSession.open(here, there, agreed)
        sound.listen_to(Source(there, self._call.source_addr[0]))
        self._clock = MediaClock(TICK_S, tick)
        self._clock.start()

    def _lend(self) -> int:
        """Return the port of the sound; raises OSError when none is free."""
        if not self._port:
            self._port = self.wires.ports.lend(self._exchange.transport.local_addr[0])
        return self._port

    async def _request(self, method: str, headers: dict[str, str]) -> int:
        """Send a request within the call; return the code of its answer, 0 for none."""
        request = self._build(method, headers)
        response = await self._exchange.ask(request, self._call.source_addr)
        if response is not None and response.status_code in CHALLENGES and self.wires.auth is not None:
            proof = answer_challenge(self.wires.auth, response, response.status_code, method, request.uri)
            if proof is not None:
                again = self._build(method, {**headers, proof[0]: proof[1]})
                response = await self._exchange.ask(again, self._call.source_addr)
        return response.status_code if response is not None else 0

    def _build(self, method: str, headers: dict[str, str]) -> SipRequest:
        host, port = self._exchange.named
        request = self._call.dialog.create_request(method, via_host=host, via_port=port)
        request.headers.set_single("Contact", f"<sip:{host}:{port}>")
        for name, value in headers.items():
            request.headers.set_single(name, value)
        return request

    def _own(self) -> str:
        return f"<{self._call.dialog.local_uri}>"

    def _offer(self) -> SdpMessage:
        if self._call.sdp_offer is None:
            raise ValueError("a call without a description of its sound")
        return self._call.sdp_offer

    def _described(self, offer: SdpMessage) -> SdpMessage:
        return described(offer, self.agreed, self._exchange.named[0], self._port)

    def _named(self, offer: SdpMessage) -> Address:
        """Return where the other side wants the sound."""
        named = offer.rtp_address
        if named is None or not _is_address(named[0]):
            return self._call.source_addr[0], named[1] if named else 0
        return named


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4 and host != NOWHERE  # noqa: PLR2004 - IPv4
    except ValueError:
        return False
