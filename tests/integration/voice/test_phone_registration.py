"""Registration at a telephone box: digest, refusal, silence, restart, and signing off."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant.errors import SettingsError
from shopbell.assistant.telephone import Telephone
from shopbell.voice.phone import registrar as r
from tests.fakes.phone import LINE, open_shop, until
from tests.fakes.registrar import Registrar, a_registrar
from tests.fakes.speech import ScriptedSpeech

SECRET = "box-secret-9"  # noqa: S105 - the box's of these tests


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registrar wait shorter than it would."""
    monkeypatch.setattr(r, "RESEND_S", (0.1, 0.1, 0.1))
    monkeypatch.setattr(r, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(r, "REFUSED_WAIT_S", 0.3)


def line(box: Registrar, folder: Path, password: str = SECRET) -> Telephone:
    (folder / "phone.password").write_text(f"{password}\n")
    return replace(LINE, server=box.address, user="shop", domain="box", allow=())


async def test_it_registers_with_a_digest_and_signs_off(engine: sa.Engine, tmp_path: Path) -> None:
    """With the right password the extension is known, and is not any more once the shop is closed."""
    async with a_registrar(SECRET) as box:
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line(box, tmp_path)) as front:
            await until(lambda: bool(front.standings))
            assert front.standings[-1].state == "registered"
            (contact,) = box.bound
            assert contact == f"<sip:shop@{front.office.address[0]}:{front.office.address[1]}>"
        await asyncio.sleep(0.1)
        assert not box.bound


async def test_a_wrong_password_is_told_and_not_hammered(engine: sa.Engine, tmp_path: Path) -> None:
    """A refused password is told in words that say what to check; the box is not asked again at once."""
    async with (
        a_registrar("another") as box,
        open_shop(engine, tmp_path, ScriptedSpeech(), line=line(box, tmp_path)) as front,
    ):
        await until(lambda: bool(front.standings))
        await asyncio.sleep(0.15)
        standing = front.standings[-1]
        assert standing.state == "refused"
        assert "password" in standing.text
        assert SECRET not in standing.text
        assert box.requests == 2


async def test_a_box_that_comes_back_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    """While the box is silent that is told; once it is back the extension is known again by itself."""
    async with a_registrar(SECRET) as box:
        box.silent = True
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=line(box, tmp_path)) as front:
            await until(lambda: bool(front.standings))
            assert front.standings[-1].state == "unreachable"
            box.silent = False
            await until(lambda: front.standings[-1].state == "registered")


async def test_a_box_that_was_restarted_knows_it_again(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registration is renewed in time, so a box that forgot everything knows the extension again."""
    monkeypatch.setattr(r, "REFRESH_AT", 0.005)
    async with (
        a_registrar(SECRET) as box,
        open_shop(engine, tmp_path, ScriptedSpeech(), line=line(box, tmp_path)) as front,
    ):
        await until(lambda: bool(box.bound))
        box.restart()
        await until(lambda: bool(box.bound))
        assert {standing.state for standing in front.standings} == {"registered"}


@pytest.mark.parametrize("content", [None, ""])
async def test_a_missing_password_file_is_told(
    engine: sa.Engine, tmp_path: Path, content: str | None
) -> None:
    """Without a password the message names the file and what to write into it."""
    if content is not None:
        (tmp_path / "phone.password").write_text(content)
    settings = replace(LINE, server="127.0.0.1:5999", user="shop")
    with pytest.raises(SettingsError, match=r"phone\.password.*first line"):
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=settings):
            pass


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (replace(LINE, allow=()), "nobody could call"),
        (replace(LINE, rtp_ports=(21000, 21002)), "too little for 2 calls"),
        (replace(LINE, user="shop"), "phone.server: missing"),
    ],
)
async def test_settings_that_cannot_work_are_told(
    engine: sa.Engine, tmp_path: Path, settings: Telephone, words: str
) -> None:
    """What no call could come of is told when the line is opened, with the key."""
    with pytest.raises(SettingsError, match=words):
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=settings):
            pass


async def test_a_port_that_is_taken_is_told(engine: sa.Engine, tmp_path: Path) -> None:
    """When another program has the port, the message names key and port."""
    async with open_shop(engine, tmp_path, ScriptedSpeech()) as front:
        settings = replace(LINE, port=front.office.address[1])
        with pytest.raises(SettingsError, match=r"phone\.port"):
            async with open_shop(engine, tmp_path, ScriptedSpeech(), line=settings):
                pass
