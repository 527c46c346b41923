"""WCAG 2.2 AA by axe-core, in every state, light and dark, on a phone and on a desktop."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.e2e.web.conftest import Open, Visit
from tests.fakes.conversations import FakeConversations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SIZES = {"phone": (390, 844), "desktop": (1280, 800), "narrow": (320, 568)}
STILL = """document.getAnimations().forEach((one) => {
    one.effect.updateTiming({ iterations: 1 });
    one.finish();
})"""


async def clean(page: Page, state: str) -> None:
    """Assert that axe finds nothing in this state, and that nothing has to be scrolled sideways."""
    await page.evaluate(STILL)
    results = await Axe().run(page, options={"resultTypes": ["violations"]})
    found = [
        (broken["id"], node["target"], node["failureSummary"])
        for broken in results.response["violations"]
        for node in broken["nodes"]
    ]
    assert found == [], f"{state}: {found}"
    assert not await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    ), f"{state}: wider than the window"


async def walk(one: Visit, scheme: str, size: str) -> None:
    """Go through every state of the page and look at each."""
    page, where = one.page, f"{scheme} {size}"
    await one.begin()
    await clean(page, f"{where} start")
    await one.ask("Do you deliver?")
    await one.answers(1)
    await page.get_by_text("2 sources").click()
    await page.get_by_text("Why this answer?").click()
    await page.get_by_role("button", name="Helpful", exact=True).click()
    await clean(page, f"{where} answer")
    await one.ask("How much is an oat flat white?")
    await expect(page.locator(".place")).to_be_visible()
    await clean(page, f"{where} queue")
    await one.answers(2)
    await one.ask("A long story")
    await expect(page.locator(".caret")).to_contain_text("Word 1")
    await clean(page, f"{where} streaming")
    await page.get_by_role("button", name="Stop").click()
    await one.answers(3)
    await one.ask("Can I rent a helicopter?")
    await one.answers(4)
    await clean(page, f"{where} refusal")
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".floor")).to_contain_text("A person was asked for")
    await clean(page, f"{where} waiting")
    await one.service.take_over(one.conversation, "Sam")
    await one.service.staff_say(one.conversation, "Sam", "Hello, Sam here.")
    await expect(page.locator(".staff")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    await clean(page, f"{where} staff and menu")
    await page.get_by_role("button", name="End this chat").click()
    await clean(page, f"{where} dialog")
    await page.get_by_role("button", name="End chat").click()
    await page.get_by_title("All right").click()
    await clean(page, f"{where} stars")
    await page.get_by_role("button", name="Send rating").click()
    await expect(page.locator("#rating .label")).to_contain_text("Your rating was kept")
    await clean(page, f"{where} thanks")
    await one.check()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_any_state(visit: Open, scheme: str, size: str) -> None:
    """Eleven states of the chat page have no violation."""
    width, height = SIZES[size]
    service = FakeConversations(place_s=4.0)
    async with visit(width=width, height=height, scheme=scheme, service=service) as one:
        await walk(one, scheme, size)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/api", "/?embed=1&accent=ffee00"])
async def test_axe_finds_nothing_on_the_other_pages(visit: Open, path: str, scheme: str) -> None:
    """The reference and the inside of the widget, in the brightest colour, have no violation."""
    async with visit(scheme=scheme, width=400, height=680) as one:
        await one.page.goto(f"http://{one.host}{path}")
        await expect(one.page.locator(".operation, .chip").first).to_be_visible()
        await clean(one.page, f"{path} {scheme}")


async def test_a_bare_page_would_be_found_out(visit: Open) -> None:
    """The check can fail: an image without words and pale text are violations."""
    async with visit() as one:
        await one.page.set_content('<img src="/x.png"><p style="color:#ccc">pale</p>')
        with pytest.raises(AssertionError, match="image-alt"):
            await clean(one.page, "bare")
