"""Sound of one call over RTP: the library's session, deaf to strangers and to what is no sound of ours."""

import struct
import time
from typing import Self

from aiortp import RTPSession

from shopbell.voice.phone.codecs import Agreed, make_codec
from shopbell.voice.phone.source import Address, Source

COMFORT_NOISE = 13
"""Payload type of silence that is described instead of sent (RFC 3389)."""
LONGEST_STEP_S = 0.1
"""Seconds of sound in a packet; a longer step is a pause."""
PREFETCH = 1
"""Frames that wait for one that was overtaken: 20 ms. Ears need no even pace: nothing is dropped for it."""
NO_KEYS = 127
"""Payload type that stands for keys where the other side sends none as packets."""
_VERSION = 2
_HEADER = 12


class SoundSession(RTPSession):
    """Hears one source. Until `listen_to` was called it hears nobody."""

    source: Source | None = None
    strangers = 0
    """Packets from elsewhere, none of which was heard."""
    broken = 0
    """Packets that could not be read."""

    jitter_ms = 0.0
    """How unevenly the caller's sound comes (RFC 3550, section 6.4.1), keys and pauses left out."""
    _last: tuple[int, int, float] | None = None
    """Number and time stamp of the last packet of sound, and when it came, in seconds."""

    @classmethod
    async def open(cls, here: Address, there: Address, agreed: Agreed) -> Self:
        """Open a session between two addresses; raises OSError when the port is taken."""
        sound = await cls.create(
            local_addr=here,
            remote_addr=there,
            payload_type=agreed.payload,
            codec=make_codec(agreed.kind),
            clock_rate=agreed.kind.clock,
            dtmf_payload_type=agreed.keys or NO_KEYS,
            cname="shopbell",
            jitter_prefetch=PREFETCH,
            skip_audio_gaps=True,
        )
        if not isinstance(sound, cls):
            raise TypeError("the library made another kind of session")
        sound.step_by(agreed.kind.step)
        return sound

    def step_by(self, step: int) -> None:
        """Stamp packets so far apart; the library counts in samples, which is wrong for G.722 and Opus."""
        if self._sender is not None:
            self._sender.timestamp_increment = step

    def listen_to(self, source: Source) -> None:
        """Hear this source from now on."""
        self.source = source

    def _handle_rtp(self, data: bytes, addr: Address) -> None:
        kinds = {self._payload_type, self._dtmf_payload_type, COMFORT_NOISE}
        if len(data) < _HEADER or data[0] >> 6 != _VERSION or data[1] & 0x7F not in kinds:
            self.broken += 1
            return
        if self.source is None or not self.source.accepts(addr):
            self.strangers += 1
            return
        if addr != self._remote_addr:
            self.update_remote(addr)
        if data[1] & 0x7F == self._payload_type:
            self._measure(*struct.unpack_from("!HI", data, 2))
        try:
            super()._handle_rtp(data, addr)
        except (ValueError, IndexError, struct.error):
            self.broken += 1

    def _measure(self, number: int, stamp: int) -> None:
        now, last = time.monotonic(), self._last
        self._last = (number, stamp, now)
        if last is None or number != (last[0] + 1) & 0xFFFF:
            return
        expected_s = ((stamp - last[1]) & 0xFFFFFFFF) / self._clock_rate
        if expected_s <= LONGEST_STEP_S:
            late_ms = 1_000 * abs(now - last[2] - expected_s)
            self.jitter_ms += (late_ms - self.jitter_ms) / 16

    def _handle_rtcp(self, data: bytes, addr: Address) -> None:
        if self.source is None or self.source.taken is None or addr[0] != self.source.taken[0]:
            self.strangers += 1
            return
        try:
            super()._handle_rtcp(data, addr)
        except (ValueError, IndexError, struct.error):
            self.broken += 1
