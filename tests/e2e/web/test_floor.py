"""Two consoles and three browsers around the real server and model: who speaks, and what is known."""

import asyncio
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.roster import Roster
from shopbell.models.files import data_folder
from shopbell.storage.database import open_database
from shopbell.tui.app import ConsoleApp
from shopbell.tui.house import HttpHouse
from shopbell.tui.line import SocketLine
from shopbell.tui.state import Desk, Frame, fold
from tests.e2e.web.conftest import WATCH, Visit
from tests.fakes.conversations import FakeConversations
from tests.fakes.served import Premises

pytestmark = [
    pytest.mark.model,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="session"),
]
MODEL = "qwen2.5-1.5b"
PASSWORD = "seven grey herons"  # noqa: S105 - of people who exist in this test only
STOP_S = 0.3
"""Seconds from the take-over to the last word of the assistant."""
WORDS_S = 20.0
"""Seconds to wait for the reply's first words; then it is stopped while the model still works on it."""
MODEL_S = 240
"""Seconds to wait for the model on a busy machine."""
STORY = """# Our roastery

## How we roast our beans

We roast in small batches of twelve kilos at the back of the shop. First the green beans are dried for five
minutes at a low heat. Then the heat is raised until the first crack, which takes about nine minutes. After
that the beans are cooled with air for four minutes and rest for two days before they are sold. Dark roasts
stay in the drum one minute longer. Every batch is tasted by two people before it goes on the shelf.
"""
QUESTION = "Please explain step by step what happens to the green beans in your roastery until they are sold."
KEPT = "I kept the last Ethiopian bag for you under the name Rosa."


class Timed(SocketLine):
    """A line that remembers when the take-over was sent."""

    taken_at = 0.0

    async def send(self, frame: w.StaffFrame) -> bool:
        if isinstance(frame, w.TakeOver):
            self.taken_at = time.monotonic()
        return await super().send(frame)


class Colleague:
    """The second console: it only looks, and notes when it saw what."""

    def __init__(self, line: SocketLine) -> None:
        self.line = line
        self.desk = Desk()
        self.seen: list[tuple[float, Frame]] = []

    async def look(self, token: str) -> None:
        async for frame in self.line.frames(token):
            self.desk = fold(self.desk, frame)
            self.seen.append((time.monotonic(), frame))

    def at(self, wanted: Callable[[Any], bool]) -> float:
        """Return when such a frame of a watched conversation came; 0 when none did."""
        told = ((at, frame.frame) for at, frame in self.seen if isinstance(frame, w.Told))
        return next((at for at, frame in told if wanted(frame)), 0.0)


@asynccontextmanager
async def shop_served(folder: Path) -> AsyncIterator[tuple[str, Premises]]:
    """Serve a new shop with a page about its roastery and the real model."""
    model = data_folder(os.environ, Path.home()) / "models" / MODEL
    if not model.is_dir():
        pytest.skip(f"the model {MODEL} is not here: run scripts/test")
    premises = Premises(folder)
    (premises.data / "models" / MODEL).symlink_to(model)
    (premises.shop / "faq" / "roastery.md").write_text(STORY)
    settings = premises.shop / "shop.toml"
    settings.write_text(settings.read_text() + f'\n[engine]\nmodel = "{MODEL}"\ndeadline_s = 120.0\n')
    async with premises.served() as (_, url):
        yield url, premises


async def signed_in(url: str, premises: Premises, name: str) -> str:
    """Invite somebody, who uses the code; return the session's token."""
    engine, code = open_database(premises.database), secrets.token_urlsafe(24)

    def clock() -> datetime:
        return datetime.now(UTC)

    Roster(engine, AuditLog(engine, clock), clock).add("the command line", name, "clerk", code)
    engine.dispose()
    return (await HttpHouse(url).join(code, name, PASSWORD)).token


async def visitor(browser: Browser, url: str) -> Visit:
    """Open the chat page in a window of its own."""
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    one = Visit(await context.new_page(), url.removeprefix("http://"), FakeConversations())
    await one.page.goto(f"{url}/")
    await expect(one.page.get_by_role("button", name="Can I return something")).to_be_visible()
    return one


async def answer_after(page: Page, text: str, count: int) -> str:
    """Say something and return the answer, which is the one of this number."""
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs .about")).to_have_count(count, timeout=MODEL_S * 1000)
    return str(await page.locator(".theirs .bubble").last.inner_text())


