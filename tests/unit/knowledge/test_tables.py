import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.entry import Entry
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.problem import Notes, Problem
from shopbell.knowledge.tables import csv_rows, read_faq_table, xlsx_rows


def read(text: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    notes = Notes("faq/a.csv")
    return read_faq_table(csv_rows(text, notes), notes), notes.problems


def read_xlsx(
    *rows: tuple[str | int | datetime | None, ...],
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    notes = Notes("faq/a.xlsx")
    return read_faq_table(xlsx_rows(data.getvalue(), notes), notes), notes.problems


def test_a_table_of_questions() -> None:
    """Columns come in any order and case; cells are trimmed; lines count quoted line breaks."""
    entries, problems = read(
        'Answer,QUESTION,Also Asked,valid_until,topic\n"Yes,\nalways", Open? ,a; '
        "b,2027-01-02,Hours\nNo,Shut?,,,\n"
    )
    assert problems == ()
    assert entries == (
        Entry(
            title="Open?",
            text="Yes,\nalways",
            line=2,
            also_asked=("a", "b"),
            topic="Hours",
            valid_until=date(2027, 1, 2),
        ),
        Entry(title="Shut?", text="No", line=4),
    )


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_are_understood(mark: str) -> None:
    """Spreadsheets of some countries save semicolons or tabs."""
    entries, problems = read(f"question{mark}answer\nOpen, today?{mark}Yes\n")
    assert (entries[0].title, entries[0].text, problems) == ("Open, today?", "Yes", ())


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("question,answer,author,mood", "Unknown columns: author, mood. Remove or rename them."),
        ("question,topic", "Missing columns: answer."),
        ("question,answer,question", "stand there twice: question"),
        ("question,answer,,", ""),
    ],
)
def test_a_wrong_head_refuses_the_file(head: str, words: str) -> None:
    """The message names the columns and lists the right ones."""
    if not words:
        assert read(f"{head}\nQ?,A\n")[0][0].title == "Q?"
        return
    with pytest.raises(FileRefused, match=words):
        read(f"{head}\nQ?,A,x,y\n")


def test_an_empty_table_is_refused() -> None:
    """Without a head nothing can be read."""
    with pytest.raises(FileRefused, match="The table is empty"):
        read("\n,,\n")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",An answer", "the question is empty"),
        ("A question?,", "the answer is empty"),
        ("Q?,A,too,many,cells,in,here", "7 cells where the head has 3"),
        ("Q?", "1 cells where the head has 3"),
        ("Q?,A,31.12.2026", '"31.12.2026" is no date'),
        ('Q?,"A"B,', "quotation marks do not match"),
        ("Q?," + "x" * 200_000, "a cell is too long"),
    ],
)
def test_a_bad_row_costs_only_itself(row: str, words: str) -> None:
    """The row is named with its line; the rows around it are read."""
    entries, problems = read(f"question,answer,valid_until\nFirst?,1,\n{row}\nLast?,2,\n")
    assert [entry.title for entry in entries] == ["First?", "Last?"]
    assert [problem.line for problem in problems] == [3]
    assert words in problems[0].message


def test_an_open_quotation_mark_is_found_where_it_opens() -> None:
    """It swallows the rest of the file, so the line where it began is the one to name."""
    entries, problems = read('question,answer\nFirst?,1\nSecond?,"2\nThird?,3\n')
    assert [entry.title for entry in entries] == ["First?"]
    assert (problems[0].line, "never closed" in problems[0].message) == (3, True)


def test_a_workbook() -> None:
    """Dates and numbers of a spreadsheet become words; empty rows are passed over."""
    entries, problems = read_xlsx(
        ("Question", "Answer", "valid_until"),
        (None, None, None),
        ("How much?", 12, datetime(2027, 1, 2)),  # noqa: DTZ001 - as Excel has it
    )
    assert problems == ()
    assert entries == (Entry(title="How much?", text="12", line=3, valid_until=date(2027, 1, 2)),)


def test_a_workbook_row_with_a_mistake() -> None:
    """Rows are named by their number in the sheet."""
    entries, problems = read_xlsx(("question", "answer"), ("Q?", None), ("R?", "yes"))
    assert ([entry.title for entry in entries], problems[0].line) == (["R?"], 2)


@given(st.text(alphabet='",;\n\tQa?é=', max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """No text breaks the reader; at most the file is refused."""
    try:
        entries, _ = read("question,answer\n" + text)
    except FileRefused:
        return
    assert all(entry.title and entry.text for entry in entries)
