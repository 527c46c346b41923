"""The import never crashes: whatever the bytes, there are rows, faults or a refusal."""

import csv
import io
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopbell.loyalty.errors import ImportRefused, SheetRefused
from shopbell.loyalty.exports import BUILT_IN
from shopbell.loyalty.intake import read_sales
from shopbell.loyalty.recipe import Recipe

FILES = Path(__file__).parents[2] / "data" / "imports"
ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(data: bytes, recipe: Recipe) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        try:
            report = read_sales(path, recipe, zone=ZONE, now=NOW)
            taken = report.accepted()
        except (SheetRefused, ImportRefused):
            return
    assert all(line.amount >= 0 and line.quantity > 0 for sale in report.sales for line in sale.lines)
    assert len({(type(each), each.external_id) for each in taken}) == len(taken)


recipes = st.sampled_from(list(BUILT_IN.values()))
cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "1", "-1", "(3.00)", "1.234", "=1+1", "2026-01-02", "03/04/2026", "paid", "Refund", "-0"]
    ),
    st.decimals(-9999, 9999, places=2).map(str),
)


@FUZZ
@given(st.binary(max_size=400), recipes)
def test_any_bytes_are_read_or_refused(data: bytes, recipe: Recipe) -> None:
    """Noise is no crash."""
    survives(data, recipe)


@FUZZ
@given(recipes, st.data())
def test_any_cells_under_a_true_head_are_read_or_named(recipe: Recipe, data: st.DataObject) -> None:
    """Every export with any of its cells replaced gives sound sales or faults."""
    text = (FILES / f"{recipe.source}.csv").read_text()
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(data.draw(st.integers(1, 6))):
        row = rows[data.draw(st.integers(1, len(rows) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(cells)
    if data.draw(st.booleans()):
        rows.append(rows[data.draw(st.integers(1, len(rows) - 1))][: data.draw(st.integers(0, 30))])
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    survives(out.getvalue().encode("utf-8", "replace"), recipe)


@FUZZ
@given(recipes, st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_an_export_with_a_hole_is_read_or_refused(recipe: Recipe, at: int, noise: bytes) -> None:
    """Bytes overwritten anywhere do not crash the reading."""
    content = bytearray((FILES / f"{recipe.source}.csv").read_bytes())
    content[at : at + len(noise)] = noise
    survives(bytes(content), recipe)


@settings(FUZZ, max_examples=15)
@given(
    st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]),
    st.integers(0, 900),
    st.binary(min_size=1, max_size=8),
)
def test_a_workbook_with_a_hole_is_read_or_refused(part: str, at: int, noise: bytes) -> None:
    """Broken parts of a workbook are a refusal."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader((FILES / "square.csv").read_text().splitlines()):
        sheet.append(row)
    whole, broken = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(broken, "w") as torn:
        for name in packed.namelist():
            content = bytearray(packed.read(name))
            if name == part:
                content[at : at + len(noise)] = noise
            torn.writestr(name, bytes(content))
    survives(broken.getvalue(), BUILT_IN["square"])
