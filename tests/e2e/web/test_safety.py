"""What is said stays text, on every part of the page and in the widget."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from shopbell.assistant import wire
from shopbell.assistant.settings import Web
from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.limits import Rate
from tests.e2e.web.conftest import Open
from tests.fakes.conversations import FakeConversations, Greeting
from tests.fakes.web import SETTINGS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>click</a>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<style>body{background:url(https://evil.example/x)}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example><button autofocus>go</button></form>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '"><script src=https://evil.example/x.js></script>',
    "'; alert(1); //",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<details open ontoggle=alert(1)>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[@click=app.quit]press[/]",
    "\u202egnp.exe\u202c \u200b\u200d\ufeff \U000e0041",
    "A" * 600,
]


async def test_hostile_text_is_inert_everywhere(visit: Open) -> None:
    """Customer, assistant, source, reason, staff, notice, greeting: each shows the text and runs nothing."""
    evil = PAYLOADS[1]
    greeting = Greeting(
        notice=evil,
        greeting=PAYLOADS[0],
        suggestions=("Do you deliver?", PAYLOADS[2]),
        presence=wire.Presence(staffed=True, text=evil),
    )
    service = FakeConversations(pause_s=0.0, greeting=greeting)
    patient = replace(DEFAULTS, says=Rate(100, 100), address_says=Rate(100, 100))
    async with visit(service=service, limits=patient) as one:
        await one.begin()
        page = one.page
        await expect(page.get_by_role("button", name=PAYLOADS[2])).to_be_visible()
        for number, payload in enumerate(PAYLOADS):
            await one.ask(f"echo {payload}")
            await one.answers(number + 1)
            bubble = page.locator(".theirs[data-reply] .bubble").last
            assert await bubble.evaluate("(element) => element.textContent") == payload
            assert await bubble.evaluate("(element) => element.children.length") == 0
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        await one.service.take_over(one.conversation, evil)
        await one.service.staff_say(one.conversation, evil, evil)
        await expect(page.locator(".staff .bubble")).to_have_text(evil)
        await page.reload()
        await expect(page.locator(".staff .bubble")).to_have_text(evil)
        made = page.locator("#scroller :is(script, img, iframe, form, a, link, style, base)")
        await expect(made).to_have_count(0)
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(wide)
        await one.check()


async def test_the_widget_sits_on_the_shop_s_own_site(visit: Open) -> None:
    """One line brings a button; it opens the chat, keeps the focus right, and counts what was not read."""
    async with visit() as one:
        page = one.page
        site = f"""<!doctype html><title>The shop</title><h1>Our shop</h1>
            <script src="http://{one.host}/widget.js" data-accent="#00695c" data-label="Ask Wick"
                async></script>"""
        policy = f"default-src 'none'; script-src http://{one.host}; frame-src http://{one.host}"
        await page.route(
            f"http://{one.host}/site",
            lambda route: route.fulfill(
                body=site, content_type="text/html", headers={"Content-Security-Policy": policy}
            ),
        )
        await page.goto(f"http://{one.host}/site")
        button = page.get_by_role("button", name="Ask Wick")
        await expect(button).to_have_css("background-color", "rgb(0, 105, 92)")
        assert len(one.service.talks) == 0
        await button.focus()
        await page.keyboard.press("Enter")
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_label("Your message")).to_be_focused()
        await frame.get_by_role("button", name="Do you deliver?").click()
        await expect(frame.locator(".theirs .about")).to_have_count(1)
        accent = await frame.locator(".mine .bubble").evaluate(
            "(one) => getComputedStyle(one).backgroundColor"
        )
        assert accent == "rgb(0, 105, 92)"
        await page.keyboard.press("Escape")
        await expect(button).to_be_focused()
        await one.service.staff_say(one.conversation, "Sam", "Are you still there?")
        await expect(page.locator(".badge")).to_have_text("1 unread")
        await button.click()
        await expect(frame.locator(".staff .bubble")).to_be_visible()
        await expect(page.locator(".badge")).to_be_hidden()
        await frame.get_by_role("button", name="Close the chat").click()
        await expect(button).to_be_focused()
        await page.reload()
        await button.click()
        await expect(frame.locator(".staff .bubble")).to_be_visible()
        assert len(one.service.talks) == 1
        await one.check()


@asynccontextmanager
async def another_site(page: list[str]) -> AsyncIterator[str]:
    """Serve a page of another origin; its text may be set later."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = page[0].encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}"


async def test_only_listed_sites_can_frame_the_chat(visit: Open) -> None:
    """A site that is not on the list gets an empty frame; one on the list gets the chat."""
    body = [""]
    async with (
        another_site(body) as stranger,
        another_site(body) as neighbour,
        visit(settings=replace(SETTINGS, web=Web(origins=(neighbour,)))) as one,
    ):
        body[0] = f'<!doctype html><title>A site</title><script src="http://{one.host}/widget.js"></script>'
        page = one.page
        await page.goto(stranger)
        await page.get_by_role("button", name="Ask us").click()
        await page.wait_for_timeout(1_000)
        assert page.frames[1].url.startswith("chrome-error:")
        assert one.service.talks == {}
        await page.goto(neighbour)
        await page.get_by_role("button", name="Ask us").click()
        chat = page.frame_locator("iframe")
        await chat.get_by_role("button", name="Do you deliver?").click()
        await expect(chat.locator(".theirs .about")).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Ask us")).to_be_focused()


async def test_the_reference_page_shows_the_interface(visit: Open) -> None:
    """`/api` lists every operation, with nothing from elsewhere."""
    async with visit() as one:
        await one.page.goto(f"http://{one.host}/api")
        await expect(one.page.locator(".operation")).to_have_count(7)
        await expect(one.page.get_by_text("/api/conversations/{conversation}/say")).to_be_visible()
        await one.check()
