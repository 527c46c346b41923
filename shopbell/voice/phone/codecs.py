"""Codecs: how sound is coded on the line, and which of them two sides agree on. Pure but for `make_codec`."""

from collections.abc import Sequence

from aiortp.codecs import Codec, PcmaCodec, PcmuCodec
from aiosipua import SdpMessage, build_sdp, negotiate_sdp
from aiosipua.sdp import Codec as Offered
from msgspec import Struct

from shopbell.assistant.telephone import CodecName
from shopbell.voice.phone import wideband

TICK_S = 0.02
"""Seconds of sound in a packet of ours."""
OUR_OPUS, OUR_KEYS = 107, 101
"""Payload types in calls of ours."""
_KEYS = "telephone-event"


class Kind(Struct, frozen=True, kw_only=True):
    """A way to code sound."""

    name: CodecName
    rate: int
    """Hz of the sound."""
    clock: int
    """Hz in which its packets are stamped: G.722 is stamped as if it had half its rate (RFC 3551, 4.5.2)."""
    payload: int | None = None
    """Its fixed payload type; None where each call has its own."""
    channels: int = 1
    """As it is announced: Opus always says two, and sends one (RFC 7587, section 7)."""

    @property
    def step(self) -> int:
        """How much the stamp grows from packet to packet."""
        return round(self.clock * TICK_S)

    @property
    def announced(self) -> str:
        """Its line in a description."""
        return f"{self.name}/{self.clock}" + (f"/{self.channels}" if self.channels > 1 else "")


PCMU = Kind(name="PCMU", rate=8_000, clock=8_000, payload=0)
PCMA = Kind(name="PCMA", rate=8_000, clock=8_000, payload=8)
G722 = Kind(name="G722", rate=16_000, clock=8_000, payload=9)
OPUS = Kind(name="opus", rate=16_000, clock=48_000, channels=2)
KINDS: tuple[Kind, ...] = (PCMU, PCMA, G722, OPUS)


class Agreed(Struct, frozen=True, kw_only=True):
    """What a call's sound and keys are coded with."""

    kind: Kind
    payload: int
    """The number that the other side gave the codec."""
    keys: int
    """The number that it gave to keys (RFC 4733); 0 when it sends none, and keys are tones in the sound."""
    keys_clock: int = 8_000


def agree(offer: SdpMessage, allowed: Sequence[CodecName]) -> Agreed:
    """Return the first codec of an offer that is allowed: the order is that of who calls (RFC 3264, 6.1).

    Raises ValueError when there is none.
    """
    offered = offer.audio.codecs if offer.audio is not None else []
    for one in offered:
        kind = _kind(one)
        if kind is not None and kind.name in allowed:
            keys = _keys(offered, kind)
            return Agreed(
                kind=kind,
                payload=one.payload_type,
                keys=keys.payload_type if keys else 0,
                keys_clock=(keys.clock_rate if keys else 0) or 8_000,
            )
    raise ValueError("no common codec")


def described(offer: SdpMessage, agreed: Agreed, host: str, port: int) -> SdpMessage:
    """Return the answer to an offer: what was agreed on, at this address."""
    answer, _ = negotiate_sdp(offer, host, port, [agreed.payload], agreed.keys)
    audio = answer.audio
    if audio is not None:
        audio.attributes["rtpmap"] = [f"{agreed.payload} {agreed.kind.announced}"]
        if agreed.keys:
            audio.attributes["rtpmap"].append(f"{agreed.keys} {_KEYS}/{agreed.keys_clock}")
        audio.attributes["ptime"] = [str(round(TICK_S * 1_000))]
    return answer


def offered(allowed: Sequence[CodecName], host: str, port: int) -> SdpMessage:
    """Return the description with which we call: every codec that is allowed, and keys."""
    kinds = [kind for name in allowed for kind in KINDS if kind.name == name]
    offer = build_sdp(host, port, 0, PCMU.name, dtmf_payload_type=OUR_KEYS)
    audio = offer.media[0]
    numbers = [OUR_OPUS if kind.payload is None else kind.payload for kind in kinds]
    audio.formats = [*map(str, numbers), str(OUR_KEYS)]
    names = [f"{number} {kind.announced}" for number, kind in zip(numbers, kinds, strict=True)]
    audio.attributes["rtpmap"] = [*names, f"{OUR_KEYS} {_KEYS}/8000"]
    return offer


def make_codec(kind: Kind) -> Codec:
    """Return what codes one call's sound."""
    match kind.name:
        case "PCMU":
            return PcmuCodec()
        case "PCMA":
            return PcmaCodec()
        case "G722":
            return wideband.G722()
        case "opus":
            return wideband.Opus()


def _kind(offered: Offered) -> Kind | None:
    name, clock = offered.encoding_name.lower(), offered.clock_rate
    for kind in KINDS:
        if name == kind.name.lower() and clock == kind.clock:
            return kind
    return None


def _keys(offered: Sequence[Offered], kind: Kind) -> Offered | None:
    """Return how keys are sent: with the codec's own clock where that is offered."""
    found = [one for one in offered if one.encoding_name.lower() == _KEYS]
    return next((one for one in found if one.clock_rate == kind.clock), found[0] if found else None)
