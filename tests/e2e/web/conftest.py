"""A real browser before the real server around the scripted service."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from shopbell.assistant.settings import Settings
from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.limits import Limits
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import SETTINGS, app_for, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(event.violatedDirective);
});
"""
expect.set_options(timeout=30_000)


class Visit:
    """A customer's browser window, and what it must never do."""

    def __init__(self, page: Page, host: str, service: FakeConversations) -> None:
        self.page = page
        self.host = host
        self.service = service
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", lambda message: self._said(message.type, message.text))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"http://{self.host}/", "blob:")):
            self.foreign.append(url)

    def _said(self, kind: str, text: str) -> None:
        # A lost connection is part of some tests, and browsers log it themselves.
        if kind in {"error", "warning"} and "WebSocket connection" not in text and "ERR_CONN" not in text:
            self.complaints.append(f"{kind}: {text}")

    async def begin(self, query: str = "") -> None:
        """Open the chat page and wait until it is ready."""
        await self.page.goto(f"http://{self.host}/{query}")
        await expect(self.page.get_by_role("button", name="Do you deliver?")).to_be_visible()

    async def ask(self, text: str) -> None:
        """Write a message and send it with Enter."""
        await self.page.get_by_label("Your message").fill(text)
        await self.page.keyboard.press("Enter")

    async def answers(self, count: int) -> None:
        """Wait until so many answers are complete."""
        await expect(self.page.locator(".theirs .about")).to_have_count(count)

    @property
    def conversation(self) -> str:
        """The newest conversation's id."""
        return list(self.service.talks)[-1]

    async def check(self) -> None:
        """Assert that nothing foreign was asked for and no rule was broken."""
        assert self.foreign == []
        assert self.complaints == []
        assert await self.page.evaluate("window.violations") == []


Open = Callable[..., AbstractAsyncContextManager[Visit]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start one browser for all tests."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not on this machine: apt install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Open:
    """Return a way to open a window before a server of its own."""

    @asynccontextmanager
    async def opened(
        *,
        width: int = 1280,
        height: int = 800,
        scheme: str = "light",
        service: FakeConversations | None = None,
        settings: Settings = SETTINGS,
        limits: Limits = DEFAULTS,
    ) -> AsyncIterator[Visit]:
        service = service or FakeConversations()
        async with serving(app_for(service, tmp_path, settings=settings, limits=limits)) as host:
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                accept_downloads=True,
            )
            await context.add_init_script(WATCH)
            one = Visit(await context.new_page(), host, service)
            try:
                yield one
            finally:
                await context.close()
                await service.close()

    return opened
