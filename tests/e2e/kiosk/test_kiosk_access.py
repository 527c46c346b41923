"""WCAG 2.2 AA by axe-core on a tablet's screen, light and dark."""

import pytest
from playwright.async_api import expect

from tests.e2e.kiosk.conftest import Open
from tests.e2e.web.test_access import clean

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="function")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_screen(kiosk: Open, scheme: str) -> None:
    """Attract, start, answer, button to talk, plain words, code, cleared: no violation."""
    async with kiosk(scheme=scheme, size=(1280, 800)) as one:
        page = one.page
        await page.goto(f"http://{one.host}/kiosk")
        await expect(page.get_by_role("button", name="When are you open?")).to_be_visible()
        await clean(page, f"{scheme} attract")
        await page.get_by_role("button", name="Touch to start").click()
        await expect(page.locator("#log li").first).to_be_visible()
        await clean(page, f"{scheme} start")
        await one.type("Do you deliver?")
        await expect(page.locator("#log")).to_contain_text("About Do you deliver?")
        await page.get_by_role("button", name="Hands-free").click()
        await page.get_by_role("button", name="Plain words").click()
        await expect(page.get_by_role("button", name="Hold to talk")).to_be_visible()
        await clean(page, f"{scheme} answer")
        await page.get_by_role("button", name="A person, please").click()
        await expect(page.locator("#banner")).to_contain_text("A person was asked for")
        await page.get_by_role("button", name="To my phone").click()
        await expect(page.get_by_alt_text("QR code")).to_be_visible()
        await clean(page, f"{scheme} code")
        await page.get_by_role("button", name="Close").click()
        await page.get_by_role("button", name="Clear now").click()
        await clean(page, f"{scheme} cleared")
        one.check()
