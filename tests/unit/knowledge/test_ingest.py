from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.knowledge import ingest as room
from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.entry import Entry, slug
from shopbell.knowledge.files import SourceFile
from shopbell.knowledge.ingest import Ingest, Published
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes, Severity
from shopbell.storage.database import open_database

GOOD = "## Q one? {#one}\n\nFirst answer.\n\n## Q two?\n\nSecond answer.\n"


class Shop:
    """A shop's folder and what its files became."""

    def __init__(self, folder: Path, engine: sa.Engine) -> None:
        self.folder = folder
        self._ingest = Ingest(engine, rough_count, UTC)

    def put(self, name: str, data: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def run(self) -> Published:
        return self._ingest.run(self.folder)

    def ids(self) -> list[str]:
        return [passage.id for passage in self.run().passages]

    def told(self) -> list[str]:
        return [str(problem) for problem in self.run().problems]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    engine = open_database(tmp_path / "data/shop.db")
    (tmp_path / "shop/faq").mkdir(parents=True)
    yield Shop(tmp_path / "shop", engine)
    engine.dispose()


def test_passages_have_stable_names_and_places(shop: Shop) -> None:
    """An id is the file's stem with the anchor or the slug; the source is path and line."""
    shop.put("faq/more/opening hours.md", GOOD)
    passages = shop.run().passages
    assert [(passage.id, passage.source) for passage in passages] == [
        ("opening-hours#one", "faq/more/opening hours.md:1"),
        ("opening-hours#q-two", "faq/more/opening hours.md:5"),
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("How much is it?", "how-much-is-it"),
        ("  What -- now?! ", "what-now"),
        ("Crème & thé", "crème-thé"),
        ("x" * 59 + " yz", "x" * 59),
        ("?!", ""),
    ],
)
def test_slugs(title: str, expected: str) -> None:
    """Lower case, single hyphens, at most 60 letters and never a hyphen at an end."""
    assert slug(title) == expected


def test_unchanged_files_are_not_read_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known by its content is not parsed; a changed file is, and only that."""
    shop.put("faq/a.md", GOOD)
    shop.put("faq/b.md", "## B?\n\nb\n")
    first = shop.run()
    read: list[str] = []
    real = room.read_entries

    def noted(file: SourceFile, notes: Notes) -> tuple[Entry, ...]:
        read.append(file.path)
        return real(file, notes)

    monkeypatch.setattr(room, "read_entries", noted)
    assert shop.run() == first
    shop.put("faq/b.md", "## B?\n\nbetter\n")
    assert shop.run().passages[-1].text == "better"
    assert read == ["faq/b.md"]


def test_reading_twice_doubles_nothing(shop: Shop) -> None:
    """The same files give the same passages and the same digest, however often they are read."""
    shop.put("faq/a.md", GOOD)
    first = shop.run()
    shop.put("faq/a.md", GOOD + " ")
    shop.run()
    shop.put("faq/a.md", GOOD)
    assert shop.run().digest == first.digest


def test_deleting_a_file_takes_all_it_said(shop: Shop, tmp_path: Path) -> None:
    """No row is left, nor any byte of the text in the files of the database."""
    shop.put("faq/a.md", "## Q?\n\nThe password is sandalwood.\n")
    shop.put("faq/b.md", GOOD)
    assert shop.ids() == ["a#q", "b#one", "b#q-two"]
    (shop.folder / "faq/a.md").unlink()
    assert shop.ids() == ["b#one", "b#q-two"]
    assert not any(b"sandalwood" in path.read_bytes() for path in (tmp_path / "data").iterdir())


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("faq/a.md", GOOD, "---\nnever closed\n" + GOOD),
        ("faq/a.md", GOOD, b"a\0b"),
        ("faq/a.csv", "question,answer\nQ?,A\n", "question,reply\nQ?,B\n"),
        ("faq/a.csv", "question,answer\nQ?,A\n", "question,answer\n,nothing\n"),
        ("faq/a.html", "<h2>Q?</h2><p>A</p>", b"\xff\xfe\0"),
        (
            "catalogue.csv",
            "sku,name,price,as_of\nA,N,1,2026-11-21\n",
            "sku,name,price,as_of\nA,N,?,2026-11-21\n",
        ),
    ],
)
def test_a_bad_version_leaves_the_old_one_published(
    shop: Shop, name: str, good: str, bad: str | bytes
) -> None:
    """A file that breaks keeps what it said, says why, and harms no other; mending it clears the problem."""
    shop.put("faq/other.md", "## Other?\n\nfine\n")
    shop.put(name, good)
    before = shop.run()
    shop.put(name, bad)
    broken = shop.run()
    assert (broken.passages, broken.products) == (before.passages, before.products)
    assert {problem.path for problem in broken.problems if problem.severity is Severity.ERROR} == {name}
    assert shop.run().problems == broken.problems
    shop.put(name, good)
    assert shop.run() == before


def test_a_file_that_breaks_its_parser_is_one_problem(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a library raises over one file is told about that file only."""

    def broken(_file: object, _notes: object, _stem: str) -> tuple[()]:
        raise RecursionError

    shop.put("faq/a.md", GOOD)
    monkeypatch.setitem(room._READERS, ".html", broken)
    shop.put("faq/b.html", "<p>x</p>")
    assert shop.ids() == ["a#one", "a#q-two"]
    assert "faq/b.html: The file is damaged (RecursionError)" in shop.told()[0]


