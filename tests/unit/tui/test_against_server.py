"""The console against the real server, on loopback."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant import staffwire as w
from shopbell.tui.app import ConsoleApp
from shopbell.tui.errors import CannotReach, Refused
from shopbell.tui.house import HttpHouse
from shopbell.tui.line import SocketLine
from shopbell.tui.linear import Linear
from shopbell.tui.login import Login
from tests.fakes.console import around
from tests.fakes.counterdesk import with_club
from tests.fakes.ladder import ScriptedLadder, echo
from tests.fakes.staff import Staffed, staffed
from tests.fakes.watching import seen, until

pytestmark = pytest.mark.slow

_keys = itertools.count(1)


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(echo)) as made:
        yield made


def console(shop: Staffed, role: str) -> ConsoleApp:
    url = f"http://{shop.address}"
    return ConsoleApp(SocketLine(url), HttpHouse(url), token=shop.tokens[role])


async def test_from_the_floor_to_the_last_word(shop: Staffed) -> None:
    """A customer asks for a person: the list says so, t takes over, the words arrive, b hands back."""
    opened = await shop.conversations.open("web")
    name = opened.conversation
    app = console(shop, "clerk")
    async with app.run_test() as pilot:
        await shop.conversations.say(name, "do you [b]have[/b] \x1b[31mtea?", f"k{next(_keys)}")
        await until(pilot, lambda: "␛[31mtea?" in seen(app))
        await shop.conversations.want_person(name, "p")
        await until(pilot, lambda: "1 waiting" in seen(app))
        await pilot.press("t")
        await until(pilot, lambda: "you answer" in seen(app) and app.screen.has_class("writing"))
        await pilot.press(*"We do.", "enter")
        await until(pilot, lambda: "Cleo" in seen(app) and "We do." in seen(app))
        await pilot.press("escape", "b")
        await until(pilot, lambda: "the assistant" in seen(app))
        assert app._pending == {}


async def test_each_page_of_the_house_is_understood(shop: Staffed) -> None:
    """Knowledge, Numbers and System decode what the server really sends."""
    app = console(shop, "manager")
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "● live" in seen(app))
        await pilot.press("f4")
        await until(pilot, lambda: "Asked and not answered" in seen(app))
        await pilot.press("f5")
        await until(pilot, lambda: "No conversation yet today" in seen(app))
        await pilot.press("f6")
        await until(pilot, lambda: "Knowledge" in seen(app) and "passages" in seen(app))
        assert "does not know" not in seen(app)


async def test_the_counter_from_the_first_letter_to_the_audit_log(
    shop: Staffed, engine: sa.Engine, tmp_path: Path
) -> None:
    """A clerk finds a customer, asks for goodwill, sets a reward aside; a manager is told and approves."""
    with_club(shop, engine, tmp_path / "club", lambda: datetime.now(UTC))
    app, boss = console(shop, "clerk"), console(shop, "manager")
    async with asyncio.timeout(240), app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "● live" in seen(app))
        await pilot.press("f3", *"amberfield", "enter")
        await until(pilot, lambda: "Anne Amberfield" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "***123" in seen(app))
        await pilot.press("enter", *"Cake is ready", "enter")
        await until(pilot, lambda: "+447700900123" in seen(app))
        await pilot.press("g", *"30", "enter", *"Wet cake", "enter")
        await until(pilot, lambda: "30 points" in seen(app))
        await pilot.press("g", *"60", "enter", *"Lost order", "enter")
        async with boss.run_test(size=(120, 40)) as desk:
            await until(desk, lambda: "1 to approve" in seen(boss))
            await desk.press("f3", "escape", "f3", "tab", "a")
            await until(desk, lambda: "Lost order" in seen(boss))
            await desk.press("enter")
            await until(desk, lambda: "Give 60 points" in seen(boss))
            await desk.press("y")
            await until(desk, lambda: "Nothing waits." in seen(boss) and "to approve  ●" not in seen(boss))
        await pilot.press("slash", *"0123", "enter")
        await until(pilot, lambda: "90 points" in seen(app))
        await pilot.press("end")
        await pilot.press("enter")
        await until(pilot, lambda: "aside" in seen(app))
        await pilot.press("y")
        await until(pilot, lambda: "Code: " in seen(app))
        await pilot.press("y")
        await until(pilot, lambda: "Handed out to Ann Amberfield" in seen(app))
        await pilot.press("u", "y")
        await until(pilot, lambda: "Handed out to" not in seen(app) and "90 points" in seen(app))
    actions = {line.action for line in shop.office.audit.lines(limit=100)}
    assert {"customers-searched", "customer-viewed", "customer-revealed", "points-awarded"} <= actions
    assert {"points-asked", "points-approved", "reward-redeemed", "reward-undone"} <= actions


async def test_a_revoked_member_is_asked_to_sign_in(shop: Staffed) -> None:
    """The owner revokes; the console is at the login within two seconds."""
    app = console(shop, "clerk")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "● live" in seen(app))
        owner = await shop.office.member(shop.tokens["owner"])
        assert owner is not None
        await shop.office.revoke(owner, "Cleo")
        async with asyncio.timeout(2):
            await until(pilot, lambda: isinstance(app.screen, Login))


async def test_a_refusal_comes_in_the_servers_words(shop: Staffed) -> None:
    """No right, no token, no server: each is told apart, in words."""
    house = HttpHouse(f"http://{shop.address}")
    with pytest.raises(Refused, match="Sign in first"):
        await house.ask("system", w.SystemReport)
    house.resume(shop.tokens["clerk"])
    with pytest.raises(Refused, match="may not"):
        await house.tell("system/model/restart", None, w.Kept)
    with pytest.raises(CannotReach, match="shopbell serve"):
        await HttpHouse("http://127.0.0.1:1").ask("system", w.SystemReport)


async def test_linear_takes_over_and_speaks(shop: Staffed) -> None:
    """Without a screen: list, open, take, say; each thing that happens is one plain line."""
    opened = await shop.conversations.open("web")
    await shop.conversations.want_person(opened.conversation, "p")
    out: list[str] = []

    async def printed(wanted: str) -> None:
        async with asyncio.timeout(10):
            while not any(wanted in text for text in out):  # noqa: ASYNC110 - lines tell no event
                await asyncio.sleep(0.02)

    async def typed() -> AsyncIterator[str]:
        for command, wanted in (
            ("", "Line: live"),
            ("list\n", "waits for a person"),
            ("open 1\n", "Now with"),
            ("take\n", "Now with Cleo"),
            ("say We do.\n", "Cleo: We do."),
        ):
            yield command
            await printed(wanted)
        yield "quit\n"

    url = f"http://{shop.address}"
    console = Linear(SocketLine(url), HttpHouse(url), out.append, around())
    async with asyncio.timeout(20):
        await console.run(shop.tokens["clerk"], typed())
    assert all("\x1b" not in text and "─" not in text for text in out)
