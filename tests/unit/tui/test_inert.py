"""What customers write is shown and never obeyed."""

import asyncio
from typing import Any

import msgspec
import pytest
from textual.strip import Strip

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.tui.app import ConsoleApp
from shopbell.tui.asking import Ask
from shopbell.tui.customer import CustomerScreen
from shopbell.tui.dialogs import Sure
from shopbell.tui.errors import Refused
from shopbell.tui.inert import read_form, read_frame
from shopbell.tui.linear import news
from shopbell.tui.state import Desk, Link, fold, watching
from tests.fakes.console import ANSWERS, ME, NOW, FakeHouse, FakeLine, card, fake_app
from tests.fakes.patron import ANSWERS as PATRON_ANSWERS

pytestmark = pytest.mark.slow

PAYLOADS = (
    "[@click=app.quit]press me[/]",
    "[link='https://evil.example']here[/link] [b]bold[/b] [/]",
    "[@click=\"app.switch_mode('system')\"]x[/]",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]0;owned\x07\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
    "\x9b31m\x9d0;title\x9c\x90q\x9c",
    "abc\u202egpj.exe\u202c\u2066x\u2069\u200b\u200f",
    "\r\b\b\x7f\x00end",
    "{{ 7 * 7 }} $error %s \\[b]",
)
EVIL = "\n".join(PAYLOADS)
SIZES = ((80, 24), (160, 50))


def drawn(app: ConsoleApp) -> list[Strip]:
    return app.screen._compositor.render_strips()


def assert_inert(app: ConsoleApp) -> str:
    strips = drawn(app)
    text = "\n".join(strip.text for strip in strips)
    hostile = [
        c
        for c in text
        if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u200b\u200f"
    ]
    assert hostile == []
    for strip in strips:
        for segment in strip:
            if segment.style is not None:
                assert not segment.style.link
                assert "@click" not in str(segment.style.meta)
    return text


def evil(form: Any) -> Any:
    """Return a form in which every free text is evil; ids of one of a few sorts stay."""
    if isinstance(form, msgspec.Struct):
        kept = {"state", "field", "hold", "request"}
        changed = {name: evil(getattr(form, name)) for name in form.__struct_fields__ if name not in kept}
        return msgspec.structs.replace(form, **changed)
    if isinstance(form, tuple):
        return tuple(evil(one) for one in form)
    return EVIL if isinstance(form, str) and form else form


def evil_answers() -> dict[str, msgspec.Struct]:
    """Return what a server says of customers who are called like an attack, in every field."""
    return {path: evil(form) for path, form in PATRON_ANSWERS.items()}


def evil_app() -> tuple[ConsoleApp, FakeLine]:
    """Return a console to which a server that made nothing visible speaks."""
    line = FakeLine()
    hostile = card("c-3fa2", last=EVIL, channel=PAYLOADS[0], reason=EVIL, holder="waiting", need="waiting")
    hostile = msgspec.structs.replace(hostile, who=EVIL, tier=EVIL, customer="c0042", known="verified")
    source = wire.Source(id=EVIL, title=EVIL, text=EVIL, source=EVIL)
    reply = wire.Replied(seq=2, reply="r", text=EVIL, rung="model", at=NOW, sources=(source,), why=EVIL)
    line.stories["c-3fa2"] = (
        wire.Said(seq=1, who="customer", text=EVIL, at=NOW),
        w.Answered(reply=reply, trace=(EVIL,), subject=EVIL),
        w.Private(seq=3, kind="note", name=EVIL, text=EVIL, at=NOW),
        wire.Said(seq=4, who="staff", name=EVIL, text=EVIL, at=NOW),
        w.Suggested(seq=5, draft="d", text=EVIL, rung="model", sources=(source,), at=NOW),
        wire.Delta(reply="r2", text=EVIL),
    )
    gap = w.GapRow(id=1, example=EVIL, count=1, first_seen=EVIL, last_seen=EVIL)
    answers = {**ANSWERS, "knowledge/gaps": w.Gaps(gaps=(gap,)), **evil_answers()}
    me = msgspec.structs.replace(ME, canned=(w.Canned(name=EVIL, text=EVIL),), shop=EVIL)
    line.first = (me, Link("live"), w.Cards(cards=(hostile,)))
    return fake_app(line, FakeHouse(answers)), line


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_stays_inert(size: tuple[int, int]) -> None:
    """Markup, escape sequences and bidi controls in every field draw as text: no control byte, no action."""
    app, line = evil_app()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        for keys in (
            "",
            "enter",
            "v",
            "v",
            "s",
            "escape",
            "f3",
            "f4",
            "enter",
            "f7",
            "escape",
            "f1",
            "ctrl+p",
        ):
            if keys:
                await pilot.press(keys)
            await pilot.pause(0.06)
            assert_inert(app)
        assert app.is_running
        assert {type(frame) for frame in line.sent} <= {w.Watch, w.Unwatch, w.Ping}


