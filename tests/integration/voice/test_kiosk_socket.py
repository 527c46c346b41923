"""The kiosk's socket: visits that leave nothing behind, and customers who mean no good."""

import asyncio
import contextlib
import gc
import json
import random
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.limits import Rate
from shopbell.voice import kioskwire as k
from shopbell.voice.speech import RATE
from tests.fakes.parlour import Parlour, open_parlour
from tests.fakes.speech import ScriptedSpeech, silence, tone

PATIENT = replace(
    DEFAULTS, handshakes=Rate(1e6, 1e6), says=Rate(1e6, 1e6), frames=Rate(1e6, 1e6), hello_s=60.0
)
FRAME = 1_024


def dial(host: str) -> Any:
    return connect(f"ws://{host}/api/kiosk", origin=f"http://{host}", max_size=None)  # type: ignore[arg-type]


async def send(socket: ClientConnection, **frame: object) -> None:
    await socket.send(json.dumps(frame))


async def until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            message = await socket.recv()
            if isinstance(message, str) and (frame := json.loads(message))["type"] == kind:
                return dict(frame)


async def enter(socket: ClientConnection, **more: object) -> dict[str, Any]:
    await send(socket, type="enter", **more)
    return await until(socket, "welcome")


async def test_a_spoken_turn_goes_through_the_socket(engine: sa.Engine, tmp_path: Path) -> None:
    """Sound goes up, the words come back as a caption, and the answer comes down as sound."""
    speech = ScriptedSpeech("Do you deliver?")
    async with open_parlour(engine, tmp_path, speech=speech) as (_, host), dial(host) as socket:
        await enter(socket, microphone=True, speaker=True)
        for frame in frames(silence(0.3) + tone(1.0, rate=RATE) + silence(1.5)):
            await socket.send(frame)
            await asyncio.sleep(0.03)
        assert (await until(socket, "said"))["text"] == "Do you deliver?"
        assert (await until(socket, "replied"))["text"] == "About Do you deliver?"


async def ending(socket: ClientConnection) -> Close:
    """Read to the end and return how the server closed."""
    async with asyncio.timeout(10):
        await drain(socket)
        await socket.wait_closed()
    closed = socket.protocol.close_rcvd
    assert closed is not None
    return closed


def frames(sound: bytes) -> list[bytes]:
    return [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]


@pytest.mark.parametrize(
    ("sound", "code"),
    [(b"", 1003), (b"\0", 1003), (b"\0" * (k.MAX_SOUND_BYTES + 2), 1003), (b"\0" * 20_000, 1009)],
    ids=["empty", "half a sample", "too long", "far too long"],
)
async def test_bad_sound_is_refused_with_a_reason(
    engine: sa.Engine, tmp_path: Path, sound: bytes, code: int
) -> None:
    """A frame that is no sound closes the socket and says why."""
    async with open_parlour(engine, tmp_path) as (_, host), dial(host) as socket:
        await enter(socket, microphone=True)
        await socket.send(sound)
        closed = await ending(socket)
        assert closed.code == code
        assert closed.reason


async def test_sound_before_enter_and_too_fast_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    """Nobody is listened to before the visit began, nor faster than one can speak."""
    async with open_parlour(engine, tmp_path) as (_, host):
        for begin, count in ((False, 1), (True, 200)):
            async with dial(host) as socket:
                if begin:
                    await enter(socket, microphone=True)
                with contextlib.suppress(ConnectionClosed):
                    for _number in range(count):
                        await socket.send(silence(0.032))
                assert (await ending(socket)).code == 1008


async def test_a_foreign_page_cannot_open_it(engine: sa.Engine, tmp_path: Path) -> None:
    """Only the shop's own page may use the microphone's socket."""
    async with open_parlour(engine, tmp_path) as (parlour, host):
        with pytest.raises(Exception, match="403"):
            async with connect(f"ws://{host}/api/kiosk", origin="http://evil.example"):  # type: ignore[arg-type]
                pass
        assert len(parlour.kiosk.seats) == 0


async def visit(host: str, canary: str) -> str:
    async with dial(host) as socket:
        welcome = await enter(socket, microphone=True, speaker=False)
        await socket.send(tone(0.032, rate=RATE))
        await send(socket, type="say", key=f"key-{canary}", text=f"My name is {canary}.")
        assert canary in (await until(socket, "replied"))["text"]
        await send(socket, type="to_phone")
        await until(socket, "handed")
        await send(socket, type="clear")
        assert (await until(socket, "over"))["reason"] == "cleared"
        return str(welcome["conversation"])


