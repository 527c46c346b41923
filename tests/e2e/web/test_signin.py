"""Signing in on the chat page in a real browser: the panel, what shows who is known, what closes again."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.test_access import clean
from tests.fakes.everybody import everybody

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_customer_signs_in_chooses_a_pin_and_signs_out(browser: Browser, tmp_path: Path) -> None:
    """A wrong code is refused in the panel, a good one opens what is hers, signing out hides it."""
    async with everybody(tmp_path, 2) as shop:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(f"http://{shop.address}/")
        sign = page.locator("#sign")
        await sign.click()
        await expect(page.get_by_text("No PIN yet?")).to_be_visible()
        await expect(page.get_by_role("button", name="have one sent by e-mail")).to_be_hidden()
        await clean(page, "sign-in panel")
        await page.get_by_label("Phone number or e-mail").fill("07700 900001")
        await page.get_by_label("PIN or one-time code").fill("11112222")
        await page.keyboard.press("Enter")
        await expect(page.locator("#signin-trouble")).to_contain_text("did not match")
        await clean(page, "refused")
        await page.get_by_label("PIN or one-time code").fill(
            shop.keys.issue_code("c1", shop.now, by="sam").text
        )
        await page.keyboard.press("Enter")
        await expect(sign).to_have_text("Signed in")
        await page.get_by_label("Your message").fill("how many points do I have?")
        await page.keyboard.press("Enter")
        told = page.locator(".bubble").filter(has_text=shop.points["c1"])
        await expect(told).to_be_visible()
        await sign.click()
        await page.get_by_label("Choose a PIN of six digits").fill("482913")
        await clean(page, "signed in")
        await page.get_by_role("button", name="Keep this PIN").click()
        await expect(page.get_by_text("Your new PIN is kept.").first).to_be_visible()
        await sign.click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(sign).to_have_text("Sign in")
        await expect(told).to_be_hidden()
        assert "11112222" not in await page.content()
        await page.close()
