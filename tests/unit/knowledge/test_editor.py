import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.chunking import rough_count
from shopbell.knowledge.editor import NewEntry, as_file, publish, retire, written
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.files import read_one
from shopbell.knowledge.golden import load_golden
from shopbell.knowledge.ingest import passages_of, read_entries
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.problem import Notes

TEA = NewEntry(
    question="Do you sell loose tea?",
    answer="Yes, ten kinds.\n\nAsk at the counter.",
    topic="Tea & Co",
    test="got any loose leaf?",
)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=40)
markup = st.sampled_from(
    [
        "# not a heading",
        "**bold**",
        "<script>x</script>",
        "---",
        "*Also asked: a; b*",
        "a|b",
        "[x](http://y)",
        "`c`",
    ]
)


def passages(folder: Path, path: str) -> list[Passage]:
    file = read_one(folder, path)
    assert file is not None
    notes = Notes(path)
    found = list(passages_of(read_entries(file, notes), path, rough_count, notes))
    assert notes.problems == ()
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "faq").mkdir()
    return tmp_path


def test_an_entry_goes_where_the_owner_sees_it(shop: Path) -> None:
    """It stands in a Markdown file of its topic, and the customer's wording asks for it from then on."""
    made = written(TEA, set())
    publish(shop, made, TEA.test)
    (passage,) = passages(shop, made.path)
    assert (passage.id, passage.title) == ("answers-tea-co#do-you-sell-loose-tea", TEA.question)
    assert (passage.topic, passage.also_asked) == ("Tea & Co", ("got any loose leaf?",))
    assert passage.text == TEA.answer
    golden = load_golden(shop, {passage.id})
    assert [(row.question, row.parts) for row in golden.rows] == [
        ("got any loose leaf?", (frozenset({passage.id}),))
    ]
    publish(shop, written(TEA, {passage.id}), "")
    assert [p.id for p in passages(shop, made.path)] == [passage.id, f"{passage.id}-2"]


@given(lines, st.lists(lines | markup, min_size=1, max_size=4), lines)
def test_whatever_staff_write_is_one_entry_or_refused(question: str, answer: list[str], topic: str) -> None:
    """No answer can open another entry, pass for an attribute or bring markup in."""
    entry = NewEntry(question=question, answer="\n".join(answer), topic=topic, also_asked=(question,))
    try:
        made = written(entry, set())
    except FileRefused:
        return
    notes = Notes(made.path)
    found = list(passages_of(read_entries(as_file(made), notes), made.path, rough_count, notes))
    assert {p.title for p in found} == {found[0].title}
    assert all(p.valid_until is None for p in found)
    assert found[0].id == made.id


@pytest.mark.parametrize("cell", ["=1+1", "+44", "@x", "-2+3", "\t=1"])
def test_a_wording_is_no_formula(shop: Path, cell: str) -> None:
    """What a customer typed does nothing in a spreadsheet."""
    publish(shop, written(TEA, set()), f"{cell} tea?")
    rows = list(csv.reader((shop / "golden.csv").read_text().splitlines()))
    assert rows[1][0][0] not in "=+-@\t"


def test_a_retired_entry_is_given_no_more_but_its_words_stay(shop: Path) -> None:
    """The entry gets a last day; done twice, the later one counts."""
    made = written(TEA, set())
    publish(shop, made, "")
    (passage,) = passages(shop, made.path)
    for day in (date(2026, 11, 20), date(2026, 11, 21)):
        retire(shop, passage.source, day)
    (ended,) = passages(shop, made.path)
    assert ended.valid_until == date(2026, 11, 21)
    assert not ended.is_valid(date(2026, 11, 22))
    assert ended.text == TEA.answer


def test_what_is_no_markdown_is_left_to_the_owner(shop: Path) -> None:
    """A row of a table or a page of a PDF is not touched; nor is a file that changed meanwhile."""
    with pytest.raises(FileRefused):
        retire(shop, "faq/allergens.csv:3", date(2026, 11, 20))
    (shop / "faq/hours.md").write_text("Nothing here.\n")
    with pytest.raises(FileRefused):
        retire(shop, "faq/hours.md:1", date(2026, 11, 20))