async def until(pilot: Any, shows: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not shows():
            await pilot.pause(0.02)


def screen_of(app: ConsoleApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_two_consoles_and_three_browsers(browser: Browser, tmp_path: Path) -> None:
    """Taken over mid-answer it falls silent at once; after the hand-back it knows what the person said."""
    async with shop_served(tmp_path) as (url, premises):
        ana, ben = [await signed_in(url, premises, name) for name in ("Ana", "Ben")]
        rosa, second, third = [await visitor(browser, url) for _ in range(3)]
        line, colleague = Timed(url), Colleague(SocketLine(url))
        looking = asyncio.create_task(colleague.look(ben))
        app = ConsoleApp(line, HttpHouse(url), token=ana)
        try:
            async with app.run_test(size=(120, 40)) as pilot:
                await until(pilot, lambda: "● live" in screen_of(app))
                paid, sent = await asyncio.gather(
                    answer_after(second.page, "which payment methods do you take?", 1),
                    answer_after(third.page, "do you deliver?", 1),
                )
                assert "no minimum amount" in paid
                assert "Not yet" in sent
                await _mid_answer(pilot, app, rosa, colleague, line)
                await _by_hand(pilot, app, rosa)
                given = await rosa.page.locator(".theirs .about").count()
                known = await answer_after(rosa.page, "Under what name is it kept?", given + 1)
                assert "Rosa" in known
                assert "Rosa" not in await second.page.locator("#log").inner_text()
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            for one in (rosa, second, third):
                await one.check()
                await one.page.context.close()


async def _mid_answer(pilot: Any, app: ConsoleApp, rosa: Visit, colleague: Colleague, line: Timed) -> None:
    """Take over while the reply is being given, and see it stop there."""
    await rosa.page.get_by_label("Your message").fill(QUESTION)
    await rosa.page.keyboard.press("Enter")
    await until(pilot, lambda: any(card.answering for card in app.desk.cards.values()))
    card = next(card for card in app.desk.cards.values() if card.answering)
    await app.talk(card.conversation)
    await colleague.line.send(w.Watch(conversation=card.conversation))
    begun = time.monotonic()
    await until(pilot, lambda: _worded(colleague) or time.monotonic() - begun > WORDS_S)
    await pilot.press("t")
    await until(pilot, lambda: "you answer" in screen_of(app))
    await expect(rosa.page.locator(".notice").last).to_contain_text("Ana")
    cut = colleague.at(lambda f: isinstance(f, w.Answered) and f.reply.cut)
    taken = colleague.at(lambda f: isinstance(f, wire.FloorChanged) and f.holder == "staff")
    assert 0 < taken - line.taken_at <= STOP_S
    shown = await rosa.page.locator(".theirs .bubble").last.inner_text()
    # Of a reply of which no word was shown yet nothing is kept: its question is the person's now.
    assert bool(re.search(r"\(stopped\)$", shown)) == (cut > 0) == _worded(colleague)
    await asyncio.sleep(3)
    assert await rosa.page.locator(".theirs .bubble").last.inner_text() == shown
    assert await rosa.page.locator(".typing").count() == 0
    # The colleague reaches for it too, too late.
    await colleague.line.send(w.TakeOver("late", card.conversation, card.version))
    await until(pilot, lambda: any(isinstance(f, wire.Trouble) for _, f in colleague.seen))
    trouble = next(f for _, f in colleague.seen if isinstance(f, wire.Trouble))
    assert (trouble.code, "Ana" in trouble.text) == ("floor-taken", True)


def _worded(colleague: Colleague) -> bool:
    """Say whether words of a running reply were shown."""
    return colleague.at(lambda f: isinstance(f, wire.Delta)) > 0


async def _by_hand(pilot: Any, app: ConsoleApp, rosa: Visit) -> None:
    """Type, see it arrive, hand back."""
    await until(pilot, lambda: app.screen.has_class("writing"))
    await pilot.press(*(" " if letter == " " else letter for letter in KEPT), "enter")
    await expect(rosa.page.locator(".staff")).to_contain_text(KEPT)
    await until(pilot, lambda: app._pending == {})
    await pilot.press("escape", "b")
    await expect(rosa.page.locator("#floor-text")).to_contain_text("an AI")