@pytest.mark.parametrize("size", SIZES)
async def test_the_customer_page_stays_inert(size: tuple[int, int]) -> None:
    """Names, complaints, purchases, rewards and reasons, on the card and in every question: text only."""
    app, line = evil_app()
    async with asyncio.timeout(60), app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause(0.1)
        for keys in (
            ("enter", "f3"),
            ("end", "enter"),  # part two records
            ("escape", "end", "up", "enter"),  # set a reward aside
            ("y",),
            ("escape", "g"),
            ("escape", "h", "a", "b", "enter"),
            ("y",),
            ("home", "enter"),
            ("a", "b", "c", "enter"),
            ("m", "a", "b", "enter"),
            ("enter",),
            ("n", "a"),
            ("enter",),
            ("n", "slash", "a", "b", "enter"),
        ):
            for key in keys:
                await pilot.press(key)
                for worker in [one for one in app.workers if one.group == "load"]:
                    await worker.wait()
                await pilot.pause()
            assert_inert(app)
            assert isinstance(app.screen, CustomerScreen | Sure | Ask), keys
        assert app.is_running
        assert {type(frame) for frame in line.sent} <= {w.Watch, w.Unwatch, w.Ping}


async def test_markup_is_shown_letter_by_letter() -> None:
    """The words between brackets are seen, so that a clerk knows what was tried."""
    app, _ = evil_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.1)
        await pilot.press("enter")
        await pilot.pause(0.1)
        text = assert_inert(app)
        assert "[@click=app.quit]press me[/]" in text
        assert "␛[2J" in text
        assert "⟨202E⟩" in text


def test_frames_are_made_visible_again() -> None:
    """A server that forgot to make text visible changes nothing."""
    raw = msgspec.json.encode(w.Told(conversation="c", frame=wire.Delta(reply="r", text=EVIL)))
    frame = read_frame(raw)
    assert isinstance(frame, w.Told)
    assert "\x1b" not in str(frame)
    assert "\u202e" not in msgspec.json.encode(frame).decode()
    assert "\x1b" not in read_form(msgspec.json.encode(w.Kept(text=EVIL)), w.Kept).text


def test_a_frame_that_is_none_is_refused() -> None:
    """What the console does not know is refused in words."""
    with pytest.raises(Refused, match="does not know"):
        read_frame(b'{"type":"surprise"}')


async def test_linear_prints_no_control_byte() -> None:
    """The linear mode lets no control byte through but its own bell and line end."""
    app, line = evil_app()
    desk = fold(watching(Desk(), "c-3fa2"), app.line.first[0])  # type: ignore[attr-defined]  # the fake's
    from shopbell.tui.inert import one_line  # noqa: PLC0415 - what the linear mode prints with

    for told in line.stories["c-3fa2"]:
        for text in news(desk, desk, w.Told(conversation="c-3fa2", frame=told), "c-3fa2"):
            assert all(ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 for c in one_line(text))
