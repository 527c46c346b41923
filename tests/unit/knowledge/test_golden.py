from pathlib import Path

import pytest

from shopbell.knowledge.golden import Colour, GoldenRow, checked, load_golden, tally
from shopbell.knowledge.passage import Match, Outcome, Passage, Retrieval

KNOWN = {"a#1", "a#2", "b#1", "product:X"}


def load(folder: Path, rows: str) -> tuple[list[GoldenRow], list[str]]:
    (folder / "golden.csv").write_text("question,expect,note\n" + rows)
    golden = load_golden(folder, KNOWN)
    return list(golden.rows), [str(problem) for problem in golden.problems]


def found(*ids: str, outcome: Outcome = Outcome.SURE) -> Retrieval:
    matches = tuple(
        Match(passage=Passage(id=name, title="t", text="x"), score=1.0, dense=1.0, lexical=1.0)
        for name in ids
    )
    return Retrieval(question="q", outcome=outcome, confidence=0.5, matches=matches)


def row(*parts: set[str]) -> GoldenRow:
    return GoldenRow(line=2, question="q", parts=tuple(map(frozenset, parts)))


def test_rows_are_read(tmp_path: Path) -> None:
    """Alternatives, two questions in one, and what the shop cannot answer."""
    rows, told = load(tmp_path, "one,a#1|a#2,slang\ntwo,a#1 & product:X|b#1,\nnone,,\n")
    assert told == []
    assert [each.parts for each in rows] == [
        (frozenset({"a#1", "a#2"}),),
        (frozenset({"a#1"}), frozenset({"product:X", "b#1"})),
        (),
    ]


def test_names_that_do_not_exist_are_told_with_their_row(tmp_path: Path) -> None:
    """The row is left out, so that a slip in golden.csv does not count as a failure of the search."""
    rows, told = load(tmp_path, "one,a#1,\ntwo,a#9|zz & a#1,\n,a#1,\n")
    assert len(rows) == 1
    assert "golden.csv:3: The row is left out: no passage is called a#9, zz." in told[0]
    assert "golden.csv:4: The row is left out: the question is empty." in told[1]


@pytest.mark.parametrize("text", ["q,e\n", "", "a\0b"])
def test_a_broken_file_is_a_problem_and_no_crash(tmp_path: Path, text: str) -> None:
    """Without golden questions there is a report, with the reason."""
    (tmp_path / "golden.csv").write_text(text)
    assert len(load_golden(tmp_path, KNOWN).problems) == 1


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    """A shop need not have golden questions."""
    assert load_golden(tmp_path, KNOWN) == load_golden(tmp_path, set())


@pytest.mark.parametrize(
    ("expected", "result", "colour", "first", "three"),
    [
        (row({"a#1"}), found("a#1", "b#1"), Colour.GREEN, True, True),
        (row({"a#1", "a#2"}), found("a#2"), Colour.GREEN, True, True),
        (row({"a#1"}), found("b#1", "a#2", "a#1"), Colour.AMBER, False, True),
        (row({"a#1"}), found("b#1", "a#2", "x", "a#1"), Colour.RED, False, False),
        (row({"a#1"}), found("a#1~2"), Colour.GREEN, True, True),
        (row({"a#1~2"}), found("a#1~2"), Colour.GREEN, True, True),
        (row({"a#1"}, {"b#1"}), found("b#1", "a#1"), Colour.GREEN, True, True),
        (row({"a#1"}, {"b#1"}), found("b#1", "a#2"), Colour.RED, True, False),
        (row({"a#1"}), found("a#1", outcome=Outcome.NONE), Colour.RED, True, True),
        (row({"a#1"}), found(outcome=Outcome.NONE), Colour.RED, False, False),
        (row(), found("a#1", outcome=Outcome.NONE), Colour.GREEN, False, False),
        (row(), found("a#1", outcome=Outcome.UNSURE), Colour.RED, False, False),
    ],
)
def test_how_a_question_fares(
    expected: GoldenRow, result: Retrieval, colour: Colour, first: bool, three: bool
) -> None:
    """First right, all parts within three, and refusals are told apart."""
    fared = checked(expected, result)
    assert (fared.colour, fared.is_first_right, fared.are_three_right) == (colour, first, three)


def test_the_tally() -> None:
    """Shares are of the answerable and of the unanswerable, each by itself."""
    report = tally(
        [
            checked(row({"a#1"}), found("a#1")),
            checked(row({"a#1"}), found("b#1", "a#1")),
            checked(row({"a#1"}), found(outcome=Outcome.NONE)),
            checked(row(), found(outcome=Outcome.NONE)),
            checked(row(), found("a#1")),
        ]
    )
    assert (report.answerable, report.unanswerable) == (3, 2)
    shares = [report.recall_at_1, report.recall_at_3, report.refused, report.wrongly_refused]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1 / 2, 1 / 3])
