"""A customer talks with the shop in a browser."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.web.conftest import WATCH, Open, Visit
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import app_for, serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_question_is_answered_with_its_source(visit: Open) -> None:
    """The notice comes first; words stream; source and reason unfold; thumbs are kept."""
    async with visit() as one:
        await one.begin()
        page = one.page
        await expect(page.locator(".line").first).to_contain_text("an AI assistant")
        await page.get_by_role("button", name="Do you deliver?").click()
        await expect(page.locator(".mine")).to_contain_text("Do you deliver?")
        await expect(page.locator(".caret")).to_be_visible()
        await one.answers(1)
        await expect(page.locator(".chips")).to_have_count(0)
        await page.get_by_text("2 sources").click()
        await expect(page.get_by_text("We deliver within three miles of the shop, Tuesday")).to_be_visible()
        await page.get_by_text("Why this answer?").click()
        await expect(page.get_by_text("Every number in it was checked")).to_be_visible()
        await page.get_by_role("button", name="Helpful", exact=True).click()
        await expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(page.locator("#announcer")).to_contain_text("rating was kept")
        await one.check()


async def test_a_waiting_customer_sees_the_place_and_may_stop(visit: Open) -> None:
    """The place in the queue is shown; Stop ends a reply and leaves what was said."""
    async with visit(service=FakeConversations(place_s=3.0)) as one:
        await one.begin()
        await one.ask("How much is an oat flat white?")
        await expect(one.page.get_by_text("2 before you, about 9 s").first).to_be_visible()
        await one.answers(1)
        await one.ask("Tell me a long story")
        await expect(one.page.locator(".caret")).to_contain_text("Word 1 of")
        await one.page.get_by_role("button", name="Stop").click()
        await one.answers(2)
        await expect(one.page.get_by_text("(stopped)")).to_be_visible()
        await expect(one.page.get_by_role("button", name="Stop")).to_be_hidden()
        await one.check()


async def test_a_reload_shows_the_same_conversation(visit: Open) -> None:
    """After a reload everything stands there once, and it goes on, even in the middle of a reply."""
    async with visit() as one:
        await one.begin()
        await one.ask("When are you open on Sunday?")
        await one.answers(1)
        await one.page.get_by_role("button", name="Not helpful").click()
        await one.ask("Tell me a long story")
        await expect(one.page.locator(".caret")).to_contain_text("Word 2 of")
        await one.page.reload()
        await expect(one.page.locator(".caret")).to_contain_text(
            "Word 1 of a long story about bread. Word 2 of"
        )
        await expect(one.page.locator(".mine")).to_have_count(2)
        await expect(one.page.locator(".chips")).to_have_count(0)
        await expect(one.page.get_by_role("button", name="Not helpful").first).to_have_attribute(
            "aria-pressed", "true"
        )
        await one.page.get_by_role("button", name="Stop").click()
        await one.answers(2)
        assert len(one.service.talks) == 1
        await one.check()


async def test_a_lost_connection_loses_and_doubles_nothing(browser: Browser, tmp_path: Path) -> None:
    """With the server gone, a banner says so; what is written meanwhile is sent once it is back, once."""
    service = FakeConversations()
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    async with serving(app_for(service, tmp_path)) as host:
        one = Visit(await context.new_page(), host, service)
        await one.begin()
        await one.ask("When are you open on Sunday?")
        await one.answers(1)
        await service.staff_say(one.conversation, "Sam", "Hello from the shop.")
        await expect(one.page.locator(".staff")).to_have_count(1)
    await expect(one.page.locator("#banner")).to_contain_text("The connection is lost")
    await one.ask("Do you deliver?")
    await expect(one.page.get_by_text("Waiting for the connection")).to_be_visible()
    async with serving(app_for(service, tmp_path), port=int(host.split(":")[1])):
        await one.answers(2)
        await expect(one.page.locator("#banner")).to_be_hidden()
        await expect(one.page.get_by_text("Waiting for the connection")).to_have_count(0)
        await expect(one.page.locator(".mine")).to_have_text([re.compile("Sunday"), re.compile("deliver")])
        assert len(service.talks) == 1
        await expect(one.page.locator(".staff")).to_have_count(1)
        assert [len(talk.keys) for talk in service.talks.values()] == [2]
        await one.check()
        await context.close()
    await service.close()


async def test_a_message_cut_off_on_the_way_is_sent_again_once(visit: Open) -> None:
    """A message kept by the server whose receipt was lost is not shown or kept twice."""
    async with visit() as one:
        await one.begin()
        await one.page.evaluate(
            """() => {
                const send = WebSocket.prototype.send;
                WebSocket.prototype.send = function (data) {
                    send.call(this, data);
                    if (!data.includes('"say"')) return;
                    this.onmessage = null;
                    setTimeout(() => this.close(), 300);
                };
            }"""
        )
        await one.ask("When are you open on Sunday?")
        await one.answers(1)
        await expect(one.page.locator(".mine")).to_have_count(1)
        assert len(one.service.talks[one.conversation].keys) == 1
        await one.check()


async def test_a_forgotten_conversation_begins_anew(visit: Open) -> None:
    """When the server no longer knows the conversation, the page starts another one by itself."""
    async with visit() as one:
        await one.begin()
        await one.ask("Hello")
        await one.answers(1)
        one.service.talks.clear()
        await one.page.reload()
        await expect(one.page.get_by_role("button", name="Do you deliver?")).to_be_visible()
        await one.ask("Hello again")
        await one.answers(1)
        await expect(one.page.locator(".mine")).to_have_count(1)


async def test_a_person_is_always_one_button_away(visit: Open) -> None:
    """The button and the offer under a refusal ask for a person; staff are told apart; the floor is named."""
    async with visit() as one:
        await one.begin()
        page = one.page
        await one.ask("Can I rent a helicopter?")
        await page.get_by_role("button", name="Get me a person").click()
        await expect(page.locator(".floor")).to_have_text(
            "A person was asked for. Someone is here until 17:00."
        )
        await expect(page.get_by_role("button", name="Get me a person")).to_be_hidden()
        await one.service.take_over(one.conversation, "Sam")
        await one.service.staff_say(one.conversation, "Sam", "Hello, Sam here.")
        await expect(page.locator(".floor")).to_have_text("You are talking to Sam from the shop")
        await expect(page.locator(".staff")).to_contain_text("Sam · from the shop")
        await expect(page.locator("#announcer")).to_have_text("Sam: Hello, Sam here.")
        await one.service.hand_back(one.conversation)
        await expect(page.locator(".floor")).to_have_text("You are talking to Wick, an AI")
        await page.get_by_role("button", name="Talk to a person").click()
        await expect(page.locator(".floor")).to_contain_text("A person was asked for.")
        assert [type(frame).__name__ for frame in one.service.talks[one.conversation].log].count(
            "FloorChanged"
        ) == 4
        await one.check()


async def test_the_end_asks_for_stars_and_gives_the_transcript(visit: Open) -> None:
    """Ending is confirmed; stars and a comment are kept; the transcript is saved; a new chat begins empty."""
    async with visit() as one:
        await one.begin()
        page = one.page
        await one.ask("When are you open on Sunday?")
        await one.answers(1)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("button", name="End this chat").click()
        await page.get_by_role("button", name="Keep chatting").click()
        await expect(page.get_by_label("Your message")).to_be_visible()
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("button", name="End this chat").click()
        await page.get_by_role("button", name="End chat").click()
        await expect(page.get_by_role("heading", name="How was this chat?")).to_be_focused()
        await expect(page.get_by_label("Your message")).to_be_hidden()
        await page.get_by_title("Very good").click()
        await page.get_by_label("Anything you would like to add?").fill("Quick & kind <b>")
        await page.get_by_role("button", name="Send rating").click()
        await expect(page.get_by_text("Your rating was kept: 5 stars.")).to_be_visible()
        assert one.service.comment == "Quick & kind <b>"
        async with page.expect_download() as waiting:
            await page.locator("#rating").get_by_role("button", name="Download transcript").click()
        download = await waiting.value
        assert download.suggested_filename == "conversation.txt"
        text = (await asyncio.to_thread(Path(await download.path()).read_text)).splitlines()
        assert any("You: When are you open on Sunday?" in line for line in text)
        await page.locator("#rating").get_by_role("button", name="Start a new chat").click()
        await expect(page.get_by_role("button", name="Do you deliver?")).to_be_visible()
        await expect(page.locator(".mine")).to_have_count(0)
        await one.ask("Hello")
        await one.answers(1)
        assert len(one.service.talks) == 2
        await one.check()


async def test_everything_can_be_done_with_the_keyboard(visit: Open) -> None:
    """From the skip link to the stars without a mouse, with the focus always in sight."""
    async with visit() as one:
        await one.begin()
        page = one.page
        skip = page.get_by_text("Skip to the message box")
        for _ in range(20):
            await page.keyboard.press("Shift+Tab")
            if await skip.evaluate("(link) => link === document.activeElement"):
                break
        await expect(skip).to_be_in_viewport()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Your message")).to_be_focused()
        await page.keyboard.type("first line")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("when are you open on sunday?")
        await page.keyboard.press("Enter")
        await one.answers(1)
        await expect(page.locator(".mine .bubble")).to_have_text("first line\nwhen are you open on sunday?")
        await page.locator("summary", has_text="Source: Opening hours").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Sunday: 09:00 to 16:00.")).to_be_visible()
        for _ in range(2):
            await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Helpful", exact=True)).to_be_focused()
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.get_by_role("button", name="More").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Download transcript")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="More")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="How was this chat?")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowRight")
        await page.get_by_role("button", name="Send rating").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#rating .label")).to_contain_text("Your rating was kept")
        await one.check()


async def test_a_reader_who_scrolled_up_is_left_alone(visit: Open) -> None:
    """New words do not pull the reader down; a button leads to them."""
    async with visit(width=390, height=500) as one:
        await one.begin()
        for number in range(4):
            await one.ask("When are you open on Sunday?")
            await one.answers(number + 1)
        page = one.page
        at = "document.getElementById('scroller').scrollTop"
        assert await page.evaluate(at) > 200
        await page.evaluate("document.getElementById('scroller').scrollTop = 0")
        await page.wait_for_timeout(100)
        await one.service.staff_say(one.conversation, "Sam", "Hello")
        await expect(page.get_by_role("button", name="New message")).to_be_visible()
        assert await page.evaluate(at) == 0
        await page.get_by_role("button", name="New message").click()
        await expect(page.get_by_role("button", name="New message")).to_be_hidden()
        assert await page.evaluate(at) > 200


async def test_a_message_near_its_limit_is_counted(visit: Open) -> None:
    """Near 2,000 characters the rest is counted, an emoji as one; beyond, nothing can be sent."""
    async with visit() as one:
        await one.begin()
        box = one.page.get_by_label("Your message")
        await box.fill("👍" * 1_990)
        await expect(one.page.locator("#counter")).to_have_text("10 left")
        await box.fill("x" * 2_003)
        await expect(one.page.locator("#counter")).to_have_text("3 too many")
        await expect(one.page.get_by_role("button", name="Send")).to_be_disabled()
        await one.page.keyboard.press("Enter")
        await expect(one.page.locator(".mine")).to_have_count(0)
        await box.fill("👍" * 2_000)
        await one.page.keyboard.press("Enter")
        await one.answers(1)


async def test_a_finished_answer_is_read_out_once(visit: Open) -> None:
    """A screen reader hears the whole answer when it is done, and no token before."""
    async with visit() as one:
        await one.begin()
        await one.page.evaluate(
            """() => {
                window.heard = [];
                const announcer = document.getElementById("announcer");
                new MutationObserver(() => window.heard.push(announcer.textContent)).observe(announcer, {
                    childList: true, characterData: true, subtree: true });
            }"""
        )
        await one.ask("Do you deliver?")
        await one.answers(1)
        heard = await one.page.evaluate("window.heard")
        assert len(heard) == 1
        assert heard[0].startswith("Wick: Yes, within three miles")
        assert heard[0].endswith("£3.50.")