def holders(canary: str) -> list[object]:
    """Return what in this process still holds the words, besides this test and the scripted ladder."""
    gc.collect()
    found = []
    for one in gc.get_objects():
        texts = one.values() if isinstance(one, dict) else one if isinstance(one, list | tuple | set) else ()
        try:
            hit = any(isinstance(text, str | bytes | bytearray) and canary in _text(text) for text in texts)
        except RuntimeError:
            continue
        if hit:
            found.append(one)
    return found


def of_this_file(one: object) -> bool:
    """Whether it is a constant of this very file: the canary itself, or the form of its words."""
    return isinstance(one, tuple) and any(text in {"CANARY", "My name is "} for text in one)


def _text(value: str | bytes | bytearray) -> str:
    return value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")


async def test_a_hundred_visits_leave_nothing_in_memory(engine: sa.Engine, tmp_path: Path) -> None:
    """After "clear now" no room, no code, no seat and no text of any visit is held by the server."""
    patient = PATIENT
    async with open_parlour(engine, tmp_path, limits=patient) as (parlour, host):
        for number in range(100):
            await visit(host, f"CANARY{number:03}")
        await asyncio.sleep(0.2)
        assert parlour.rooms.live == {}
        assert len(parlour.kiosk.seats) == len(parlour.kiosk.handoffs) == 0
        assert len(parlour.ladder.forgotten) == 100
        parlour.ladder.turns.clear()
        parlour.ladder.forgotten.clear()
        left = holders("CANARY")
        assert [str(one)[:200] for one in left if not of_this_file(one)] == []


def mutated(seed: int) -> bytes | str:
    """Return a frame that no honest page sends."""
    dice = random.Random(seed)
    sound = dice.randbytes(dice.choice([0, 1, 2, 3, 64, 1_023, 1_024, 1_024, 4_096, 4_097, 8_000]))
    texts = [
        '{"type":"enter"}',
        f'{{"type":"heard","speech":{dice.randrange(9)},"samples":{dice.randrange(10**12)}}}',
        '{"type":"heard","speech":-1,"samples":1e99}',
        f'{{"type":"say","key":"{"k" * dice.randrange(90)}","text":"x"}}',
        '{"type":"press"}',
        '{"type":"release"}',
        '{"type":"habits","hands_free":"yes"}',
        '{"type":"habits","plain":true,"slower":true}',
        '{"type":"to_phone","x":1}',
        '{"type":"a"}' * dice.randrange(5),
        "[" * dice.randrange(2_000),
        '{"type":"interrupt"}',
        '{"type":"repeat"}',
        "\ud7ff" * dice.randrange(40),
    ]
    if dice.random() < 0.5:
        return sound
    text = list(dice.choice(texts))
    for _ in range(dice.randrange(3)):
        if text:
            text[dice.randrange(len(text))] = chr(dice.randrange(32, 400))
    return "".join(text)


async def attack(host: str, frames_each: int, first: int) -> int:
    """Send mutated frames until the server ends it; return how many went."""
    sent = 0
    async with dial(host) as socket:
        reader = asyncio.create_task(drain(socket))
        with contextlib.suppress(ConnectionClosed):
            if random.Random(first).random() < 0.8:
                await send(socket, type="enter", microphone=True)
            while sent < frames_each:
                await socket.send(mutated(first + sent))
                sent += 1
        await socket.close()
        reader.cancel()
    return max(1, sent)


async def drain(socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.recv()


async def hostile(parlour: Parlour, host: str, most: int) -> None:
    """Send so many mutated frames; an honest visit goes on all the while."""
    process = psutil.Process()
    async with dial(host) as honest:
        await enter(honest, microphone=False, speaker=False)
        sent = number = 0
        start = 0
        while sent < most:
            sent += await attack(host, 60, sent)
            number += 1
            if number == 30:
                start = process.memory_info().rss
            if number % 25 == 0:
                await send(honest, type="say", key=f"honest-{number}", text=f"Question {number}?")
                assert (await until(honest, "replied"))["text"] == f"About Question {number}?"
        growth = process.memory_info().rss - start if start else 0
        assert growth < 100_000_000
    await asyncio.sleep(0.5)
    assert len(parlour.kiosk.seats) == 0


async def test_hostile_frames_harm_nobody(engine: sa.Engine, tmp_path: Path) -> None:
    """A thousand mutated frames: no crash, no growth, and another visit is answered meanwhile."""
    async with open_parlour(engine, tmp_path, limits=PATIENT) as (parlour, host):
        await hostile(parlour, host, 1_000)


@pytest.mark.slow
async def test_twenty_thousand_hostile_frames_harm_nobody(engine: sa.Engine, tmp_path: Path) -> None:
    """Twenty thousand of them."""
    async with open_parlour(engine, tmp_path, limits=PATIENT) as (parlour, host):
        await hostile(parlour, host, 20_000)
