import os
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.embedding import MiniLM, Read, Vectors
from shopbell.knowledge.errors import ShopMissing
from shopbell.knowledge.library import Library
from shopbell.knowledge.passage import MAX_TOKENS, Outcome
from shopbell.knowledge.press import IndexPress
from shopbell.knowledge.problem import Severity
from shopbell.storage.database import open_database
from tests.fakes.press import FakePress

EXAMPLE = Path(__file__).parents[3] / "examples" / "lantern-street"
LIVE_S = 2.0
"""Seconds in which an edit must be live."""
NOON = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "faq").mkdir(parents=True)
    (folder / "faq/hours.md").write_text(
        "## When do you open? {#open}\n\nAt nine.\n\n"
        "## Are you open at Christmas? {#xmas}\n*Valid until: 2026-12-24*\n\nYes, until noon.\n"
    )
    (folder / "catalogue.csv").write_text("sku,name,price,as_of\nA-1,Dark rye,4.90,2026-11-21\n")
    (folder / "golden.csv").write_text(
        "question,expect,note\nwhen do you open?,hours#open,\nbicycle tyres,,\ndark rye & "
        "open,hours#open & product:A-1,\n"
    )
    return folder


@pytest.fixture
def press() -> FakePress:
    return FakePress()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(shop: Path, engine: sa.Engine, press: FakePress, clock: Clock) -> Callable[[], Library]:
    def open_it() -> Library:
        return Library(
            shop, engine=engine, press=press, count=rough_count, clock=clock, zone=ZoneInfo("Europe/London")
        )

    return open_it


def test_a_library_answers_from_its_files(opened: Callable[[], Library]) -> None:
    """Questions find their passage; products are in the catalogue."""
    library = opened()
    found = library.search("when do you open?")
    assert (found.outcome, found.matches[0].passage.id) == (Outcome.SURE, "hours#open")
    product = library.catalogue.get("A-1")
    assert product is not None
    assert product.name == "Dark rye"
    assert library.snapshot.passage("product:A-1") is not None


def test_an_edit_swaps_the_state_as_a_whole(opened: Callable[[], Library], shop: Path) -> None:
    """Who holds the old state keeps it unchanged; the next look sees the new one."""
    library = opened()
    old = library.snapshot
    (shop / "faq/hours.md").write_text("## When do you open? {#open}\n\nAt ten.\n")
    new = library.refresh()
    assert [passage.text for passage in old.passages][:1] == ["At nine."]
    assert [passage.text for passage in new.passages] == ["At ten.", "Dark rye."]
    assert library.search("when do you open?").matches[0].passage.text == "At ten."
    assert old.searcher.search("when do you open?", today=NOON.date()).matches[0].passage.text == "At nine."


def test_nothing_changed_is_the_same_state(
    opened: Callable[[], Library], press: FakePress, shop: Path
) -> None:
    """Without a change nothing is published again, not even when a file was touched."""
    library = opened()
    before = library.snapshot
    os.utime(shop / "faq/hours.md")
    assert library.refresh() is before
    assert len(press.published) == 1


def test_a_deleted_file_is_gone_at_once(opened: Callable[[], Library], shop: Path) -> None:
    """What it said is not found any more."""
    library = opened()
    (shop / "faq/hours.md").unlink()
    library.refresh()
    assert [passage.id for passage in library.passages] == ["product:A-1"]


def test_a_problem_that_comes_and_goes_changes_the_state_only_in_that(
    opened: Callable[[], Library], shop: Path, press: FakePress
) -> None:
    """A broken file does not cost a new index; its mending clears the problem."""
    library = opened()
    (shop / "faq/bad.md").write_text("---\nnever closed\n")
    broken = library.refresh()
    assert [problem.path for problem in broken.problems] == ["faq/bad.md"]
    (shop / "faq/bad.md").unlink()
    assert library.refresh().problems == ()
    assert len(press.published) == 1


def test_facts_retire_by_themselves(opened: Callable[[], Library], clock: Clock) -> None:
    """On its last day in the shop's time zone a fact is given and announced; at midnight it is gone."""
    library = opened()
    question = "are you open at christmas?"
    assert library.search(question).matches[0].passage.id == "hours#xmas"
    assert "given only until 2026-12-24" in library.problems[0].message
    clock.now = datetime(2026, 12, 24, 23, 59, tzinfo=UTC)
    assert library.search(question).matches[0].passage.id == "hours#xmas"
    clock.now = datetime(2026, 12, 25, 0, 0, tzinfo=UTC)
    assert "hours#xmas" not in [match.passage.id for match in library.search(question).matches]
    assert "ended on 2026-12-24" in library.problems[0].message


