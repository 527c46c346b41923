"""Codecs: which one two sides agree on, how that is said, and that sound survives each of them."""

import numpy as np
import pytest
from aiosipua import parse_sdp
from aiosipua.sdp import serialize_sdp

from shopbell.assistant.telephone import CodecName
from shopbell.voice.audio import floats
from shopbell.voice.phone.codecs import KINDS, OPUS, PCMU, Kind, agree, described, make_codec
from tests.fakes.speech import tone

ALL: tuple[CodecName, ...] = ("opus", "G722", "PCMA", "PCMU")
HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
DESK = HEAD + (
    "m=audio 4000 RTP/AVP 107 9 8 0 96 101\r\na=rtpmap:107 opus/48000/2\r\n"
    "a=rtpmap:96 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n"
)
OLD = HEAD + "m=audio 4000 RTP/AVP 18 8 0\r\n"


def test_the_callers_order_counts() -> None:
    """The first codec of the offer that the shop allows is taken, under the number of the offer."""
    assert agree(parse_sdp(DESK), ALL).kind is OPUS
    assert agree(parse_sdp(DESK), ALL).payload == 107
    assert agree(parse_sdp(DESK), ("PCMU", "G722")).kind.name == "G722"
    assert agree(parse_sdp(OLD), ALL).kind.name == "PCMA"


def test_without_a_common_codec_there_is_no_call() -> None:
    """What the shop does not allow, or cannot speak, is not agreed on."""
    with pytest.raises(ValueError, match="no common codec"):
        agree(parse_sdp(OLD), ("opus",))
    with pytest.raises(ValueError, match="no common codec"):
        agree(parse_sdp(HEAD), ALL)


def test_keys_are_agreed_on_with_the_codecs_clock() -> None:
    """Keys have the number that goes with the codec; none where none was offered: then they are tones."""
    assert agree(parse_sdp(DESK), ALL).keys == 96
    assert agree(parse_sdp(DESK), ("PCMU",)).keys == 101
    assert agree(parse_sdp(OLD), ALL).keys == 0


def test_the_answer_says_what_was_agreed_on() -> None:
    """Opus is announced with two channels, keys with their clock, packets with 20 ms; nothing else is."""
    offer = parse_sdp(DESK)
    text = serialize_sdp(described(offer, agree(offer, ALL), "192.0.2.9", 20_000))
    assert "m=audio 20000 RTP/AVP 107 96\r\n" in text
    assert "a=rtpmap:107 opus/48000/2\r\n" in text
    assert "a=rtpmap:96 telephone-event/48000\r\n" in text
    assert "a=ptime:20\r\n" in text
    old = parse_sdp(OLD)
    plain = serialize_sdp(described(old, agree(old, ALL), "192.0.2.9", 20_000))
    assert "m=audio 20000 RTP/AVP 8\r\n" in plain
    assert "telephone-event" not in plain


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_sound_survives_the_line(kind: Kind) -> None:
    """Coded in pieces of 20 ms and decoded again, a tone is as loud and as high as before."""
    here, there = make_codec(kind), make_codec(kind)
    tick = 2 * round(kind.rate * 0.02)
    sound = tone(1.0, rate=kind.rate)
    packets = [here.encode(sound[at : at + tick]) for at in range(0, len(sound), tick)]
    heard = floats(b"".join(there.decode(packet) for packet in packets))[kind.rate // 5 :]
    spectrum = np.abs(np.fft.rfft(heard))
    told = np.abs(np.fft.rfft(floats(sound)))
    pitch = np.argmax(spectrum) * kind.rate / heard.size
    assert abs(pitch - np.argmax(told)) < 3
    assert abs(float(np.std(heard)) / float(np.std(floats(sound))) - 1) < 0.1
    assert here.name == kind.name
    if kind is PCMU:
        assert {len(packet) for packet in packets} == {160}


def test_a_wideband_line_carries_what_a_narrow_one_cannot() -> None:
    """At 5 kHz, over what a plain telephone has, Opus and G.722 still sound."""
    times = np.arange(16_000) / 16_000
    sound = (8_000 * np.sin(2 * np.pi * 5_000 * times)).astype("<i2").tobytes()
    for kind in KINDS:
        if kind.rate == 16_000:
            codec = make_codec(kind)
            heard = b"".join(codec.decode(codec.encode(sound[at : at + 640])) for at in range(0, 32_000, 640))
            assert float(np.std(floats(heard))) > 0.1
