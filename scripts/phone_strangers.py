"""A call under sound from elsewhere: whether any of it is heard, and how the call's own packets fare."""

import asyncio
import itertools
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shopbell.storage.database import open_database
from tests.fakes.phone import a_phone, open_shop, until
from tests.fakes.speech import ScriptedSpeech

STEP_S = 0.01
LOUD = bytes([0x10, 0x90] * 80)
"""160 samples of G.711, as loud as it goes."""


def packets(count: int) -> list[bytes]:
    """Return loud packets that nobody asked for."""
    return [
        bytes([0x80, 0, number >> 8 & 255, number & 255]) + (160 * number).to_bytes(4, "big") + b"evil" + LOUD
        for number in range(count)
    ]


async def measure(rate: int, seconds: int) -> dict[str, float | int]:
    """Send so many packets a second into a call; return what came of it."""
    loop, arrived = asyncio.get_running_loop(), list[float]()
    speech = ScriptedSpeech("Do you sell tea?")
    with tempfile.TemporaryDirectory() as name:
        engine = open_database(Path(name) / "shop.db")
        async with open_shop(engine, Path(name), speech) as front, a_phone() as phone:
            call = await phone.dial(front.office.address)
            there = call.sdp_answer.rtp_address if call.sdp_answer else None
            if there is None or phone.sound is None:
                raise SystemExit("the call was not answered")
            await phone.hears_silence(limit=60)
            phone.sound.on_audio = lambda _pcm, _stamp: arrived.append(loop.time())
            sent = await _pour(there, rate, seconds)
            heard = len(speech.turns)
            await phone.speak(0.8)
            await until(lambda: len(speech.turns) > heard, 30)
            phone.hang_up()
            await until(lambda: front.office.switchboard.calm, 60)
            quality = front.book.latest()[0].quality
        engine.dispose()
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrived)]
    return {
        "sent": sent,
        "seconds": seconds,
        "not_heard": quality.strangers,
        "turns_heard_of_them": heard,
        "own_lost_percent": quality.lost_percent,
        "late_percent": round(100 * sum(gap > 0.06 for gap in gaps) / max(1, len(gaps)), 2),  # noqa: PLR2004
    }


async def _pour(there: tuple[str, int], rate: int, seconds: int) -> int:
    many, sent = packets(1_000), 0
    began = asyncio.get_running_loop().time()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        while (now := asyncio.get_running_loop().time() - began) < seconds:
            for _ in range(max(0, round(now * rate) - sent)):
                try:
                    stranger.sendto(many[sent % len(many)], there)
                except BlockingIOError:
                    break
                sent += 1
            await asyncio.sleep(STEP_S)
    return sent
