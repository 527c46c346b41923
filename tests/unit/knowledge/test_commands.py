import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.commands import knowledge_group
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.gaps import Gaps
from shopbell.knowledge.library import Library
from shopbell.storage.database import open_database
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.press import FakePress

NOON = datetime(2026, 12, 30, 12, 0, tzinfo=UTC)


class Here:
    """A machine for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def embedder(self) -> Embedder:
        return FakeEmbedder()

    def shop_dir(self, shop: Path) -> Path:
        return self.folder

    def open_library(self, shop: Path) -> Library:
        engine = open_database(self.folder / "shop.db")
        return Library(
            shop, engine=engine, press=FakePress(), count=rough_count, clock=lambda: NOON, zone=UTC
        )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "faq").mkdir(parents=True)
    (folder / "faq/hours.md").write_text(
        "## When do you open? {#open}\n\nAt nine.\n\n"
        "## Christmas? {#xmas}\n*Valid until: 2027-01-02*\n\nNoon.\n"
    )
    (folder / "golden.csv").write_text(
        "question,expect,note\nWhen do you open?,hours#open,\nbicycle tyres,,\nmuch else,hours#open,\n"
    )
    return folder


def run(shop: Path, *words: str) -> Result:
    return CliRunner().invoke(
        knowledge_group, [*words], obj=Here(shop.parent / "data"), catch_exceptions=False
    )


def test_ingest_counts_and_tells(shop: Path) -> None:
    """A sound shop is counted; a broken file is named and makes the exit code 1."""
    result = run(shop, "ingest", "--shop", str(shop))
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "2 passages, 0 products of them.")
    (shop / "faq/bad.csv").write_text("question,reply\n")
    result = run(shop, "ingest", "--shop", str(shop), "--json")
    report = json.loads(result.output)
    assert (result.exit_code, report["passages"]) == (1, 2)
    assert [problem["path"] for problem in report["problems"] if problem["severity"] == "error"] == [
        "faq/bad.csv"
    ]


def test_check_shows_what_fails(shop: Path) -> None:
    """The line, what was wanted and what came are shown, then the shares."""
    result = run(shop, "check", "--shop", str(shop))
    assert result.exit_code == 0
    assert "line 4: much else" in result.output
    assert "When do you open?" not in result.output
    assert "2 answerable: 50.0% right at once" in result.output
    assert "When do you open?" in run(shop, "check", "--shop", str(shop), "--all").output
    report = json.loads(run(shop, "check", "--shop", str(shop), "--json").output)
    assert [row["colour"] for row in report["rows"]] == ["green", "green", "red"]


def test_check_fails_on_names_that_do_not_exist(shop: Path) -> None:
    """A golden.csv that does not fit the shop must not look green."""
    (shop / "golden.csv").write_text("question,expect,note\nWhen do you open?,hours#opened,\n")
    result = run(shop, "check", "--shop", str(shop))
    assert result.exit_code == 1
    assert "golden.csv:2" in result.output


def test_search_shows_passages(shop: Path) -> None:
    """The outcome first, then each passage with its place."""
    result = run(shop, "search", "when do you open", "--shop", str(shop))
    assert result.output.startswith("sure")
    assert "faq/hours.md:1" in result.output
    found = json.loads(run(shop, "search", "when do you open", "--shop", str(shop), "--json").output)
    assert found["matches"][0]["passage"]["id"] == "hours#open"


def test_expiring_lists_what_ends(shop: Path) -> None:
    """Facts that end within the days asked for, the first to end first."""
    assert "2027-01-02  faq/hours.md:5  Christmas?" in run(shop, "expiring", "--shop", str(shop)).output
    assert json.loads(run(shop, "expiring", "--shop", str(shop), "--within", "1", "--json").output) == []


def test_gaps_are_listed_and_forgotten(shop: Path) -> None:
    """Groups come with their number, by which they can be dropped."""
    engine = open_database(shop.parent / "data/shop.db")
    kept = Gaps(engine, FakeEmbedder()).keep("do you sell tyres", NOON)
    engine.dispose()
    assert kept is not None
    assert "1 x  do you sell tyres   (#1, last 2026-12-30)" in run(shop, "gaps", "--shop", str(shop)).output
    assert json.loads(run(shop, "gaps", "--shop", str(shop), "--json").output)[0]["count"] == 1
    assert "No question" in run(shop, "gaps", "--shop", str(shop), "--forget", str(kept.id)).output
    assert run(shop, "gaps", "--shop", str(shop), "--forget", "7").exit_code == 1


def test_a_shop_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """The message says which folder, the exit code is 1, JSON carries the code."""
    result = run(tmp_path / "shop", "ingest", "--shop", str(tmp_path / "none"))
    assert (result.exit_code, "no shop at" in result.output) == (1, True)
    result = run(tmp_path / "shop", "search", "x", "--shop", str(tmp_path / "none"), "--json")
    assert '"code": "shop-missing"' in result.output


@pytest.mark.parametrize("name", ["ingest", "check", "eval", "gaps", "search", "expiring"])
def test_every_command_explains_itself_and_speaks_json(tmp_path: Path, name: str) -> None:
    """Help names the options."""
    result = run(tmp_path, name, "--help")
    assert (result.exit_code, "--json" in result.output) == (0, True)
