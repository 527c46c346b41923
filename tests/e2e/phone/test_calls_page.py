"""Staff take a call in a real browser, whose microphone is a file."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, async_playwright, expect

from shopbell.assistant.kiosk import Kiosk as KioskSettings
from shopbell.storage.worker import Worker
from shopbell.voice import kiosk
from shopbell.voice.audio import first_audible, write_wav
from shopbell.voice.ears import Ears
from shopbell.voice.phone.page import router
from shopbell.voice.speech import RATE
from tests.e2e.kiosk.conftest import ALLOW, ARGUMENTS, CHROMIUM
from tests.e2e.web.test_access import clean
from tests.fakes.ladder import ScriptedLadder
from tests.fakes.phone import Phone, Shopfront, a_phone, open_shop, until
from tests.fakes.speech import LoudnessActivity, ScriptedSpeech, silence, tone
from tests.fakes.staff import PASSWORD, Staffed, staffed

pytestmark = pytest.mark.browser


@asynccontextmanager
async def a_caller(engine: sa.Engine, folder: Path) -> AsyncIterator[tuple[Staffed, Shopfront, Phone]]:
    """Serve the page, with Nia to sign in, and somebody who has called."""
    speech, worker, ids = ScriptedSpeech(), Worker("page"), itertools.count()
    fronts: list[Shopfront] = []
    parts = kiosk.Kiosk(
        conversations=None,  # type: ignore[arg-type]  # nobody comes to this kiosk: it serves the page's parts
        speech=speech,
        ears=lambda: Ears(speech, LoudnessActivity(), worker),
        settings=KioskSettings(),
        clock=lambda: 0.0,
        new_id=lambda: f"id-{next(ids)}",
    )
    more = (kiosk.router(parts), router(lambda: fronts[0].office.switchboard.talks if fronts else ()))
    async with staffed(engine, folder / "shop", ScriptedLadder(), more=more) as staff:
        owner = await staff.office.member(staff.tokens["owner"])
        assert owner is not None
        await staff.office.join((await staff.office.add(owner, "Nia", "clerk")).code, "Nia", PASSWORD, "here")
        behind = (staff.conversations, staff.desk.counter)
        async with open_shop(engine, folder, speech, behind=behind) as front, a_phone() as phone:
            fronts.append(front)
            await phone.dial(front.office.address)
            yield staff, front, phone
    await worker.close()


@asynccontextmanager
async def a_browser(folder: Path, *, dark: bool) -> AsyncIterator[Page]:
    microphone = folder / "microphone.wav"
    pause = silence(0.7, rate=RATE)
    notes = (tone(0.3, rate=RATE, pitch=pitch) + pause for pitch in (600.0, 800.0, 1_000.0))
    microphone.write_bytes(write_wav(b"".join(notes), RATE))  # a steady tone is noise, and suppressed
    arguments = [*ARGUMENTS, ALLOW, f"--use-file-for-fake-audio-capture={microphone}"]
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield await browser.new_page(color_scheme="dark" if dark else "light")
        await browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not on this machine: apt install chromium")
async def test_a_clerk_talks_to_a_caller_in_the_browser(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign in, see who is on the line, take the call, be heard, give it back; axe finds nothing."""
    monkeypatch.setattr("tests.fakes.speech.SECONDS_A_LETTER", 0.01)
    async with a_caller(engine, tmp_path) as (staff, front, phone), a_browser(tmp_path, dark=True) as page:
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        await page.goto(f"http://{staff.address}/staff/calls")
        await clean(page, "before signing in")
        await page.get_by_label("Your name").fill("Nia")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator("#calls li")).to_contain_text("with the assistant")
        await clean(page, "the line")
        await page.get_by_role("button", name="Take the call").click()
        await expect(page.get_by_role("heading", name="You talk to caller …123")).to_be_visible()
        await expect(page.locator("#calls li")).to_contain_text("with Nia")
        await clean(page, "talking")
        await front.said_all()
        start = len(phone.heard)
        await until(lambda: first_audible(bytes(phone.heard[start:]), over=0.1) is not None)
        await page.get_by_role("button", name="Give back to Wick").click()
        await expect(page.locator("#outcome")).to_contain_text("The assistant answers again")
        await expect(page.locator("#calls li")).to_contain_text("with the assistant")
        phone.hang_up()
        await expect(page.get_by_text("Nobody is on the line.")).to_be_visible()
        assert wrong == []
