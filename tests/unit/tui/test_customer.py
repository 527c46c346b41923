"""The customer page as a clerk uses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from shopbell.assistant import staffwire as w
from shopbell.tui.asking import Ask
from shopbell.tui.dialogs import Sure
from shopbell.tui.patron import request_lines, undoable
from shopbell.tui.rows import joined
from tests.fakes.console import ANSWERS, ME, NOW, FakeHouse, FakeLine, fake_app
from tests.fakes.patron import HELD, PATRON, REQUESTS
from tests.fakes.watching import seen, until

pytestmark = pytest.mark.slow

KNOWN = ("down", "down", "down", "enter", "f3")
"""The conversation of the customer who is known, then her card."""


class Desk:
    """A console on its customer page."""

    def __init__(self, pilot: Any, house: FakeHouse) -> None:
        self.pilot = pilot
        self.house = house

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()
        for worker in [one for one in self.pilot.app.workers if one.group == "load"]:
            await worker.wait()
        await self.pilot.pause(0.05)

    @property
    def text(self) -> str:
        return seen(self.pilot.app)

    def told(self, path: str) -> list[Any]:
        return [body for where, body in self.house.told if where == f"customers/{path}"]


@asynccontextmanager
async def desk(*keys: str, rights: tuple[str, ...] = ME.rights, notices: bool = False) -> AsyncIterator[Desk]:
    line, house = FakeLine(), FakeHouse(dict(ANSWERS))
    app = fake_app(line, house)
    line.first = (msgspec.structs.replace(ME, rights=rights), *line.first[1:])
    async with asyncio.timeout(30), app.run_test(size=(120, 40), notifications=notices) as pilot:
        await until(pilot, "● live")
        one = Desk(pilot, house)
        await one.press(*keys)
        yield one


async def test_the_customer_of_the_conversation_is_there_at_once() -> None:
    """F3 from a conversation whose customer is known shows her card, masked."""
    async with desk(*KNOWN) as one:
        assert one.told("card") == [w.CustomerId(customer="c0042")]
        for words in ("Niamh Fennmere", "Beacon", "***123", "1,340 points", "3 of 9", "wrong name on it"):
            assert words in one.text
        assert "in conversation 5e18" in one.text.lower()
        assert "Almond croissant" in one.text


async def test_finding_somebody() -> None:
    """Words, Enter, Enter: the list, then the card."""
    async with desk("f3", *"niamh", "enter") as one:
        assert one.told("find") == [w.FindCustomer(text="niamh")]
        assert "There are more" in one.text
        await one.press("down", "enter")
        assert one.told("card") == [w.CustomerId(customer="c0397")]


async def test_goodwill_needs_points_and_a_reason() -> None:
    """A short reason is not sent; points and reason are, once."""
    async with desk(*KNOWN, "g", "5", "0", "enter", "a", "enter") as one:
        assert "3 characters or more" in one.text
        assert one.told("award") == []
        await one.press(*" wet cake", "enter")
        (asked,) = one.told("award")
        assert (asked.customer, asked.points, asked.reason) == ("c0042", 50, "a wet cake")


async def test_a_code_is_shown_before_it_is_spent() -> None:
    """No hands nothing out; yes hands it out by its hold, and u takes it back."""
    async with desk(*KNOWN, "h", *"7k4qw", "enter") as one:
        assert "Hand out £5 off your bill" in one.text
        await one.press("n")
        assert one.told("rewards/redeem") == []
        await one.press("h", *"7k4qw", "enter", "y")
        assert one.told("rewards/redeem") == [w.RewardCode(code="h1")]
        assert "Handed out to Niamh Fennmere: £5 off your bill." in one.text
        await one.press("u", "y")
        assert one.told("rewards/undo") == [w.RewardCode(code="h1")]


async def test_a_reward_is_set_aside_and_its_code_told() -> None:
    """Enter on a reward asks, sets it aside and shows the code."""
    async with desk(*KNOWN, "end", "up", "up", "enter") as one:
        assert "Set £5 off your bill aside" in one.text
        await one.press("y")
        assert "7K4QW-2M9XA" in one.text
        await one.press("n")
        assert one.told("rewards/redeem") == []


async def test_what_is_masked_takes_a_reason() -> None:
    """Enter on the phone number asks why, then shows it until another card is opened."""
    async with desk(*KNOWN, "enter") as one:
        assert isinstance(one.pilot.app.screen, Ask)
        await one.press(*"Cake is ready", "enter")
        assert one.told("reveal") == [w.Reveal(customer="c0042", field="phone", reason="Cake is ready")]
        assert "+447700900123" in one.text


async def test_joining_shows_first_what_it_brings() -> None:
    """M, the other record, Enter: what would be joined; y joins."""
    async with desk(*KNOWN, "m", *"fenmere", "enter", "enter") as one:
        for words in ("1,360 points", "marketing", "It can be undone"):
            assert words in one.text
        assert one.told("twins/join") == []
        await one.press("y")
        assert one.told("twins/join") == [w.Pair(source="c0397", target="c0042")]


async def test_parting_settling_and_recognising_ask_first() -> None:
    """Each asks; each is sent once."""
    async with desk(*KNOWN, "end", "enter") as one:
        assert isinstance(one.pilot.app.screen, Sure)
        await one.press("y")
        assert one.told("twins/part") == [w.Unmerge(merge=3)]
        await one.press("home", "down", "down", "down", "enter", "y")
        assert one.told("complaints/settle") == [w.Settle(number=7)]
        await one.press("l", "y")
        assert one.told("recognise") == [w.Recognise(conversation="c-5e18", customer="c0042")]


async def test_a_request_is_decided_by_somebody_else() -> None:
    """Enter gives, x refuses, after a question."""
    async with desk("f3", "escape", "f3", "tab", "a") as one:
        assert "somebody else decides" in one.text
        await one.press("enter", "y")
        await one.press("x", "n")
        assert one.told("requests/decide") == [w.Decide(request="Ben:k1", approve=True)]


@pytest.mark.parametrize(("right", "key"), [("award", "g"), ("merge", "m"), ("redeem", "h")])
async def test_no_key_is_shown_for_what_one_may_not(right: str, key: str) -> None:
    """Without the right its key is neither shown nor does it do anything."""
    rights = tuple(one for one in ME.rights if one != right)
    labels = {"award": "Goodwill", "merge": "Join records", "redeem": "Hand out"}
    async with desk(*KNOWN) as one:
        assert labels[right] in one.text
    async with desk(*KNOWN, rights=rights) as one:
        assert labels[right] not in one.text
        screen = one.pilot.app.screen
        await one.press(key)
        assert one.pilot.app.screen is screen


async def test_a_refusal_is_told_and_nothing_is_lost() -> None:
    """The server says no: the words are shown, the card stays."""
    async with desk(*KNOWN, notices=True) as one:
        one.house.answers.pop("customers/rewards/look")
        await one.press("h", *"zzzz", "enter")
        assert "There is no such thing." in one.text
        assert "Niamh Fennmere" in one.text


def test_a_reward_can_be_undone_for_a_while() -> None:
    """Only what was handed out, and only until its time is over."""
    done = msgspec.structs.replace(HELD, state="redeemed")
    assert undoable(done, NOW) is done
    assert undoable(done, HELD.until) is None
    assert undoable(HELD, NOW) is None
    assert undoable(None, NOW) is None


def test_nothing_to_approve_is_said() -> None:
    """An empty list says so; one's own request says that somebody else decides."""
    empty = request_lines(w.Requests(requests=()), "Anna", 80, None)
    assert "Nothing waits." in joined(line for line, _ in empty)
    mine = joined(line for line, _ in request_lines(REQUESTS, "Ben", 80, None))
    assert mine.count("somebody else decides") == 1
    assert PATRON.name in mine


async def test_a_customer_who_cannot_sign_in_is_helped() -> None:
    """A code to read out, another try for the PIN, a new card with its QR code: each after it was picked."""
    async with desk(*KNOWN, "s") as one:
        assert one.told("sign-in-code") == []
        await one.press("enter")
        assert one.told("sign-in-code") == [w.CustomerId(customer="c0042")]
        assert "481 203" in one.text
        await one.press("enter", "s", "down", "enter")
        assert one.told("unlock") == [w.CustomerId(customer="c0042")]
        assert "The PIN can be tried again." in one.text
        await one.press("s", "down", "down", "enter")
        assert one.told("new-card") == [w.CustomerId(customer="c0042")]
        assert "▀" in one.text
