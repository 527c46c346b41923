"""The clerk's guide counts the keys of the ten commonest tasks: each is pressed here as it stands there."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shopbell.assistant import staffwire as w
from shopbell.tui.app import ConsoleApp
from shopbell.tui.sheet import Sheet
from tests.fakes.console import FakeHouse, FakeLine, fake_app
from tests.fakes.watching import seen, until

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).parents[3] / "docs" / "staff.md"
KEYS = {"Enter": "enter", "Esc": "escape", "/": "slash", **{f"F{n}": f"f{n}" for n in range(1, 9)}}
WORDS = {"letters": "than", "name": "niamh"}
"""What is typed for a word in italics; anything else for the others."""
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| (\d+) \|$", re.MULTILINE)
BEFORE: dict[int, tuple[str, ...]] = {3: ("end",), 9: ("t", "escape", "escape")}
"""Pressed first, where a task begins elsewhere than on the first line."""
Done = Callable[[ConsoleApp, FakeLine, FakeHouse], object]
DONE: dict[int, Done] = {
    1: lambda app, line, house: app.talking == "c-3fa2" and "Hello! Do you make" in seen(app),
    2: lambda app, line, house: line.of(w.TakeOver) and line.of(w.StaffSay)[0].text == "words",
    3: lambda app, line, house: app.screen.query_one(Sheet).key == "c-3fa2",
    4: lambda app, line, house: "Source 1 of 2" in seen(app),
    5: lambda app, line, house: line.of(w.Whisper),
    6: lambda app, line, house: line.of(w.Note),
    7: lambda app, line, house: line.of(w.StaffSay)[0].text.startswith("Thank you for waiting"),
    8: lambda app, line, house: line.of(w.Judge)[0].verdict == "accepted",
    9: lambda app, line, house: line.of(w.HandBack),
    10: lambda app, line, house: "Niamh Fennmere" in seen(app) and "3 of 9 stamps" in seen(app),
}


def tasks() -> dict[int, tuple[list[str], int]]:
    """Return the keys of each task of the first table, and how many the guide says they are."""
    part = GUIDE.read_text().partition("## The ten commonest tasks")[2].partition("## ")[0]
    return {int(n): (keys.split(", "), int(count)) for n, _, keys, count in ROW.findall(part)}


def test_the_guide_has_ten_tasks_and_counts_right() -> None:
    """Ten rows; the count is that of the keys, without the words that are typed."""
    assert list(tasks()) == list(range(1, 11))
    counted = {n: sum(not key.startswith("*") for key in keys) for n, (keys, _) in tasks().items()}
    assert counted == {n: count for n, (_, count) in tasks().items()}


async def press(pilot: Any, *keys: str) -> None:
    """Press keys, and wait for what each one loads."""
    for key in keys:
        await pilot.press(key)
        for worker in [one for one in pilot.app.workers if one.group == "load"]:
            await worker.wait()
        await pilot.pause()


@pytest.mark.parametrize("task", range(1, 11))
async def test_the_keys_of_the_guide_do_the_task(task: int) -> None:
    """From the floor, the keys as they are written do what is written beside them."""
    line, house = FakeLine(), FakeHouse()
    app = fake_app(line, house)
    async with app.run_test() as pilot:
        await until(pilot, "Can I talk to somebody")
        await press(pilot, *BEFORE.get(task, ()))
        for key in tasks()[task][0]:
            if key == "s" and line.of(w.Suggest):
                await until(pilot, "Suggested (s)")
            word = key.strip("*")
            await press(pilot, *(WORDS.get(word, "words") if key.startswith("*") else [KEYS.get(key, key)]))
        await until(pilot, lambda: _holds(DONE[task], app, line, house), f"task {task} to be done")


def _holds(done: Done, app: ConsoleApp, line: FakeLine, house: FakeHouse) -> bool:
    try:
        return bool(done(app, line, house))
    except IndexError:
        return False
