"""Two consoles and three browsers around the real server and model: who speaks, and what is known."""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import Struct
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
from tests.fakes.watching import until as shown

pytestmark = [
    pytest.mark.model,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="session"),
]
_log = logging.getLogger(__name__)
MODEL = "qwen2.5-1.5b"
PASSWORD = "seven grey herons"  # noqa: S105 - of people who exist in this test only
STOP_S = 0.3
"""Seconds from the moment the take-over is acknowledged to the last words of the assistant in the browser."""
MODEL_S = 240
"""Seconds to wait for the model on a busy machine."""
until = partial(shown, seconds=120.0)
"""Waits for the console: a server, a model and three browsers may want the processor at the same time."""
STORY = """# Our roastery

## How we roast our beans

We roast in small batches of twelve kilos at the back of the shop. First the green beans are dried for five
minutes at a low heat. Then the heat is raised until the first crack, which takes about nine minutes. After
that the beans are cooled with air for four minutes and rest for two days before they are sold. Dark roasts
stay in the drum one minute longer. Every batch is tasted by two people before it goes on the shelf.
"""
"""Running text is not quoted: the model puts it into sentences; each is shown as soon as it is checked."""
QUESTIONS = (
    "Please explain step by step what happens to the green beans in your roastery until they are sold.",
    "How do you roast your beans, and what happens after that?",
    "Tell me how the beans are roasted and what happens to them then.",
)
"""Asked until one is answered in more than one piece: the person steps in after the first."""
KEPT = "I kept the last Ethiopian bag for you under the name Rosa."
SEE = """
window.seen = [];
addEventListener("DOMContentLoaded", () => {
  const words = () => [...document.querySelectorAll("#log .theirs .bubble")].map((bubble) => {
    const copy = bubble.cloneNode(true);
    for (const sign of copy.querySelectorAll(".typing, .place, .cut")) sign.remove();
    return copy.textContent;
  }).filter(Boolean).join("|");
  const look = () => {
    const notices = [...document.querySelectorAll("#log .notice")].map((line) => line.textContent);
    const last = seen.at(-1);
    const now = { at: Date.now() / 1000, words: words(), notices };
    if (!last || last.words !== now.words || last.notices.length !== notices.length) seen.push(now);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
});
"""
"""Writes down, in the browser, what can be read of the assistant and of the house, whenever that changes."""


class Seen(Struct, frozen=True):
    """What could be read in a browser from one moment on."""

    at: float
    """Seconds of this machine's clock."""
    words: str
    """All that the assistant had said by then."""
    notices: tuple[str, ...]


class Timed(SocketLine):
    """A line that remembers when a take-over was sent, and when it was acknowledged."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.taking = ""
        self.sent_at = self.taken_at = 0.0

    async def send(self, frame: w.StaffFrame) -> bool:
        if isinstance(frame, w.TakeOver):
            self.taking, self.sent_at = frame.key, time.time()
        return await super().send(frame)

    async def frames(self, token: str) -> AsyncGenerator[Frame, None]:
        async with aclosing(super().frames(token)) as frames:
            async for frame in frames:
                if isinstance(frame, w.Done) and frame.key == self.taking:
                    self.taken_at = time.time()
                yield frame


class Colleague:
    """The second console: it only looks."""

    def __init__(self, line: SocketLine) -> None:
        self.line = line
        self.desk = Desk()
        self.seen: list[Frame] = []

    async def look(self, token: str) -> None:
        async for frame in self.line.frames(token):
            self.desk = fold(self.desk, frame)
            self.seen.append(frame)

    def told(self, wanted: Callable[[Any], bool]) -> int:
        """Return how many such frames of a watched conversation came."""
        return sum(wanted(frame.frame) for frame in self.seen if isinstance(frame, w.Told))


class Scene(Struct, frozen=True):
    """Everybody in it."""

    pilot: Any
    app: ConsoleApp
    line: Timed
    colleague: Colleague
    rosa: Visit

    async def ask(self, text: str) -> None:
        """Let Rosa ask."""
        await self.rosa.page.get_by_label("Your message").fill(text)
        await self.rosa.page.keyboard.press("Enter")

    async def take_over(self) -> None:
        """Press the key, and wait until both sides see it."""
        notices = await self.rosa.page.locator("#log .notice").count()
        await self.pilot.press("t")
        await until(self.pilot, "you answer")
        await expect(self.rosa.page.locator("#log .notice")).to_have_count(notices + 1)
        await until(self.pilot, lambda: self.line.taken_at > self.line.sent_at, "the server's answer")

    async def hand_back(self) -> None:
        """Press the key, and wait until both sides see it."""
        notices = await self.rosa.page.locator("#log .notice").count()
        await until(self.pilot, lambda: self.app._pending == {}, "the server's answer")
        await self.pilot.press("escape", "b")
        await expect(self.rosa.page.locator("#log .notice")).to_have_count(notices + 1)
        await until(self.pilot, "the assistant answers")

    async def seen(self) -> list[Seen]:
        """Return what could be read in Rosa's browser, from the beginning."""
        return msgspec.convert(await self.rosa.page.evaluate("window.seen"), list[Seen])


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
        await _model_ready(url)
        yield url, premises


