"""A real browser before the real server: its microphone is a file."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, async_playwright, expect

from shopbell.voice.audio import write_wav
from shopbell.voice.speech import RATE
from tests.fakes.ladder import Script, at_once
from tests.fakes.parlour import Parlour, open_parlour
from tests.fakes.speech import ScriptedSpeech, silence, tone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
]
ALLOW = "--use-fake-ui-for-media-stream"
DENY = "--deny-permission-prompts"
expect.set_options(timeout=30_000)


class Kiosk:
    """The kiosk's page, and what it must never do."""

    def __init__(self, page: Page, host: str, parlour: Parlour) -> None:
        self.page = page
        self.host = host
        self.parlour = parlour
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda message: self._said(message.type, message.text))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"http://{self.host}/", "blob:", "data:image/svg")):
            self.foreign.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "WebSocket" not in text and "ERR_CONN" not in text:
            self.complaints.append(f"{kind}: {text}")

    async def begin(self) -> None:
        """Touch the attract screen."""
        await self.page.goto(f"http://{self.host}/kiosk")
        await self.page.get_by_role("button", name="Touch to start").click()
        await expect(self.page.locator("#log li").first).to_be_visible()

    async def type(self, text: str) -> None:
        """Write something and send it."""
        await self.page.get_by_label("Type instead").fill(text)
        await self.page.keyboard.press("Enter")

    def check(self) -> None:
        """Assert that nothing foreign was asked for and nothing went wrong."""
        assert self.foreign == []
        assert self.complaints == []


Open = Callable[..., AbstractAsyncContextManager[Kiosk]]


def microphone(folder: Path, *parts: tuple[str, float]) -> Path:
    """Write what the microphone hears: `("speech", seconds)` or `("silence", seconds)`, in order."""
    file = folder / "microphone.wav"
    sound = b"".join(tone(s, rate=RATE) if kind == "speech" else silence(s) for kind, s in parts)
    file.write_bytes(write_wav(sound, RATE))
    return file


@pytest.fixture
def kiosk(engine: sa.Engine, tmp_path: Path) -> Open:
    """Return a way to open a kiosk of its own."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not on this machine: apt install chromium")

    @asynccontextmanager
    async def opened(
        *,
        heard: tuple[tuple[str, float], ...] = (("silence", 120.0),),
        speech: ScriptedSpeech | None = None,
        script: Script = at_once,
        allow: bool = True,
        scheme: str = "light",
        size: tuple[int, int] = (1280, 800),
        extra: tuple[str, ...] = (),
    ) -> AsyncIterator[Kiosk]:
        file = microphone(tmp_path, *heard)
        arguments = [*ARGUMENTS, ALLOW if allow else DENY, *extra]
        arguments.append(f"--use-file-for-fake-audio-capture={file}%noloop")
        async with (
            open_parlour(engine, tmp_path, speech=speech, script=script) as (parlour, host),
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            try:
                yield Kiosk(await context.new_page(), host, parlour)
            finally:
                await browser.close()

    return opened
