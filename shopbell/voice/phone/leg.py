"""A leg: the SIP and RTP of one answered call. Hold, transfer and goodbye; no word of what is said."""

import asyncio
import ipaddress
from collections.abc import Callable

import structlog
from aiortp.clock import MediaClock
from aiosipua import IncomingCall, SdpMessage, SipRequest, negotiate_sdp
from aiosipua.auth import SipDigestAuth, answer_challenge

from shopbell.voice.phone.ports import Ports
from shopbell.voice.phone.sip import Exchange
from shopbell.voice.phone.sound import SoundSession
from shopbell.voice.phone.source import Address, Source

CODECS = {0: "PCMU", 8: "PCMA"}
"""Payload types of G.711, which every telephone speaks."""
DTMF = 101
PREFETCH = 2
"""Frames that wait for one that was overtaken: 40 ms. Ears need no even pace: nothing is dropped for it."""
TICK_S = 0.02
NOWHERE = "0.0.0.0"  # noqa: S104 - an old way to say "on hold"; nothing is bound to it
_CHALLENGES = (401, 407)
_ACCEPTED = range(200, 300)

log = structlog.get_logger()


class Leg:
    """One call's line. `answer` opens it, `hang_up` closes it."""

    def __init__(
        self, exchange: Exchange, call: IncomingCall, ports: Ports, auth: SipDigestAuth | None
    ) -> None:
        self._exchange = exchange
        self._call = call
        self._ports = ports
        self._auth = auth
        self._port = 0
        self._payload = 0
        self._dtmf = DTMF
        self._clock: MediaClock | None = None
        self._transferred: asyncio.Future[int] | None = None
        self.sound: SoundSession | None = None
        self.parked: Callable[[bool], None] = lambda _parked: None
        """Told when the other side puts the line on hold, and takes it back."""

    @property
    def codec(self) -> str:
        """Name of what codes the sound."""
        return CODECS[self._payload]

    async def answer(self, tick: Callable[[], None]) -> SoundSession:
        """Answer the call and open its sound; `tick` is called every 20 ms from then on.

        Raises OSError or RuntimeError when no port is free, ValueError when there is no common codec.
        """
        offer = self._offer()
        self._payload = _payload(offer)
        self._dtmf = _dtmf(offer)
        self._port = self._ports.lend(self._exchange.transport.local_addr[0])
        agreed = self._agreed(offer)
        sound = await SoundSession.create(
            local_addr=(self._exchange.transport.local_addr[0], self._port),
            remote_addr=agreed,
            payload_type=self._payload,
            dtmf_payload_type=self._dtmf,
            cname="shopbell",
            jitter_prefetch=PREFETCH,
            skip_audio_gaps=True,
        )
        if not isinstance(sound, SoundSession):
            raise TypeError("the library made another kind of session")
        self.sound = sound
        sound.listen_to(Source(agreed, self._call.source_addr[0]))
        self._call.accept(self._described(offer))
        self._clock = MediaClock(TICK_S, tick)
        self._clock.start()
        return sound

    def changed(self) -> None:
        """Answer a re-INVITE: hold, resume, or another address for the sound."""
        offer = self._offer()
        agreed = self._agreed(offer)
        if self.sound is not None and self.sound.source is not None:
            self.sound.source.agree(agreed, self._call.source_addr[0])
            self.sound.update_remote(agreed)
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
            self._ports.give_back(self._port)
            self._port = 0
        if self._exchange.get_call(self._call.call_id) is not None:
            await self._request("BYE", {})
            self._call.dialog.terminate()
            self._exchange.forget(self._call.call_id)

    # --- inside --------------------------------------------------------------------------------------------

    async def _request(self, method: str, headers: dict[str, str]) -> int:
        """Send a request within the call; return the code of its answer, 0 for none."""
        request = self._build(method, headers)
        response = await self._exchange.ask(request, self._call.source_addr)
        if response is not None and response.status_code in _CHALLENGES and self._auth is not None:
            proof = answer_challenge(self._auth, response, response.status_code, method, request.uri)
            if proof is not None:
                again = self._build(method, {**headers, proof[0]: proof[1]})
                response = await self._exchange.ask(again, self._call.source_addr)
        return response.status_code if response is not None else 0

    def _build(self, method: str, headers: dict[str, str]) -> SipRequest:
        host, port = self._exchange.advertised_addr or self._exchange.transport.local_addr
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
        host, _ = self._exchange.advertised_addr or self._exchange.transport.local_addr
        answer, _ = negotiate_sdp(offer, host, self._port, [self._payload], self._dtmf)
        return answer

    def _agreed(self, offer: SdpMessage) -> Address:
        named = offer.rtp_address
        if named is None or not _is_address(named[0]):
            return self._call.source_addr[0], named[1] if named else 0
        return named


def _payload(offer: SdpMessage) -> int:
    audio = offer.audio
    offered = [codec.payload_type for codec in audio.codecs] if audio is not None else []
    found = next((one for one in offered if one in CODECS), None)
    if found is None:
        raise ValueError("no common codec")
    return found


def _dtmf(offer: SdpMessage) -> int:
    """Return the payload type that the other side has for keys: some send under no other."""
    audio = offer.audio
    codecs = audio.codecs if audio is not None else ()
    keys = (one.payload_type for one in codecs if one.encoding_name.lower() == "telephone-event")
    return next(keys, DTMF)


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 4 and host != NOWHERE  # noqa: PLR2004 - IPv4
    except ValueError:
        return False