def test_a_bad_row_leaves_the_rest_published(shop: Shop) -> None:
    """Only the row with the mistake is missing."""
    shop.put("faq/a.csv", "question,answer,valid_until\nQ?,A,\nR?,B,soon\n")
    assert shop.ids() == ["a#q"]
    assert shop.told()[0].startswith("faq/a.csv:3: ")


def test_a_name_taken_twice_is_told_with_both_places(shop: Shop) -> None:
    """The first keeps the name; when it goes, the second takes its place."""
    shop.put("faq/a.csv", "question,answer\nQ?,from csv\n")
    shop.put("faq/a.md", "## Q?\n\nfrom md\n\n## Q?\n\nagain\n")
    assert [passage.text for passage in shop.run().passages] == ["from csv"]
    assert [told.partition(" is already taken by ")[0] for told in shop.told()] == [
        "faq/a.md:1: The name a#q",
        "faq/a.md:5: The name a#q",
    ]
    assert "faq/a.csv:2" in shop.told()[0]
    (shop.folder / "faq/a.csv").unlink()
    assert [passage.text for passage in shop.run().passages] == ["from md"]


def test_long_answers_are_cut_and_told(shop: Shop) -> None:
    """Pieces share title, dates and wordings; every piece is short enough."""
    long = " ".join(f"Sentence number {n} has just eight words." for n in range(40))
    shop.put("faq/a.md", f"## Q? {{#q}}\n*Also asked: why*\n\n{long}\n")
    published = shop.run()
    assert [passage.id for passage in published.passages] == ["a#q", "a#q~2", "a#q~3"]
    assert {(passage.title, passage.also_asked) for passage in published.passages} == {("Q?", ("why",))}
    assert " ".join(passage.text for passage in published.passages) == long
    assert all(rough_count(passage.text) <= 120 for passage in published.passages)
    assert "was cut into 3 pieces" in shop.told()[0]


def test_repeated_headings_of_running_text_do_not_clash(shop: Shop) -> None:
    """Only questions need names of their own."""
    shop.put("faq/a.md", "## Notes\n\none\n\n## Notes\n\ntwo\n")
    passages = shop.run().passages
    assert [(passage.id, passage.kind) for passage in passages] == [
        ("a#notes", Kind.DOCUMENT),
        ("a#notes-2", Kind.DOCUMENT),
    ]


def test_products_are_passages_too(shop: Shop) -> None:
    """A row of the catalogue can be searched by its name."""
    shop.put("catalogue.csv", "sku,name,price,as_of\nA-1,Rye,4.90,2026-11-21\n")
    published = shop.run()
    assert ([passage.id for passage in published.passages], published.products[0].sku) == (
        ["product:A-1"],
        "A-1",
    )


def test_a_file_with_nothing_in_it_is_told(shop: Shop) -> None:
    """An empty file says nothing, and the owner hears of it."""
    shop.put("faq/a.md", "\n")
    assert shop.told() == [
        "faq/a.md: Nothing in this file can be used. Add questions with answers, or delete it."
    ]


def test_a_file_of_too_many_passages_is_refused(shop: Shop) -> None:
    """Nothing of it is published, and the owner is told to split it."""
    shop.put("faq/a.csv", "question,answer\n" + "".join(f"Q{n}?,A\n" for n in range(2_501)))
    assert shop.ids() == []
    assert "more than 2,500 passages" in shop.told()[0]


def test_wordings_join_the_entries_they_name(shop: Shop) -> None:
    """A row of wordings.csv is one more way to ask for its entry, and goes when the row goes."""
    shop.put("faq/a.md", GOOD)
    shop.put("wordings.csv", "entry,wording\na#one,how many is it\na#one,how  many is it\na#q-two,and two\n")
    assert [passage.also_asked for passage in shop.run().passages] == [("how many is it",), ("and two",)]
    shop.put("wordings.csv", "entry,wording\na#q-two,and two\n")
    assert [passage.also_asked for passage in shop.run().passages] == [(), ("and two",)]
    (shop.folder / "wordings.csv").unlink()
    assert [passage.also_asked for passage in shop.run().passages] == [(), ()]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a#none,what\n", "wordings.csv:2: There is no entry a#none, so this wording is not used."),
        ("a#one,\n", "wordings.csv:2: The row is left out: it needs an entry and a wording."),
        (
            f"a#one,{'w' * 201}\n",
            "wordings.csv:2: The row is left out: a wording has at most 200 characters.",
        ),
    ],
)
def test_a_bad_wording_is_named_and_costs_only_itself(shop: Shop, rows: str, told: str) -> None:
    """Each row of wordings.csv that cannot be used is named with what to do; the others count."""
    shop.put("faq/a.md", GOOD)
    shop.put("wordings.csv", f"entry,wording\n{rows}a#one,fine words\n")
    published = shop.run()
    assert published.passages[0].also_asked == ("fine words",)
    assert any(str(problem).startswith(told) for problem in published.problems)
