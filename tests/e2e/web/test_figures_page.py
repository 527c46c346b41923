"""The owner's page of figures in a real browser: signing in, following down, and nothing in anybody's way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from shopbell.storage.database import open_database
from tests.e2e.web.conftest import WATCH, Visit
from tests.e2e.web.test_access import clean
from tests.fakes.conversations import FakeConversations
from tests.fakes.figures import QUIET, FakeBook
from tests.fakes.ladder import ScriptedLadder
from tests.fakes.staff import Staffed, staffed

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PASSWORD = "seven grey herons"  # noqa: S105 - of somebody who exists in this test only
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


@asynccontextmanager
async def shop_with_figures(folder: Path) -> AsyncIterator[Staffed]:
    """Serve fixed figures to a manager, Nia, and a clerk, Cy."""
    database = open_database(folder / "staff.db")
    async with staffed(database, folder / "shop", ScriptedLadder()) as shop:
        shop.desk._figures = FakeBook()
        owner = await shop.office.member(shop.tokens["owner"])
        assert owner is not None
        nia, cy = await shop.office.add(owner, "Nia", "manager"), await shop.office.add(owner, "Cy", "clerk")
        await shop.office.join(nia.code, "Nia", PASSWORD, "here")
        await shop.office.join(cy.code, "Cy", PASSWORD, "here")
        yield shop
    database.dispose()


async def sign_in(one: Visit, name: str) -> None:
    await one.page.get_by_label("Your name").fill(name)
    await one.page.get_by_label("Password").fill(PASSWORD)
    await one.page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_owner_reads_the_figures(browser: Browser, tmp_path: Path, size: str, scheme: str) -> None:
    """Sign in, read, follow a figure to its rows, change the days, sign out: axe finds nothing."""
    width, height = SIZES[size]
    async with shop_with_figures(tmp_path) as shop:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        await context.add_init_script(WATCH)
        one = Visit(await context.new_page(), shop.address, FakeConversations())
        await one.page.goto(f"http://{shop.address}/staff/figures")
        await clean(one.page, "before signing in")
        await sign_in(one, "Nia")
        await expect(one.page.locator(".tile").first).to_contain_text("96 %")
        await one.page.get_by_text("In numbers").first.click()
        await one.page.get_by_text("How it is counted").first.click()
        await clean(one.page, "figures")
        await one.page.locator("#figure-reach").get_by_role("button", name="rows behind it").click()
        await expect(one.page.locator("#behind-rows tr")).to_have_count(12)
        await clean(one.page, "rows")
        await one.page.get_by_role("button", name="Close").click()
        shop.desk._figures = FakeBook(QUIET)
        await one.page.get_by_role("button", name="7 days").click()
        await expect(one.page.locator(".tile").first).to_contain_text("too few: 3 of 20")
        await clean(one.page, "few")
        await one.page.get_by_role("button", name="Sign out").click()
        await expect(one.page.locator("#page")).to_be_empty()
        await one.check()
        await context.close()


async def test_a_clerk_sees_none_of_it(browser: Browser, tmp_path: Path) -> None:
    """Who may not is told so, and nothing is shown."""
    async with shop_with_figures(tmp_path) as shop:
        context = await browser.new_context()
        one = Visit(await context.new_page(), shop.address, FakeConversations())
        await one.page.goto(f"http://{shop.address}/staff/figures")
        await sign_in(one, "Cy")
        await expect(one.page.locator("#outcome")).to_contain_text("As clerk you may not")
        await expect(one.page.locator("#page")).to_be_empty()
        await context.close()
