"""Sound of one call, packet by packet."""

import struct
from collections.abc import AsyncIterator

import pytest

from shopbell.voice.audio import to_mu_law
from shopbell.voice.phone.codecs import PCMU, Agreed
from shopbell.voice.phone.sound import SoundSession
from shopbell.voice.phone.source import Source

CALLER = ("127.0.0.1", 40_000)
STEP = 160
"""Samples of a packet."""


@pytest.fixture
async def sound() -> AsyncIterator[SoundSession]:
    session = await SoundSession.open(("127.0.0.1", 0), CALLER, Agreed(kind=PCMU, payload=0, keys=101))
    session.listen_to(Source(CALLER, CALLER[0]))
    yield session
    await session.close()


def packet(number: int) -> bytes:
    """Return 20 ms of sound as loud as its number tells."""
    header = struct.pack("!BBHII", 0x80, 0, number, number * STEP, 7)
    return header + to_mu_law(struct.pack("<h", 1_000 * number) * STEP)


def heard(sound: SoundSession, numbers: list[int]) -> list[int]:
    """Send packets in this order; return the loudness of what was given on, in thousands."""
    levels: list[int] = []
    sound.on_audio = lambda pcm, _: levels.append(round(struct.unpack_from("<h", pcm)[0] / 1_000))
    for number in numbers:
        sound._handle_rtp(packet(number), CALLER)
    return levels


async def test_sound_is_given_on_as_soon_as_the_next_packet_shows_it_whole(sound: SoundSession) -> None:
    """Nothing waits longer than one packet."""
    assert heard(sound, [1, 2, 3, 4]) == [1, 2, 3]


async def test_a_packet_that_was_overtaken_keeps_its_place(sound: SoundSession) -> None:
    """Two that change places on the way are heard in their order, and none is lost."""
    assert heard(sound, [1, 2, 4, 3, 5, 6, 7]) == [1, 2, 3, 4, 5, 6]


async def test_the_sound_of_a_lost_packet_is_made_up(sound: SoundSession) -> None:
    """What is missing lasts as long as it would have; what follows is heard at its time."""
    levels = heard(sound, [1, 2, 4, 5, 6])
    assert len(levels) == 5
    assert (levels[:2], levels[3:]) == ([1, 2], [4, 5])
