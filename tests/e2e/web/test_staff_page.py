"""The page on which somebody joins the staff, in a real browser before the real office."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from shopbell.storage.database import open_database
from tests.e2e.web.conftest import WATCH, Visit
from tests.fakes.conversations import FakeConversations
from tests.fakes.ladder import ScriptedLadder
from tests.fakes.staff import Staffed, staffed

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PASSWORD = "seven grey herons"  # noqa: S105 - of somebody who exists in this test only


@asynccontextmanager
async def visiting(browser: Browser, shop: Staffed, code: str) -> AsyncIterator[Visit]:
    """Open the link; what a refusal leaves in the browser's own log does not count."""
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    one = Visit(await context.new_page(), shop.address, FakeConversations())
    await one.page.goto(f"http://{shop.address}/staff#{code}")
    try:
        yield one
        one.complaints = [said for said in one.complaints if "status of 40" not in said]
        await one.check()
    finally:
        await context.close()


async def join(one: Visit, password: str) -> None:
    await one.page.locator("#password").fill(password)
    await one.page.get_by_role("button", name="Join").click()


async def test_a_one_time_link_works_once(browser: Browser, tmp_path: Path) -> None:
    """The code leaves the address bar; a poor password is refused in words, a good one kept; never again."""
    database = open_database(tmp_path / "staff.db")
    async with staffed(database, tmp_path / "shop", ScriptedLadder()) as shop:
        owner = await shop.office.member(shop.tokens["owner"])
        assert owner is not None
        invited = await shop.office.add(owner, "Nia", "clerk")
        async with visiting(browser, shop, invited.code) as one:
            outcome = one.page.locator("#outcome")
            await expect(one.page.locator("#code")).to_have_value(invited.code)
            assert "#" not in one.page.url
            await join(one, "my name is nia, so")
            await expect(outcome).to_contain_text("name")
            await join(one, PASSWORD)
            await expect(outcome).to_contain_text("Welcome, Nia. Now open the console")
            await expect(one.page.locator("#join")).to_be_hidden()
        assert (await shop.office.login("Nia", PASSWORD, "here")).member.role == "clerk"
        async with visiting(browser, shop, invited.code) as one:
            await join(one, PASSWORD)
            await expect(one.page.locator("#outcome")).to_contain_text("code")
            await expect(one.page.locator("#join")).to_be_visible()
    database.dispose()
