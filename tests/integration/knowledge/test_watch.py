import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.library import Library, Snapshot
from shopbell.knowledge.watch import watch_shop
from shopbell.storage.worker import Worker
from tests.fakes.press import FakePress

LIVE_WITHIN_S = 2.0
HOURS = "## When do you open? {{#open}}\n\nAt {}.\n"


class Watched:
    """A shop whose edits are watched."""

    def __init__(self, folder: Path, library: Library, states: list[Snapshot]) -> None:
        self.hours = folder / "faq/hours.md"
        self.folder = folder
        self.library = library
        self.states = states

    def answer(self) -> str:
        found = self.library.search("When do you open?").matches
        return found[0].passage.text if found else ""

    async def seconds_until(self, is_live: Callable[[], bool]) -> float:
        start = time.perf_counter()
        while not is_live():
            await asyncio.sleep(0.02)
            assert time.perf_counter() - start < 10.0, "the edit did not become live"
        return time.perf_counter() - start


@pytest_asyncio.fixture
async def watched(
    request: pytest.FixtureRequest, tmp_path: Path, engine: sa.Engine
) -> AsyncIterator[Watched]:
    check_after_s: float = getattr(request, "param", 0.0)
    folder = tmp_path / "shop"
    (folder / "faq").mkdir(parents=True)
    (folder / "faq/hours.md").write_text(HOURS.format("nine"))
    (folder / "golden.csv").write_text("question,expect,note\nWhen do you open?,hours#open,\n")
    worker = Worker("ingest")
    library = await worker.call(
        Library,
        folder,
        engine=engine,
        press=FakePress(),
        count=rough_count,
        clock=lambda: datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        zone=UTC,
    )
    states: list[Snapshot] = []
    task = asyncio.create_task(
        watch_shop(library, worker, changed=states.append, check_after_s=check_after_s)
    )
    await asyncio.sleep(0.3)  # the watch itself needs a moment to be set up
    yield Watched(folder, library, states)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await worker.close()


def overwrite(path: Path, text: str) -> None:
    path.write_text(text)


def replace_by_rename(path: Path, text: str) -> None:
    """Save as most editors do: into another file, then in place of the old one."""
    other = path.with_name(f".{path.name}.tmp")
    other.write_text(text)
    other.replace(path)


def move_away_and_write(path: Path, text: str) -> None:
    """Save as vim does with a backup."""
    path.rename(path.with_name(f"{path.name}~"))
    path.write_text(text)


def delete_and_copy(path: Path, text: str) -> None:
    """Save as synchronising programs do."""
    path.unlink()
    other = path.parent.parent / "elsewhere.md"
    other.write_text(text)
    shutil.copy2(other, path)


def keep_the_time(path: Path, text: str) -> None:
    """Save with the old time of change, as some copies do."""
    about = path.stat()
    path.write_text(text)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


@pytest.mark.parametrize(
    "save", [overwrite, replace_by_rename, move_away_and_write, delete_and_copy, keep_the_time]
)
async def test_an_edit_is_live_within_two_seconds(
    watched: Watched, save: Callable[[Path, str], None]
) -> None:
    """However an editor saves, the new words answer in time, and the old ones never vanish on the way."""
    save(watched.hours, HOURS.format("ten"))
    assert await watched.seconds_until(lambda: watched.answer() == "At ten.") < LIVE_WITHIN_S
    assert all(state.passages for state in watched.states)


async def test_new_and_deleted_files_are_live_too(watched: Watched) -> None:
    """A file that comes is found, one that goes is not; both in time."""
    (watched.folder / "faq/new").mkdir()
    (watched.folder / "faq/new/tea.md").write_text("## Do you have tea?\n\nYes.\n")
    assert await watched.seconds_until(lambda: len(watched.library.passages) == 2) < LIVE_WITHIN_S
    watched.hours.unlink()
    assert await watched.seconds_until(lambda: len(watched.library.passages) == 1) < LIVE_WITHIN_S


async def test_a_file_written_slowly_is_not_read_half(watched: Watched) -> None:
    """While an editor still writes, the old words stay."""
    whole = HOURS.format("ten") + "".join(f"\n## Question {n}?\n\nAnswer {n}.\n" for n in range(10))
    with watched.hours.open("w") as file:
        for start in range(0, len(whole), 60):
            file.write(whole[start : start + 60])
            file.flush()
            await asyncio.sleep(0.05)
    await watched.seconds_until(lambda: len(watched.library.passages) == 11)
    assert {len(state.passages) for state in watched.states} == {1, 11}


async def test_the_golden_questions_are_asked_after_an_edit(watched: Watched) -> None:
    """The new state carries its own report."""
    await watched.seconds_until(lambda: watched.library.snapshot.golden is not None)
    watched.hours.write_text("## Where are you? {#where}\n\nHere.\n")
    await watched.seconds_until(lambda: watched.answer() == "Here.")
    await watched.seconds_until(lambda: watched.library.snapshot.golden is not None)
    report = watched.library.snapshot.golden
    assert report is not None
    assert "no passage is called hours#open" in report.problems[0].message


@pytest.mark.parametrize("watched", [60.0], indirect=True)
async def test_only_the_first_check_waits(watched: Watched) -> None:
    """An opening shop has the cores to itself; an edit is checked as soon as it is live."""
    await asyncio.sleep(1.0)
    assert watched.library.snapshot.golden is None
    watched.hours.write_text("## Where are you? {#where}\n\nHere.\n")
    await watched.seconds_until(lambda: watched.answer() == "Here.")
    await watched.seconds_until(lambda: watched.library.snapshot.golden is not None)


async def test_a_shop_that_vanishes_and_comes_back(watched: Watched, tmp_path: Path) -> None:
    """The old words answer meanwhile."""
    watched.hours.write_text("---\nbroken\n")
    await watched.seconds_until(lambda: bool(watched.library.problems))
    assert watched.answer() == "At nine."
    watched.hours.write_text(HOURS.format("ten"))
    assert await watched.seconds_until(lambda: watched.answer() == "At ten.") < LIVE_WITHIN_S
    assert watched.library.problems == ()


async def test_the_event_loop_is_never_held_up(watched: Watched) -> None:
    """Reading a large edit leaves the loop free."""
    longest, stop = 0.0, False

    async def measure() -> None:
        nonlocal longest
        while not stop:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - start)

    task = asyncio.create_task(measure())
    (watched.folder / "faq/big.md").write_text(
        "".join(f"## Question {n}?\n\n{'Some words of an answer. ' * 30}\n\n" for n in range(300))
    )
    await watched.seconds_until(lambda: len(watched.library.passages) > 300)
    stop = True
    await task
    assert longest < 1.0  # loose, for a busy machine: a call on the loop would take seconds
