"""Ghost mode at the console, against the real server: approve, correct, reject, take back."""

import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.console import Console, Ghosting
from shopbell.assistant.turn import Answer, Step, Turn
from shopbell.tui.ghosting import ghost_rows, promoted
from shopbell.tui.thread import Thread, open_draft, tell
from tests.fakes.console import NOW, ago
from tests.fakes.ladder import ScriptedLadder
from tests.fakes.staff import Staffed, staffed
from tests.fakes.watching import seen, until
from tests.fakes.web import SETTINGS
from tests.unit.tui.test_against_server import console

pytestmark = pytest.mark.slow

SOURCE = wire.Source(id="returns#how", title="Can I return it?", text="30 days.", source="faq/returns.md:3")
GHOSTLY = replace(SETTINGS, console=Console(ghost=Ghosting(topics=("returns",), promote_after=2)))
_keys = itertools.count(1)


def answers(turn: Turn) -> list[Step]:
    return [Answer(text=f"About {turn.text}: 30 days.", rung="model", sources=(SOURCE,))]


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(answers), settings=GHOSTLY) as made:
        yield made


async def customer(shop: Staffed, text: str) -> tuple[str, Any]:
    """Open a conversation and say something; return it and a way to read what the customer got."""
    opened = await shop.conversations.open("web")
    await shop.conversations.say(opened.conversation, text, f"k{next(_keys)}")

    async def replies() -> list[str]:
        found: list[str] = []
        async with aclosing(shop.conversations.follow(opened.conversation)) as frames:
            async for frame in frames:
                if isinstance(frame, wire.Current):
                    break
                if isinstance(frame, wire.Replied):
                    found.append(frame.text)
        return found

    return opened.conversation, replies


async def test_a_draft_is_approved_corrected_and_the_topic_taken_back(shop: Staffed) -> None:
    """The bell, two keys to approve; two accepted promote the topic; System shows it and a takes it back."""
    app = console(shop, "manager")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "● live" in seen(app))
        for number in (1, 2):
            _, replies = await customer(shop, f"question {number}")
            await until(pilot, lambda: "approve?" in seen(app))
            assert await replies() == []
            await pilot.press("w", "enter")
            await until(pilot, lambda: "Approve? (s)" in seen(app) and "s left" in seen(app))
            await pilot.press("s")
            await until(pilot, lambda: "in the assistant's name" in seen(app))
            await pilot.press("enter")
            await until(pilot, lambda: "said as drafted" in seen(app))
            assert await replies() == [f"About question {number}: 30 days."]
            await pilot.press("escape")
            await until(pilot, lambda: "approve?" not in seen(app))
        await pilot.press("f6")
        await until(pilot, lambda: "needs no approval since" in seen(app))
        await pilot.press("a")
        await until(pilot, lambda: "Which topic" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "0 of 2 in a row" in seen(app))
    actions = [line.action for line in reversed(shop.office.audit.lines())]
    assert [action for action in actions if action.startswith(("topic", "draft"))] == [
        "draft-judged",
        "draft-judged",
        "topic-promoted",
        "topic-taken-back",
    ]


async def test_a_draft_is_corrected_in_the_line(shop: Staffed) -> None:
    """The words of the draft come into the line; what is sent goes out as the reply, without a take-over."""
    app = console(shop, "clerk")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "● live" in seen(app))
        _, replies = await customer(shop, "this")
        await until(pilot, lambda: "approve?" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Approve? (s)" in seen(app))
        await pilot.press("s")
        await until(pilot, lambda: "in the assistant's name" in seen(app))
        await pilot.press("e", "end", *" Yes.", "enter")
        await until(pilot, lambda: "said after editing" in seen(app))
        assert await replies() == ["About this: 30 days. Yes."]


def test_what_waits_longest_is_judged_first() -> None:
    """A later reply to other words leaves the draft open; its own verdict or a take-over closes it."""

    def draft(seq: int, *, ghost: bool = True) -> w.Suggested:
        return w.Suggested(seq=seq, draft=f"d{seq}", text="x", rung="faq", at=NOW, ghost=ghost)

    def verdict(seq: int, name: str) -> w.Private:
        return w.Private(seq=seq, kind="verdict", name="Ana", text="said", at=NOW, draft=name)

    other = w.Answered(reply=wire.Replied(seq=4, reply="r", text="y", rung="faq", at=NOW))
    thread = Thread("c")
    for frame in (draft(2), draft(3), other):
        thread = tell(thread, frame)
    assert open_draft(thread) == draft(2)
    thread = tell(thread, verdict(5, "d2"))
    assert open_draft(thread) == draft(3)
    assert open_draft(tell(thread, wire.FloorChanged(seq=6, holder="staff", name="Ana"))) is None
    suggested = tell(tell(thread, verdict(6, "d3")), draft(7, ghost=False))
    assert open_draft(suggested) == draft(7, ghost=False)


def test_ghost_mode_in_words() -> None:
    """Off, on for some topics, on for all: each is said, and what was promoted can be named."""

    def text(report: w.GhostReport | None) -> str:
        return "\n".join("".join(piece.text for piece in line) for line in ghost_rows(report, 90))

    off = w.GhostReport(promote_after=20, deadline_s=60.0)
    assert "off: no topic is named" in text(off)
    topics = (
        w.GhostTopic(topic="returns", in_a_row=3, accepted=5, edited=2, lapsed=1),
        w.GhostTopic(topic="tea", accepted=20, promoted_at=ago(60)),
    )
    on = w.GhostReport(topics=topics, everything=True, promote_after=20, deadline_s=45.0)
    assert "all topics, approved within 45 s; 20 accepted in a row end it" in text(on)
    assert "3 of 20 in a row, 5 accepted, 2 edited, 1 not judged in time" in text(on)
    assert "needs no approval since 2026-11-21" in text(on)
    assert (promoted(on), promoted(None), text(None)) == (("tea",), (), "")