def test_golden_questions_are_asked_once_for_each_state(
    opened: Callable[[], Library], press: FakePress, shop: Path, clock: Clock
) -> None:
    """The report is kept with the state, over restarts too, and made anew after an edit and on a new day."""
    library = opened()
    report = library.check()
    assert library.snapshot.golden == report
    assert (report.answerable, report.unanswerable, report.refused) == (2, 1, 1.0)
    asked = len(press.embedder.embedded)
    assert library.check() == report
    assert len(press.embedder.embedded) == asked
    again = opened()
    asked = len(press.embedder.embedded)
    assert again.check() == report
    assert len(press.embedder.embedded) == asked
    (shop / "golden.csv").write_text("question,expect,note\nwhen do you open?,hours#gone,\n")
    assert "no passage is called hours#gone" in again.check().problems[0].message


def test_a_check_left_in_the_middle_keeps_nothing(opened: Callable[[], Library]) -> None:
    """Half a report is no report."""
    library = opened()
    next(library.checking())
    assert library.snapshot.golden is None


def test_a_shop_that_vanishes_leaves_the_state_as_it_was(opened: Callable[[], Library], shop: Path) -> None:
    """An unmounted disk is an error, not an empty shop."""
    library = opened()
    shutil.rmtree(shop)
    with pytest.raises(ShopMissing):
        library.refresh()
    assert len(library.passages) == 3


class Counted:
    """The real embedder, which counts the texts it reads."""

    def __init__(self, inner: MiniLM) -> None:
        self._inner = inner
        self.texts = 0
        self.fingerprint = inner.fingerprint
        self.token_count = inner.token_count
        self.is_word = inner.is_word

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return self._inner.embed(texts)

    def read(self, texts: Sequence[str]) -> list[Read]:
        self.texts += len(texts)
        return self._inner.read(texts)


def idle_seconds() -> float:
    """Return the time as this thread would feel it on an idle machine: without its waits for a processor."""
    _, waited, _ = Path("/proc/thread-self/schedstat").read_text().split()
    return time.perf_counter() - int(waited) / 1e9


@pytest.mark.model
def test_the_example_shop_opens_again_quickly_and_takes_an_edit(tmp_path: Path, minilm: MiniLM) -> None:
    """The second opening reads nothing anew, an edit only what it touches, and is live within two seconds."""
    shop = tmp_path / "shop"
    shutil.copytree(EXAMPLE, shop)
    embedder = Counted(minilm)

    def open_it() -> Library:
        return Library(
            shop,
            engine=open_database(tmp_path / "data/shop.db"),
            press=IndexPress(tmp_path / "data/index", embedder),
            count=minilm.token_count,
            clock=lambda: NOON,
            zone=ZoneInfo("Europe/London"),
        )

    open_it().close()
    embedder.texts = 0
    library = open_it()
    assert embedder.texts == 0
    edited = shop / "faq/hours.md"
    edited.write_text(edited.read_text().replace("7:30 am", "7:15 am"))
    start = idle_seconds()
    library.refresh()
    assert idle_seconds() - start < LIVE_S
    assert 0 < embedder.texts < 50
    found = library.search("What are your opening hours?").matches[0].passage
    assert (found.id, "7:15 am" in found.text) == ("hours#weekly", True)
    library.close()


def test_the_example_shop_has_no_errors(engine: sa.Engine) -> None:
    """Every file of every kind in it is read without an error."""
    library = Library(
        EXAMPLE, engine=engine, press=FakePress(), count=rough_count, clock=lambda: NOON, zone=UTC
    )
    assert [str(each) for each in library.problems if each.severity is Severity.ERROR] == []
    kinds = {PurePosixPath(passage.source.rpartition(":")[0]).suffix for passage in library.passages}
    assert kinds == {".md", ".csv", ".xlsx", ".html", ".pdf", ".docx"}
    assert all(rough_count(passage.text) <= MAX_TOKENS for passage in library.passages)


def test_another_way_of_searching_asks_the_golden_questions_anew(
    opened: Callable[[], Library], press: FakePress
) -> None:
    """A report kept from other weights or another model is not shown as today's."""
    library = opened()
    first = library.check()
    assert list(library.checking()) == []
    press.version = "2"
    asked = list(library.checking())
    assert len(asked) == len(first.rows) > 0
