"""A real telephone calls the shop: Debian's baresip over loopback, with a file as its microphone."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.bootstrap import Here, open_house
from shopbell.assistant.callbook import Call, CallBook
from shopbell.assistant.store import EventLog, event_table
from shopbell.assistant.telephone import Transport
from shopbell.assistant.turn import Answer, Turn
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles, data_folder
from shopbell.storage.database import open_database
from shopbell.voice.audio import first_audible, floats, seconds
from shopbell.voice.parlour import Parlour, Place, open_parlour
from shopbell.voice.phone import lines
from shopbell.voice.phone.office import Office
from shopbell.voice.phone.opening import open_telephone
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE as EAR_RATE
from tests.fakes.baresip import RATE, a_baresip
from tests.fakes.phone import LINE, open_shop, until
from tests.fakes.speech import ScriptedSpeech, silence, tone

SETTINGS = """
[shop]
name = "Corner Shop"

[engine]
model = "none-here"

[phone]
enabled = true
allow = ["127.0.0.1"]
port = 0
rtp_ports = [22000, 22100]
ask_rating = false
"""
MONDAYS = '\n[hours]\nmon = ["08:00-18:00"]\n'
FAQ = """# Bread

## Do you have gluten free bread?

Yes, we bake gluten free bread every Friday morning. Please order it the day before.

## Can I park near the shop?

There are four parking places behind the shop; the first hour is free.
"""
MODELS = ("minilm", "whisper-base", "smart-turn", "piper-joe")


def script(turn: Turn) -> list[Answer]:
    return [
        Answer(
            text="Goodbye!" if "bye" in turn.text else f"About {turn.text}",
            rung="faq",
            ends="bye" in turn.text,
        )
    ]


@pytest.mark.parametrize(
    ("module", "codec", "transport"), [("g711.so", "PCMU", "udp"), ("opus.so", "opus", "tcp")]
)
async def test_baresip_calls_speaks_presses_and_hears(
    engine: sa.Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    codec: str,
    transport: Transport,
) -> None:
    """A real telephone is greeted, a key and a turn are answered, and the shop says BYE after goodbye."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)
    speech = ScriptedSpeech(*["Thanks, bye."] * 4)  # a starved telephone may stutter: then it is heard again
    async with (
        open_shop(engine, tmp_path, speech, script=script, line=replace(LINE, transport=transport)) as front,
        a_baresip(tmp_path / "phone", codec=module) as phone,
    ):
        await phone.dial(front.office.address, transport=transport)
        await until(lambda: bool(speech.said), 60)
        await phone.press("1")
        await until(lambda: "About When are you open?" in speech.said, 60)
        await until(lambda: quiet(front.office), 60)
        await phone.speak(tone(1.0, rate=RATE))
        await phone.over(90)
        await until(lambda: not front.office.switchboard.busy, 60)
        call = front.book.latest()[0]
        assert (call.outcome, call.ended, call.codec) == ("answered", "goodbye", codec)
        assert call.quality.lost_percent <= 1
        events = [entry.event for entry in EventLog(engine).read(call.conversation)]
        assert [x.text for x in events if isinstance(x, e.CustomerSaid)] == [
            "When are you open?",
            "Thanks, bye.",
        ]
        sound, rate = phone.heard()
        assert first_audible(sound) is not None
        assert seconds(sound, rate) > 2


def quiet(office: Office) -> bool:
    """Say whether the shop has nothing to say just now."""
    calls = office.switchboard._calls.values()
    return not any(call is None or call._session is None or call._session.busy for call in calls)


