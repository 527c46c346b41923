"""A real telephone calls the shop: Debian's baresip over loopback, with a file as its microphone."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
from shopbell.voice.audio import first_audible
from shopbell.voice.parlour import Parlour, Place, open_parlour
from shopbell.voice.phone import lines
from shopbell.voice.phone.office import Office
from shopbell.voice.phone.opening import open_telephone
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE as EAR_RATE
from tests.fakes.baresip import RATE, Baresip, a_baresip
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
ALWAYS = "".join(f'{day} = ["00:00-23:59"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
PAUSE_S = 0.5
"""Silence at which a recording is cut; ears that read a long one of a whole now and then stop at it."""
NOTICE_S = 9.0
"""Seconds of the AI's notice and of what is kept."""
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
        audible = [part for part in parts_heard(phone) if first_audible(part) is not None]
        assert len(audible) >= 2  # the key's answer, and goodbye after the telephone had spoken


def quiet(office: Office) -> bool:
    """Say whether the shop has nothing to say just now."""
    calls = office.switchboard._calls.values()
    return not any(call is None or call._session is None or call._session.busy for call in calls)


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
async def test_the_recordings_read_as_what_was_said(here: Here, tmp_path: Path) -> None:
    """Read back by ears: notice, a key's answer, an answer; staff hear why, and the caller; a goodbye."""
    async with a_baresip(tmp_path / "staff", codec="g722.so", user="20", answers=True) as staff:
        shop = a_shop(tmp_path, f"20@127.0.0.1:{staff.port}")
        async with a_line(here, shop) as (parlour, office):
            await parlour.speech.hear(silence(1.0))  # the first time takes longer
            engine = open_database(here.shop_dir(shop) / "shop.db")
            heard, told = await put_through(parlour, office, staff, engine)
            call, words = last_call(engine)
            assert call.ended == "transferred"
            assert words[0] == "When are you open?"
            assert "gluten" in words[1].lower()
            for part in ("computer program", "written down", "monday", "every friday", "putting you through"):
                assert part in heard, heard
            for part in ("they said", "gluten free bread", "press one", "behind the counter"):
                assert part in told, told
            last = await said_goodbye(parlour, office, tmp_path / "other")
            assert "goodbye" in last.replace(" ", ""), last  # ears write "good bye" as well
            assert last_call(engine)[0].ended == "goodbye"


def a_shop(folder: Path, staff: str) -> Path:
    """Write a shop of two answers that is open all week."""
    shop = folder / "corner"
    (shop / "faq").mkdir(parents=True)
    (shop / "faq" / "bread.md").write_text(FAQ)
    (shop / "shop.toml").write_text(f'{SETTINGS}staff = "{staff}"\n[hours]\n{ALWAYS}\n[staff]\n{ALWAYS}')
    return shop


async def put_through(parlour: Parlour, office: Office, staff: Baresip, engine: sa.Engine) -> tuple[str, str]:
    """Call, press a key, ask, ask for a person and talk to them; return what caller and staff heard."""
    asked = await spoken(parlour, "Do you have gluten free bread?")
    other = await spoken(parlour, "Is somebody behind the counter?")
    async with a_baresip(staff.folder.parent / "phone") as phone:
        await phone.dial(office.address)
        await until(lambda: told_s(office) > NOTICE_S, 60)
        await phone.press("1")
        await said_in_full(office, engine, 1)
        await phone.speak(asked)
        await said_in_full(office, engine, 2)
        await phone.press("0")
        await until(staff.heard_out, 60)
        await staff.press("1")
        await until(lambda: joined(office), 20)
        await phone.speak(other)
        await until(staff.heard_out, 60)
        await staff.hang_up()
        await phone.over(20)
        await until(lambda: office.switchboard.calm, 20)
        return await read_back(parlour, phone), await read_back(parlour, staff)


async def said_goodbye(parlour: Parlour, office: Office, folder: Path) -> str:
    """Call, and say goodbye into the greeting; return what was heard."""
    bye = await spoken(parlour, "Thank you, goodbye.")
    async with a_baresip(folder, codec="opus.so") as phone:
        await phone.dial(office.address)
        await until(lambda: told_s(office) > 1, 60)
        await phone.speak(bye)
        await phone.over(60)
        await until(lambda: office.switchboard.calm, 20)
        return await read_back(parlour, phone)


def told_s(office: Office) -> float:
    """Return the seconds that the only caller was spoken to."""
    call = next(iter(office.switchboard._calls.values()), None)
    return call._media.heard_s if call is not None and call._media is not None else 0.0


async def read_back(parlour: Parlour, phone: Baresip) -> str:
    """Return what the ears make of a recording, read from pause to pause."""
    texts = [(await parlour.speech.hear(part)).text for part in parts_heard(phone)]
    plain = " ".join(texts).lower().replace("press 1", "press one")
    return "".join(letter if letter.isalnum() else " " for letter in plain)


def parts_heard(phone: Baresip) -> list[bytes]:
    """Return what it heard, at `EAR_RATE`, cut from pause to pause."""
    return between_pauses(resampled(*phone.heard(), EAR_RATE))


def between_pauses(sound: bytes) -> list[bytes]:
    """Cut sound at `EAR_RATE` where it is quiet for `PAUSE_S`; the pause stays with the part before."""
    step = EAR_RATE // 50 * 2
    parts, part, quiet = [], bytearray(), 0
    for at in range(0, len(sound), step):
        frame = sound[at : at + step]
        audible = first_audible(frame) is not None
        if audible and quiet >= PAUSE_S * 50:
            parts.append(bytes(part))
            part.clear()
        quiet = 0 if audible else quiet + 1
        if audible or quiet <= PAUSE_S * 50:
            part += frame
    return [*parts, bytes(part)]


async def said_in_full(office: Office, engine: sa.Engine, number: int) -> None:
    """Wait until so many answers were given and the last one was said: it is written before it is spoken."""
    await until(lambda: replies(engine) == number, 60)
    await until(lambda: not quiet(office), 20)
    await until(lambda: quiet(office), 60)


def replies(engine: sa.Engine) -> int:
    """Return how many answers were given in any conversation."""
    with engine.connect() as db:
        counted = sa.select(sa.func.count()).where(event_table.c.kind == e.Replied.__name__)
        return int(db.execute(counted).scalar_one())


def last_call(engine: sa.Engine) -> tuple[Call, list[str]]:
    """Return the latest call, and what the caller said in it."""
    call = CallBook(engine).latest()[0]
    events = [entry.event for entry in EventLog(engine).read(call.conversation)]
    return call, [event.text for event in events if isinstance(event, e.CustomerSaid)]


def test_the_lines_are_short_enough_to_listen_to() -> None:
    """No fixed line of the telephone is longer than ten seconds of speech."""
    assert max(len(line) for line in lines.fixed()) < 170
