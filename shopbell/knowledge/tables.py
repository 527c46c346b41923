"""Tables: CSV and XLSX with a head row, read row by row so that one bad row costs only itself."""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import openpyxl
from msgspec import Struct

from shopbell.knowledge.archive import check_archive
from shopbell.knowledge.entry import Entry, day, wordings
from shopbell.knowledge.errors import FileRefused
from shopbell.knowledge.problem import Notes
from shopbell.storage.plain import clean

FAQ_COLUMNS = ("question", "answer", "topic", "also_asked", "valid_until")
FAQ_REQUIRED = ("question", "answer")
MAX_ROWS = 10_000
"""Rows of one table at most."""
_MAX_CELLS = 64
"""Cells of a row that are looked at; a head of more is refused anyway."""


class Row(Struct, frozen=True):
    """One row under the head."""

    line: int
    cells: dict[str, str]
    """Column name -> text, without spaces around it."""


Raw = tuple[int, Sequence[str]]
"""Line number and cells as they stand."""


def read_faq_table(rows: Iterable[Raw], notes: Notes) -> tuple[Entry, ...]:
    """Read a table of questions and answers. Raises `FileRefused` when its head is wrong."""
    entries = []
    for row in named_rows(rows, notes, columns=FAQ_COLUMNS, required=FAQ_REQUIRED):
        try:
            entries.append(_entry(row))
        except ValueError as fault:
            notes.error(row.line, f"The row is left out: {fault}")
    return tuple(entries)


def csv_rows(text: str, notes: Notes) -> Iterator[Raw]:
    """Yield the rows of a CSV text that can be read; comma, semicolon and tab are told apart by the head."""
    reader = csv.reader(io.StringIO(text), strict=True, delimiter=_delimiter(text.split("\n", 1)[0]))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            notes.error(line, f"The row is left out: {_explained(fault)}")
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def xlsx_rows(data: bytes, notes: Notes) -> Iterator[Raw]:
    """Yield the rows of the first sheet of a workbook. Raises `FileRefused` for what is no sound workbook."""
    check_archive(data, holds="xl/workbook.xml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # decorations openpyxl does not know are no concern of ours
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            if len(book.worksheets) > 1:
                notes.notice(0, f'Only the first sheet, "{book.worksheets[0].title}", is read.')
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=_MAX_CELLS, values_only=True)
            for line, cells in enumerate(rows, start=1):
                texts = [_cell(cell) for cell in cells]
                if any(texts):
                    yield line, texts
        finally:
            book.close()


def named_rows(
    rows: Iterable[Raw], notes: Notes, *, columns: Sequence[str], required: Sequence[str]
) -> Iterator[Row]:
    """Yield rows with their cells named after the head; rows that do not fit it are noted and left out.

    Raises `FileRefused` for a missing head, a missing required column, an unknown or a doubled one.
    """
    numbered = iter(rows)
    line, head = next(numbered, (0, ()))
    names = _head(line, head, columns, required)
    for count, (number, cells) in enumerate(numbered):
        if count >= MAX_ROWS:
            notes.error(
                number, f"Only the first {MAX_ROWS:,} rows are read. Split the table into several files."
            )
            return
        texts = [cell.strip() for cell in cells]
        if any(texts[len(names) :]) or (len(texts) < len(names) and len(texts) <= _last(names, required)):
            notes.error(
                number, f"The row is left out: it has {len(texts)} cells where the head has {len(names)}."
            )
            continue
        yield Row(number, dict.fromkeys(columns, "") | dict(zip(names, texts, strict=False)))


def _head(line: int, head: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> list[str]:
    names = [name.strip().lower().replace(" ", "_") for name in head]
    while names and not names[-1]:
        names.pop()
    wanted = f"The columns are: {', '.join(columns)}."
    if not names:
        raise FileRefused(f"The table is empty. {wanted}")
    if unknown := [name or "(no name)" for name in names if name not in columns]:
        raise FileRefused(
            f"Unknown columns: {', '.join(unknown)[:200]}. Remove or rename them. {wanted}", line
        )
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise FileRefused(f"Columns that stand there twice: {', '.join(doubled)}. {wanted}", line)
    if missing := [name for name in required if name not in names]:
        raise FileRefused(f"Missing columns: {', '.join(missing)}. {wanted}", line)
    return names


def _last(names: Sequence[str], required: Sequence[str]) -> int:
    return max(names.index(name) for name in required)


def _entry(row: Row) -> Entry:
    cells = row.cells
    for name in FAQ_REQUIRED:
        if not cells[name]:
            raise ValueError(f"the {name} is empty. Fill it in or remove the row.")
    return Entry(
        title=" ".join(cells["question"].split()),
        text=cells["answer"],
        line=row.line,
        also_asked=wordings(cells["also_asked"]),
        topic=cells["topic"],
        valid_until=day(cells["valid_until"]),
    )


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)


def _explained(fault: csv.Error) -> str:
    if "unexpected end" in str(fault):
        return "a quotation mark opened here is never closed. Close it, or write two for one inside a cell."
    if "field larger" in str(fault):
        return "a cell is too long. Shorten it."
    return "its quotation marks do not match. Write two for one inside a quoted cell."


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return clean(str(value)).strip()
