"""Staff take a call at their page: both hear each other, the assistant hears nothing, and goes on after."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from shopbell.voice.audio import floats
from shopbell.voice.phone.page import router
from shopbell.voice.speech import FRAME, RATE, SAMPLE
from tests.fakes.ladder import ScriptedLadder
from tests.fakes.phone import Phone, Shopfront, a_phone, open_shop, until
from tests.fakes.speech import ScriptedSpeech, tone
from tests.fakes.staff import Staffed, staffed

MICROPHONE = tone(1.0, rate=RATE, pitch=1_000.0)


@pytest.fixture(autouse=True)
def quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the scripted voice speak six times as fast as a person."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)


class Scene(Struct, frozen=True):
    """A shop with staff and a caller who was greeted."""

    staff: Staffed
    front: Shopfront
    phone: Phone
    speech: ScriptedSpeech


@asynccontextmanager
async def a_caller(engine: sa.Engine, folder: Path) -> AsyncIterator[Scene]:
    speech = ScriptedSpeech(*["Do you sell tea?"] * 4)
    fronts: list[Shopfront] = []
    more = (router(lambda: fronts[0].office.switchboard.talks if fronts else ()),)
    async with staffed(engine, folder / "shop", ScriptedLadder(), more=more) as staff:
        behind = (staff.conversations, staff.desk.counter)
        async with open_shop(engine, folder, speech, behind=behind) as front, a_phone() as phone:
            fronts.append(front)
            await phone.dial(front.office.address)
            await phone.hears_something()
            await phone.hears_silence()
            yield Scene(staff, front, phone, speech)
            if not front.office.switchboard.calm:
                phone.hang_up()
                await until(lambda: front.office.switchboard.calm)


class Page:
    """What the page in the browser does."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.frames: list[dict[str, Any]] = []
        self.heard = bytearray()
        self.reading = asyncio.create_task(self._read())

    async def tell(self, **frame: str) -> None:
        await self._socket.send(json.dumps(frame))

    async def told(self, kind: str) -> dict[str, Any]:
        """Return the first frame of a kind, and forget it."""
        await until(lambda: any(frame["type"] == kind for frame in self.frames))
        found = next(frame for frame in self.frames if frame["type"] == kind)
        self.frames.remove(found)
        return found

    async def speak(self) -> None:
        for at in range(0, len(MICROPHONE), FRAME * SAMPLE):
            await self._socket.send(MICROPHONE[at : at + FRAME * SAMPLE])
            await asyncio.sleep(FRAME / RATE)

    async def close(self) -> None:
        await self._socket.close()
        await self.reading

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if isinstance(message, bytes):
                    self.heard += message[4:]
                else:
                    self.frames.append(json.loads(message))
        except ConnectionClosed:
            return


@asynccontextmanager
async def a_page(scene: Scene, token: str = "token-of-clerk") -> AsyncIterator[Page]:  # noqa: S107 - of a test
    host = scene.staff.address
    async with connect(f"ws://{host}/api/calls", origin=f"http://{host}") as socket:  # type: ignore[arg-type]
        page = Page(socket)
        await page.tell(type="sign_in", token=token)
        yield page
        await page.close()


async def talking(page: Page) -> str:
    """Take the only call; return its conversation."""
    await until(lambda: any(frame["type"] == "calls" for frame in page.frames))
    calls = next(frame for frame in reversed(page.frames) if frame["type"] == "calls")["calls"]
    await page.tell(type="take", call=calls[0]["call"])
    await page.told("talking")
    return str(calls[0]["call"])


def pitch(sound: bytes, rate: int) -> float:
    """Return the loudest pitch of a sound in Hz."""
    wave = floats(sound)
    return float(np.argmax(np.abs(np.fft.rfft(wave))) * rate / wave.size)


def holder(scene: Scene) -> str:
    (talk,) = scene.front.office.switchboard.talks
    return talk.session.holder


async def test_both_hear_each_other_and_the_assistant_goes_on_after(
    engine: sa.Engine, tmp_path: Path
) -> None:
    """A clerk takes a call at the page, talks, and gives it back: no ear of ours heard it."""
    async with a_caller(engine, tmp_path) as scene, a_page(scene) as page:
        await talking(page)
        await until(lambda: any("has joined" in text for text in scene.speech.said))
        await scene.front.said_all()
        await scene.phone.hears_silence()
        start = len(scene.phone.heard)
        await asyncio.gather(page.speak(), scene.phone.speak(1.0))
        await until(lambda: len(page.heard) > RATE)
        assert abs(pitch(bytes(scene.phone.heard[start + 4_000 : start + 12_000]), 8_000) - 1_000) < 10
        assert np.abs(floats(bytes(page.heard))).max() > 0.05
        assert scene.speech.turns == []
        await page.tell(type="give_back")
        assert "assistant" in (await page.told("over"))["text"]
        await until(lambda: any("has left" in text for text in scene.speech.said))
        await scene.front.said_all()
        await scene.phone.speak(0.8)
        await until(lambda: len(scene.speech.turns) > 0)
        assert holder(scene) == "assistant"
        await talking(page)
        scene.phone.hang_up()
        assert "hung up" in (await page.told("over"))["text"]
        await until(lambda: any(frame.get("calls") == [] for frame in page.frames))


async def test_one_colleague_has_the_call(engine: sa.Engine, tmp_path: Path) -> None:
    """Who comes second is told so, and the first goes on talking; hanging up ends the call."""
    async with a_caller(engine, tmp_path) as scene, a_page(scene) as page:
        call = await talking(page)
        async with a_page(scene, "token-of-owner") as other:
            await other.tell(type="take", call=call)
            assert "Somebody talks already" in (await other.told("trouble"))["text"]
            await other.tell(type="hang_up")
            assert "no call" in (await other.told("trouble"))["text"]
        assert holder(scene) == "staff"
        await page.tell(type="hang_up")
        await page.told("over")
        await asyncio.wait_for(scene.phone.ended.wait(), 30)
        await until(lambda: scene.front.office.switchboard.calm)
        assert scene.front.book.latest()[0].ended == "staff"


async def test_who_is_gone_leaves_the_caller_with_the_assistant(engine: sa.Engine, tmp_path: Path) -> None:
    """A wrong token sees no call; a session that ends, or a page that is closed, gives the call back."""
    async with a_caller(engine, tmp_path) as scene:
        async with a_page(scene, "nobody's") as page:
            await page.reading
            assert page.frames == []
        async with a_page(scene) as page:
            await talking(page)
            await until(lambda: holder(scene) == "staff")
        await until(lambda: holder(scene) == "assistant")
        await until(lambda: any("has left" in text for text in scene.speech.said))
        async with a_page(scene) as page:
            await talking(page)
            member = await scene.staff.office.member("token-of-clerk")
            assert member is not None
            scene.staff.office.sessions.end(member)
            await asyncio.wait_for(page.reading, 20)
        await until(lambda: holder(scene) == "assistant")
