"""Registration at a real registrar: Debian's Kamailio, by UDP and by TCP."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant.telephone import Telephone, Transport
from shopbell.voice.phone import registrar as r
from tests.fakes.kamailio import REALM, Kamailio, a_kamailio
from tests.fakes.phone import LINE, open_shop, until
from tests.fakes.speech import ScriptedSpeech

SECRET = "box-secret-9"  # noqa: S105 - the box's of these tests


def line(box: Kamailio, folder: Path, *, password: str = SECRET, transport: Transport = "udp") -> Telephone:
    (folder / "phone.password").write_text(f"{password}\n")
    return replace(LINE, server=box.address, user="shop", domain=REALM, allow=(), transport=transport)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_is_known_stays_known_and_signs_off(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: Transport
) -> None:
    """A digest is answered, a short registration is renewed before it runs out, a restart is got over."""
    monkeypatch.setattr(r, "FIRST_WAIT_S", 0.2)
    monkeypatch.setattr(r, "LONGEST_WAIT_S", 0.5)
    monkeypatch.setattr(r, "RESEND_S", (0.3, 0.3))
    async with a_kamailio(tmp_path / "box", SECRET, granted=3) as box:
        settings = line(box, tmp_path, transport=transport)
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=settings) as front:
            await until(lambda: bool(front.standings), 60)
            assert front.standings[-1].text.endswith("for 3 s")
            assert await box.knows("shop")
            before = len(front.standings)
            await until(lambda: len(front.standings) >= before + 3, 60)  # longer than it was granted
            assert {standing.state for standing in front.standings} == {"registered"}
            await box.stop()
            await until(lambda: front.standings[-1].state == "unreachable", 60)
            await box.start()
            await box.until_known("shop")
            await until(lambda: front.standings[-1].state == "registered", 60)
        await box.until_known("shop", known=False)


async def test_a_wrong_password_is_told(engine: sa.Engine, tmp_path: Path) -> None:
    """The real registrar's refusal becomes words that say what to check."""
    async with a_kamailio(tmp_path / "box", SECRET) as box:
        settings = line(box, tmp_path, password="wrong")  # noqa: S106 - it is to be refused
        async with open_shop(engine, tmp_path, ScriptedSpeech(), line=settings) as front:
            await until(lambda: bool(front.standings), 60)
            assert front.standings[-1].state == "refused"
            assert "Check phone.user and the password file" in front.standings[-1].text
            assert await box.knows("shop") is False
