"""Every screen of the console at 80x24 and at 160x50, as it was looked at."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.console import ANSWERS, NOTHING, FakeHouse, fake_app
from tests.fakes.figures import PEOPLE
from tests.fakes.patron import BARE

SIZES = ((80, 24), (160, 50))
KNOWN = ("down", "down", "down", "enter", "f3")
"""To the card of the customer who is known in her conversation."""
SCREENS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "login": ({"token": ""}, ()),
    "floor": ({}, ()),
    "floor-light": ({}, ("ctrl+l",)),
    "called": ({}, ()),
    "talk-light": ({}, ("ctrl+l", "enter")),
    "draft-light": ({}, ("ctrl+l", "t", "escape", "s", "s")),
    "customer-light": ({}, ("ctrl+l", *KNOWN)),
    "knowledge-light": ({}, ("ctrl+l", "f4")),
    "answering-light": ({}, ("ctrl+l", "f4", "enter", "N", "o", "f7")),
    "numbers-light": ({}, ("ctrl+l", "f5")),
    "system-light": ({}, ("ctrl+l", "f6")),
    "login-light": ({"token": ""}, ("ctrl+l",)),
    "floor-empty": ({"cards": ()}, ()),
    "talk": ({}, ("enter",)),
    "behind": ({}, ("enter", "v", "v")),
    "mine": ({}, ("t", "S", "u", "n")),
    "draft": ({}, ("t", "escape", "s", "s")),
    "canned": ({}, ("t", "escape", "c")),
    "login-code": ({"token": ""}, ("f2",)),
    "palette": ({}, ("ctrl+p", *"3f")),
    "whisper": ({}, ("enter", "w", *"offer a refill")),
    "note": ({}, ("enter", "n", *"Sunday works")),
    "edit": ({}, ("t", "escape", "s", "s", "e")),
    "end": ({}, ("enter", "e")),
    "talk-known": ({}, KNOWN[:-1]),
    "customer": ({}, KNOWN),
    "customer-nobody": ({}, ("f3",)),
    "customer-bare": ({"house": FakeHouse({**ANSWERS, "customers/card": BARE})}, KNOWN),
    "customer-found": ({}, ("f3", *"niamh", "enter")),
    "customer-revealing": ({}, (*KNOWN, "enter")),
    "customer-revealed": ({}, (*KNOWN, "enter", *"Cake", "enter")),
    "goodwill": ({}, (*KNOWN, "g")),
    "goodwill-refused": ({}, (*KNOWN, "g", *"50", "enter", "a", "enter")),
    "to-approve": ({}, (*KNOWN, "a")),
    "approving": ({}, (*KNOWN, "a", "enter")),
    "code": ({}, (*KNOWN, "h")),
    "code-shown": ({}, (*KNOWN, "h", *"7K4QW", "enter")),
    "handed-out": ({}, (*KNOWN, "h", *"7K4QW", "enter", "y")),
    "set-aside": ({}, (*KNOWN, "end", "up", "up", "enter")),
    "set-aside-code": ({}, (*KNOWN, "end", "up", "up", "enter", "y")),
    "twin": ({}, (*KNOWN, "m", *"niamh", "enter")),
    "twin-preview": ({}, (*KNOWN, "m", *"niamh", "enter", "enter")),
    "parting": ({}, (*KNOWN, "end", "enter")),
    "recognise": ({}, ("enter", "f3", *"niamh", "enter", "enter", "l")),
    "letters": ({}, (*KNOWN, "o")),
    "letters-light": ({}, ("ctrl+l", *KNOWN, "o")),
    "letters-edit": ({}, (*KNOWN, "o", "e")),
    "sign-in-help": ({}, (*KNOWN, "s")),
    "sign-in-code": ({}, (*KNOWN, "s", "enter")),
    "new-card": ({}, (*KNOWN, "s", "down", "down", "enter")),
    "knowledge": ({}, ("f4",)),
    "answering": ({}, ("f4", "enter", "N", "o", "f7")),
    "numbers": ({}, ("f5",)),
    "numbers-quiet": ({"house": FakeHouse(NOTHING)}, ("f5",)),
    "figures": ({}, ("f5", "w")),
    "figures-rows": ({}, ("f5", "w", "enter")),
    "figures-rows-customers": (
        {"house": FakeHouse({**ANSWERS, "figures/rows": PEOPLE})},
        ("f5", "w", "enter"),
    ),
    "figures-light": ({}, ("ctrl+l", "f5", "w")),
    "system": ({}, ("f6",)),
}


ALL = [
    (screen, size)
    for screen in SCREENS
    for size in SIZES
    if not screen.endswith("-light") or size == SIZES[0]
]
"""By day the small size is enough: the colours are the same."""


@pytest.mark.parametrize(
    ("screen", "size"), ALL, ids=[f"{screen}-{size[0]}x{size[1]}" for screen, size in ALL]
)
def test_screen(screen: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    """A screen looks as it did when somebody looked at it last."""
    given, keys = SCREENS[screen]

    async def pressed(pilot: Any) -> None:
        await pilot.pause(0.1)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
            for worker in [worker for worker in pilot.app.workers if worker.group == "load"]:
                await worker.wait()
        await pilot.pause(0.15)
        for field in pilot.app.screen.query("Input, TextArea"):
            field.cursor_blink = False
        if screen != "called":
            pilot.app.notice = None  # it stands for some seconds where the names of the pages are
            pilot.app._publish()
        await pilot.pause(0.15)

    assert snap_compare(fake_app(**given), terminal_size=size, run_before=pressed)