async def test_staff_at_a_real_telephone_take_a_call(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two real telephones: staff's answers in G.722, hears of it, presses one, hears the caller."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.02)
    speech = ScriptedSpeech()
    async with (
        a_baresip(tmp_path / "staff", codec="g722.so", user="20", answers=True) as staff,
        a_baresip(tmp_path / "phone") as phone,
    ):
        line = replace(LINE, staff=f"20@127.0.0.1:{staff.port}")
        async with open_shop(engine, tmp_path, speech, line=line) as front:
            await phone.dial(front.office.address)
            await until(lambda: bool(speech.said), 60)
            await phone.press("0")
            await until(lambda: any("Press one" in text for text in speech.said), 60)
            await staff.press("1")
            await until(lambda: joined(front.office), 60)
            await phone.speak(tone(4.0, rate=RATE, pitch=1_000.0))
            await asyncio.sleep(2.5)
            await staff.hang_up()
            await phone.over(60)
            await until(lambda: front.office.switchboard.calm, 60)
            assert front.book.latest()[0].ended == "transferred"
            sound, rate = staff.heard()
            last = floats(sound)[-rate:]
            assert abs(float(np.argmax(np.abs(np.fft.rfft(last)))) - 1_000) < 10


def joined(office: Office) -> bool:
    """Say whether the only caller talks with staff."""
    (call,) = office.switchboard._calls.values()
    return call is not None and call._media is not None and call._media.beyond is not None


async def test_baresip_can_be_refused(engine: sa.Engine, tmp_path: Path) -> None:
    """A blocked number hears that it is declined."""
    line = replace(LINE, blocked=("01632*",))
    async with (
        open_shop(engine, tmp_path, ScriptedSpeech(), line=line) as front,
        a_baresip(tmp_path / "phone") as phone,
    ):
        await phone.dial(front.office.address)
        await until(lambda: "603" in phone.said(), 60)
        await until(lambda: bool(front.book.latest()), 60)
        assert front.book.latest()[0].outcome == "blocked"


# --- with the real ears, the real voice and a shop of two answers ------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Here:
    """Return a machine with this user's models, whose shops' data is the test's own."""
    models = data_folder(os.environ, Path.home())
    files = ModelFiles(models, known_models(models))
    try:
        for name in MODELS:
            files.locate(name)
    except ModelsError as error:
        pytest.skip(f"{error} Run `shopbell models fetch`.")

    class Tried(Here):
        def shop_dir(self, shop: Path) -> Path:
            return tmp_path / "data" / shop.name

    return Tried(models)


@asynccontextmanager
async def a_line(here: Here, shop: Path) -> AsyncIterator[tuple[Parlour, Office]]:
    """Open the shop with its telephone."""
    async with open_house(here, shop, watch=False) as house:
        place = Place(
            data=here.data_dir,
            folder=here.shop_dir(shop),
            conversations=house.conversations,
            settings=house.settings,
            library=house.library,
            shop=shop,
            staff=house.staff,
            loyalty=house.loyalty,
        )
        async with open_parlour(place) as parlour, open_telephone(place, parlour) as office:
            await parlour.settled(120)
            yield parlour, office


async def spoken(parlour: Parlour, text: str) -> bytes:
    sound = b"".join([part async for part in parlour.speech.say(text)])
    return resampled(sound, parlour.speech.speech_rate, RATE)


@pytest.mark.model
@pytest.mark.slow
async def test_the_recording_reads_as_what_was_said(here: Here, tmp_path: Path) -> None:
    """Read back by ears: the notice, an answer, a key's answer, goodbye."""
    shop = a_shop(tmp_path, MONDAYS)
    async with a_line(here, shop) as (parlour, office):
        await parlour.speech.hear(silence(1.0))  # the first time takes longer
        engine = open_database(here.shop_dir(shop) / "shop.db")
        heard = await asked_and_answered(parlour, office, engine, tmp_path / "phone")
        call, events = last_call(engine)
        words = [event.text for event in events if isinstance(event, e.CustomerSaid)]
        assert call.ended == "goodbye"
        assert words[0] == "When are you open?"
        assert "gluten" in words[1].lower()
        for part in ("computer program", "written down", "gluten", "goodbye"):
            assert part in heard.lower(), heard


def a_shop(folder: Path, more: str) -> Path:
    """Write a shop of two answers."""
    shop = folder / "corner"
    (shop / "faq").mkdir(parents=True)
    (shop / "faq" / "bread.md").write_text(FAQ)
    (shop / "shop.toml").write_text(SETTINGS + more)
    return shop


async def asked_and_answered(parlour: Parlour, office: Office, engine: sa.Engine, folder: Path) -> str:
    """Call, press a key, ask, say goodbye; return what the telephone heard."""
    asked = await spoken(parlour, "Do you have gluten free bread?")
    bye = await spoken(parlour, "Thank you, goodbye.")
    async with a_baresip(folder) as phone:
        await phone.dial(office.address)
        await until(lambda: bool(CallBook(engine).latest()), 20)
        await until(lambda: not quiet(office), 20)
        await asyncio.sleep(9)  # the notice, and what is kept
        await phone.press("1")
        await until(lambda: replies(engine) == 1 and quiet(office), 60)
        await phone.speak(asked)
        await until(lambda: replies(engine) == 2 and quiet(office), 60)
        await phone.speak(bye)
        await phone.over(60)
        await asyncio.sleep(0.5)
        sound, rate = phone.heard()
    return await read_back(parlour, resampled(sound, rate, EAR_RATE))


async def read_back(parlour: Parlour, sound: bytes) -> str:
    """Return what the ears make of a recording, piece by piece; a word at an edge is whole in the next."""
    piece, step = 12 * EAR_RATE * 2, 9 * EAR_RATE * 2
    texts = [(await parlour.speech.hear(sound[at : at + piece])).text for at in range(0, len(sound), step)]
    return " ".join(texts)


def replies(engine: sa.Engine) -> int:
    """Return how many answers were given in any conversation."""
    with engine.connect() as db:
        counted = sa.select(sa.func.count()).where(event_table.c.kind == e.Replied.__name__)
        return int(db.execute(counted).scalar_one())


def last_call(engine: sa.Engine) -> tuple[Call, list[e.Event]]:
    call = CallBook(engine).latest()[0]
    return call, [entry.event for entry in EventLog(engine).read(call.conversation)]


def test_the_lines_are_short_enough_to_listen_to() -> None:
    """No fixed line of the telephone is longer than ten seconds of speech."""
    assert max(len(line) for line in lines.fixed()) < 170
