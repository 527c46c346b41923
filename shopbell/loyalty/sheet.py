"""Sheets: a CSV or XLSX file of a till, read with suspicion into a head and rows of plain text.

Nothing in a cell is ever evaluated: a formula of a workbook is read as the value stored beside it, and
text that looks like a formula stays text.
"""

import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
from msgspec import Struct
from openpyxl.utils.exceptions import InvalidFileException

from shopbell.loyalty.errors import SheetRefused
from shopbell.storage import plain
from shopbell.storage.archive import check_archive
from shopbell.storage.errors import ArchiveRefused

_WRAPPED = re.compile(r'="(.*)"')


class Bounds(Struct, frozen=True, kw_only=True):
    """What a file may hold; chosen so that a year of a busy shop fits."""

    file_bytes: int = 64_000_000
    rows: int = 250_000
    columns: int = 200
    line: int = 100_000
    """Characters of one line of a CSV file."""
    cell: int = 10_000
    """Characters of one cell."""


class Row(Struct, frozen=True):
    """One row under the head."""

    line: int
    """Where it begins in the file, from 1; the head is row 1 of most files."""
    cells: tuple[str, ...]


class Sheet(Struct, frozen=True):
    """A head and the rows under it."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    """Of a CSV file; empty for a workbook."""
    digest: str
    """SHA-256 of the file."""


def read_sheet(path: Path, bounds: Bounds) -> Sheet:
    """Read the file; XLSX is told from CSV by its first bytes. Raises `SheetRefused`."""
    data = _content(path, bounds)
    if data.startswith(b"PK\x03\x04"):
        rows, encoding = _workbook(data, bounds), ""
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetRefused("This is an old .xls workbook. Save it as .xlsx or .csv and import that.")
    else:
        text, encoding = _text(data)
        rows = _table(text, bounds)
    filled = [row for row in rows if any(row.cells)]
    if not filled:
        raise SheetRefused("The file is empty: it has no row of column names. Export it again.")
    return Sheet(filled[0].cells, tuple(filled[1:]), encoding, hashlib.sha256(data).hexdigest())


def _content(path: Path, bounds: Bounds) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(bounds.file_bytes + 1)
    except OSError as fault:
        raise SheetRefused(
            f"{path} cannot be read: {fault.strerror or fault}. Check its name and rights."
        ) from fault
    if len(data) > bounds.file_bytes:
        raise SheetRefused(
            f"The file is larger than {bounds.file_bytes // 1_000_000} MB. Export fewer months at a time."
        )
    return data


def _text(data: bytes) -> tuple[str, str]:
    try:
        decoded = plain.decode(data)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise SheetRefused(
            f"The letters cannot be read from line {line} on. Save the file as UTF-8."
        ) from None
    if "\0" in decoded.text:
        raise SheetRefused("This is neither a CSV nor an XLSX file. Export the sales again.")
    return decoded.text, decoded.encoding


def _table(text: str, bounds: Bounds) -> Iterator[Row]:
    """Yield the rows of a CSV text; the delimiter is the one its head holds most of."""
    if longest := next((n for n, line in enumerate(text.splitlines(), 1) if len(line) > bounds.line), 0):
        raise SheetRefused(
            f"Line {longest} is longer than {bounds.line:,} characters. This is no sales export."
        )
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=max(",;\t|", key=head.count))
    line = 1
    try:
        for count, cells in enumerate(reader):
            yield _row(line, [plain.clean(cell) for cell in cells], count, bounds)
            line = reader.line_num + 1
    except csv.Error as fault:
        raise SheetRefused(
            f"Row {line} cannot be read: {fault}. Its quotation marks may not match; write two for one."
        ) from None


def _workbook(data: bytes, bounds: Bounds) -> Iterator[Row]:
    """Yield the rows of a workbook's first sheet."""
    try:
        check_archive(data, holds="xl/workbook.xml")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decorations openpyxl does not know are no concern of ours
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            cells = book.worksheets[0].iter_rows(
                max_row=bounds.rows + 2, max_col=bounds.columns + 1, values_only=True
            )
            rows = [_row(n, _filled(row), n - 1, bounds) for n, row in enumerate(cells, 1)]
            book.close()
    except ArchiveRefused as fault:
        raise SheetRefused(str(fault)) from fault
    except (
        InvalidFileException,  # openpyxl meets broken markup with whatever its parts raise
        zipfile.BadZipFile,
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as fault:
        raise SheetRefused("The workbook is damaged. Open it in your office and save it again.") from fault
    yield from rows


def _row(line: int, cells: Sequence[str], count: int, bounds: Bounds) -> Row:
    if count > bounds.rows:
        raise SheetRefused(f"The file has more than {bounds.rows:,} rows. Export fewer months at a time.")
    if len(cells) > bounds.columns:
        raise SheetRefused(f"Row {line} has more than {bounds.columns} columns. This is no sales export.")
    if any(len(cell) > bounds.cell for cell in cells):
        raise SheetRefused(f"Row {line} has a cell of more than {bounds.cell:,} characters. Shorten it.")
    return Row(line, tuple(_unwrapped(cell.strip()) for cell in cells))


def _filled(row: Sequence[object]) -> list[str]:
    """Return the cells as text, without the empty ones a workbook pads its rows with."""
    texts = [_cell(one) for one in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _unwrapped(cell: str) -> str:
    """Take off what spreadsheets put around text so that it stays text: ="0042" and '0042."""
    if found := _WRAPPED.fullmatch(cell):
        return found[1]
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("0123456789=+-@") and cell[1:] else cell


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case float():
            return f"{value:.10f}".rstrip("0").rstrip(".")
        case _:
            return plain.clean(str(value))