async def _model_ready(url: str) -> None:
    """Wait until the model answers: until then the shop's own words do."""
    async with asyncio.timeout(MODEL_S), httpx.AsyncClient(trust_env=False) as client:
        while (await client.get(f"{url}/api/health")).json()["model"] != "ready":  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.2)


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
    await context.add_init_script(WATCH + SEE)
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
                await until(pilot, "● live")
                paid, sent = await asyncio.gather(
                    answer_after(second.page, "which payment methods do you take?", 1),
                    answer_after(third.page, "do you deliver?", 1),
                )
                assert "no minimum amount" in paid
                assert "Not yet" in sent
                scene = Scene(pilot, app, line, colleague, rosa)
                await _mid_answer(scene)
                await _too_late(scene)
                await _by_hand(scene)
                await _before_the_first_word(scene)
                given = await rosa.page.locator(".theirs .about").count()
                known = await answer_after(rosa.page, "Under what name is it kept?", given + 1)
                assert "Rosa" in known
                await _nothing_over_a_person(scene)
                assert "Rosa" not in await second.page.locator("#log").inner_text()
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            for one in (rosa, second, third):
                await one.check()
                await one.page.context.close()


async def _mid_answer(scene: Scene) -> None:
    """Take over after the first words of a reply were shown, and see it stop there."""
    page = scene.rosa.page
    await until(scene.pilot, lambda: len(scene.app.desk.cards) == 2, "the two others on the floor")
    others = set(scene.app.desk.cards)
    for question in QUESTIONS:
        given = await page.locator("#log .theirs .about").count()
        await scene.ask(question)
        await _opened(scene, others)
        await _first_words(page, given)
        await scene.take_over()
        if "(stopped)" in await page.locator("#log .theirs .bubble").last.inner_text():
            break
        await scene.hand_back()  # it was whole before the person came: once more
    else:
        pytest.fail("each reply was whole at once, so none could be stopped")
    told, line = scene.colleague.told, scene.line
    await until(scene.pilot, lambda: told(_is_cut), "the cut")
    last = next(new.at for old, new in reversed(_pairs(await scene.seen())) if old.words != new.words)
    _log.info(
        "the key came %.3f s after the last words, and was acknowledged %.3f s later",
        line.sent_at - last,
        line.taken_at - line.sent_at,
    )
    assert last - line.taken_at <= STOP_S


def _is_cut(frame: object) -> bool:
    return isinstance(frame, w.Answered) and frame.reply.cut


async def _first_words(page: Page, given: int) -> None:
    """Wait until words stand there of which more are to come, or so that a reply is whole after all."""
    script = """given => Boolean(document.querySelector("#log .theirs .bubble.caret"))
        || document.querySelectorAll("#log .theirs .about").length > given"""
    async with asyncio.timeout(MODEL_S):
        while not await page.evaluate(script, given):  # noqa: ASYNC110 - a page's own polling needs eval
            await asyncio.sleep(0.02)


async def _opened(scene: Scene, others: set[str]) -> None:
    """Open Rosa's conversation in both consoles, once it is there."""
    if scene.app.talking:
        return
    await until(scene.pilot, lambda: set(scene.app.desk.cards) - others, "Rosa on the floor")
    [name] = set(scene.app.desk.cards) - others
    await scene.app.talk(name)
    await scene.colleague.line.send(w.Watch(conversation=name))


async def _too_late(scene: Scene) -> None:
    """Let the colleague reach for it too: the refusal names who has it."""
    card = scene.app.desk.cards[scene.app.talking]
    await scene.colleague.line.send(w.TakeOver("late", card.conversation, card.version - 1))

    def refusal() -> wire.Trouble | None:
        return next((frame for frame in scene.colleague.seen if isinstance(frame, wire.Trouble)), None)

    await until(scene.pilot, refusal, "the refusal")
    refused = refusal()
    assert refused is not None
    assert (refused.code, "Ana" in refused.text) == ("floor-taken", True)


async def _by_hand(scene: Scene) -> None:
    """Type, see it arrive, hand back."""
    await until(scene.pilot, lambda: scene.app.screen.has_class("writing"), "the line to write in")
    await scene.pilot.press(*KEPT, "enter")
    await expect(scene.rosa.page.locator("#log .staff").last).to_contain_text(KEPT)
    await scene.hand_back()


async def _before_the_first_word(scene: Scene) -> None:
    """Take over while it still thinks: its answer never comes, and the question is the person's."""
    page = scene.rosa.page
    for question in ("Which bag did you keep?", "What did you keep for me?", "What is kept for me?"):
        replies = await page.locator("#log .theirs").count()
        whole = await page.locator("#log .theirs .about").count()
        await scene.ask(question)
        await scene.take_over()
        await expect(page.locator("#log .typing, #log .place")).to_have_count(0)
        if await page.locator("#log .theirs").count() == replies:
            break
        given = await page.locator("#log .theirs .about").count()
        assert given == whole + 1, "words of a reply that was to be stopped"
        await scene.hand_back()  # it was whole before the person came: once more
    else:
        pytest.fail("each reply was whole before the person came")
    await until(scene.pilot, lambda: scene.app.screen.has_class("writing"), "the line to write in")
    await scene.hand_back()


async def _nothing_over_a_person(scene: Scene) -> None:
    """Between each take-over and its hand-back no word of the assistant came, nor any of what was stopped.

    The model works one job after another: when its next answer is there, nothing is left of those before.
    """
    joined = False
    for old, new in _pairs(await scene.seen()):
        assert not (joined and old.words != new.words), (old, new)
        if len(new.notices) > len(old.notices):
            joined = "has joined the chat" in new.notices[-1]
    assert not joined


def _pairs(seen: list[Seen]) -> list[tuple[Seen, Seen]]:
    return list(pairwise(seen))
