import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from shopbell.loyalty.errors import ImportRefused, RecipeRefused, SheetRefused
from shopbell.loyalty.exports import BUILT_IN
from shopbell.loyalty.giveback import Returned
from shopbell.loyalty.intake import Report, inert, read_sales, write_faults
from shopbell.loyalty.recipe import Columns, Recipe, load_recipe
from shopbell.loyalty.sale import Refund, Sale
from shopbell.loyalty.sheet import Bounds

FILES = Path(__file__).parents[2] / "data" / "imports"
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
OWN = Recipe(
    source="till",
    columns=Columns(
        sale=("Receipt",),
        date=("When",),
        customer=("Card",),
        sku=("Article",),
        quantity=("Pieces",),
        amount=("Paid",),
    ),
)


def built_in(name: str) -> Report:
    return read_sales(FILES / f"{name}.csv", BUILT_IN[name], zone=LONDON, now=NOW)


def own(tmp_path: Path, text: str | bytes, recipe: Recipe = OWN, bounds: Bounds | None = None) -> Report:
    path = tmp_path / "sales.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_sales(path, recipe, zone=LONDON, now=NOW, bounds=bounds)


def amounts(sale: Sale) -> list[int]:
    return [line.amount for line in sale.lines]


def test_an_export_of_square_becomes_sales_and_refunds() -> None:
    """Tax is added, brackets are negative, and a formula is only the article's name."""
    report = built_in("square")
    first, second = report.sales
    assert (first.source, first.external_id, first.customer, first.cashier) == (
        "square",
        "TXA1",
        "C-17",
        "Robin",
    )
    assert first.at == datetime(2026, 7, 18, 11, 59, 30, tzinfo=UTC)
    assert [(line.sku, line.amount, line.quantity) for line in first.lines] == [
        ("CAK-BUN", 300, Decimal(1)),
        ("DRK-FLAT", 720, Decimal(2)),
    ]
    assert second.lines[0].name == '=HYPERLINK("http://example.com")'
    (refund,) = report.refunds
    assert (refund.sale, refund.external_id) == ("TXA1", "TXA1:refund:20260719T080500Z")
    assert [(back.line, back.quantity, back.amount) for back in refund.returns] == [("2", Decimal(1), 360)]
    assert [type(each) for each in report.accepted()] == [Sale, Refund, Sale]


def test_an_export_of_shopify_spreads_the_order_over_its_lines() -> None:
    """A discount on the whole and tax on top reach each line; unpaid orders do not count."""
    report = built_in("shopify")
    assert [sale.external_id for sale in report.sales] == ["#1001", "#1002", "#1004"]
    assert amounts(report.sales[0]) == [1044, 1656]
    assert amounts(report.sales[1]) == [3000]
    part, whole = report.refunds
    assert sum(back.amount or 0 for back in part.returns) == 500
    assert {back.quantity for back in part.returns} == {Decimal(0)}
    assert (whole.sale, whole.returns) == ("#1004", ())
    assert report.skipped == 1


def test_an_export_of_woocommerce_gives_back_by_piece() -> None:
    """Four decimals and tax come to whole pennies, and one bag of two came back."""
    report = built_in("woocommerce")
    (sale,) = report.sales
    assert amounts(sale) == [2300, 660]
    assert sale.lines[0].id == "901"
    (refund,) = report.refunds
    assert [(back.line, back.quantity, back.amount) for back in refund.returns] == [("901", Decimal(1), 1150)]


def test_an_export_of_lightspeed_leads_returns_to_their_sale() -> None:
    """A return is a receipt of its own: its sale is the customer's last one with the article."""
    report = built_in("lightspeed")
    (sale,) = report.sales
    assert (sale.external_id, sale.customer, sale.amount) == ("1021", "Ada-17", 1320)
    (refund,) = report.refunds
    assert (refund.sale, refund.external_id) == ("1021", "1022:refund:20260329T080000Z:1021")
    assert refund.returns[0].amount == 300
    assert [left.row for left in report.left] == [9]
    assert report.faults == ()


def test_the_same_file_twice_is_the_same_twice() -> None:
    """Numbers and contents depend on nothing but the file."""
    for name in BUILT_IN:
        assert built_in(name) == built_in(name)


class Remembers:
    def sale(self, external_id: str) -> Sale | None:
        return None

    def returned(self, external_id: str) -> Mapping[str, Returned]:
        return {"1": Returned(Decimal(0), 120)} if external_id == "#1001" else {}


def test_a_later_export_gives_back_only_what_is_new() -> None:
    """Exports tell what went back in all; the books know what of it they have."""
    report = read_sales(FILES / "shopify.csv", BUILT_IN["shopify"], zone=LONDON, now=NOW, books=Remembers())
    assert sum(back.amount or 0 for back in report.refunds[0].returns) == 380


def test_every_bad_row_is_named_and_nothing_is_taken_in(tmp_path: Path) -> None:
    """The error file tells row, column, reason and what to do; its cells are harmless."""
    report = own(
        tmp_path,
        "Receipt,When,Card,Article,Pieces,Paid\n"
        "1,2026-01-01,c,A,1,2.00\n"
        "2,2026-01-01,c,A,1,=1+1\n"
        "3,03/04/2026,c,A,1,2.00\n"
        ",2026-01-01,c,A,1,2.00\n"
        "5,2027-01-01,c,A,1,2.00\n"
        "6,2026-01-01,c,A,1,\n"
        "7,2026-01-01,c,A,-1,2.00\n",
    )
    assert [(fault.row, fault.column) for fault in report.faults] == [
        (3, "Paid"),
        (4, "When"),
        (5, "Receipt"),
        (6, "When"),
        (7, "Paid"),
    ]
    assert report.refunds[0].sale == "1"
    with pytest.raises(
        ImportRefused, match=r"5 rows cannot be read, so nothing was taken in. The first is row 3"
    ):
        report.accepted()
    write_faults(report, tmp_path / "errors.csv")
    rows = list(csv.reader((tmp_path / "errors.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["row", "column", "reason", "what to do"]
    assert rows[1] == ["3", "Paid", '"=1+1" is no amount.', "Write it as 1234.50."]


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_cells_of_the_error_file_are_inert(text: str) -> None:
    """No cell begins as a formula would."""
    assert inert(text) == f"'{text}"
    assert inert("plain") == "plain"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_told_from_the_file(tmp_path: Path, encoding: str, mark: str) -> None:
    """The same sale comes out of every kind of CSV."""
    rows = [
        ["receipt ", "WHEN", "card", "Article", "Pieces", "Paid"],
        ["1", "2026-01-01", "", "Café", "1", "£2.00"],
    ]
    text = "\r\n".join(mark.join(row) for row in rows)
    (sale,) = own(tmp_path, text.encode(encoding)).sales
    assert (sale.lines[0].sku, sale.amount) == ("Café", 200)


def test_a_workbook_reads_like_a_table(tmp_path: Path) -> None:
    """Numbers, dates and text that looks like a formula come out of XLSX as they are."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Receipt", "When", "Card", "Article", "Pieces", "Paid"])
    sheet.append([1001, datetime(2026, 1, 2, 10, 30), "c", "A", 0.3, 2.1])  # noqa: DTZ001 - as offices store it
    sheet.append(["1002", "2026-01-02 11:00", "c", "'=1+1", 1, "1.234,50"])
    path = tmp_path / "sales.xlsx"
    book.save(path)
    first, second = read_sales(path, OWN, zone=LONDON, now=NOW).sales
    assert (first.external_id, first.amount, first.lines[0].quantity) == ("1001", 210, Decimal("0.3"))
    assert first.at == datetime(2026, 1, 2, 10, 30, tzinfo=LONDON)
    assert (second.lines[0].sku, second.amount) == ("=1+1", 123450)


@pytest.mark.parametrize(
    ("data", "bounds", "words"),
    [
        (b"", Bounds(), "empty"),
        (b"\n \n", Bounds(), "empty"),
        (b"a,b\n1,2\n", Bounds(), "Missing columns: Receipt; When; Paid"),
        (b"PK\x03\x04 broken", Bounds(), "damaged"),
        (b"\xd0\xcf\x11\xe0 old", Bounds(), "old .xls"),
        (b"Receipt,When,Paid\n\0", Bounds(), "neither a CSV"),
        (b'Receipt,When,Paid\n"1,2,3', Bounds(), "Row 2 cannot be read"),
        (b"Receipt,When,Paid\n" + b"1,2026-01-01,1\n" * 9, Bounds(rows=5), "more than 5 rows"),
        (b"Receipt,When,Paid\n" + b"x" * 60, Bounds(line=50), "Line 2 is longer"),
        (b"Receipt,When,Paid\n" + b"x" * 60, Bounds(cell=50), "a cell of more than 50"),
        (b"Receipt,When,Paid\n" + b"," * 60, Bounds(columns=50), "more than 50 columns"),
        (b"Receipt,When,Paid\n1,2,3\n", Bounds(file_bytes=10), "larger than"),
        (b"Receipt,When,Paid\n\x81", Bounds(), "from line 2 on"),
    ],
)
def test_files_that_cannot_be_read_are_refused_clearly(
    tmp_path: Path, data: bytes, bounds: Bounds, words: str
) -> None:
    """Size, shape and letters are checked before any row counts."""
    with pytest.raises(SheetRefused, match=words):
        own(tmp_path, data, bounds=bounds)


def test_a_mapping_of_the_shops_own_is_a_small_toml(tmp_path: Path) -> None:
    """Columns, dates and decimals are said there; nonsense is refused with its place."""
    path = tmp_path / "mapping.toml"
    path.write_text(
        'source = "old-till"\ndates = "day-first"\ndecimal = "comma"\n'
        '[columns]\nsale = ["Bon"]\ndate = ["Datum"]\namount = ["Betrag"]\n'
    )
    (sale,) = own(tmp_path, "Bon;Datum;Betrag\n7;03.04.2026;1.234\n", load_recipe(path)).sales
    assert (sale.source, sale.external_id, sale.amount, sale.at.month) == ("old-till", "7", 123400, 4)
    for text in (
        "",
        'source = "x"\n',
        path.read_text() + "wrong = 1\n",
        path.read_text().replace("amount", "line"),
    ):
        path.write_text(text)
        with pytest.raises(RecipeRefused, match=r"mapping\.toml"):
            load_recipe(path)


def test_goods_brought_back_need_a_sale_that_holds_them(tmp_path: Path) -> None:
    """More than was sold does not come back, and an unknown sale of a known customer is asked about."""
    head = "Receipt,When,Card,Article,Pieces,Paid\n"
    report = own(
        tmp_path, head + "1,2026-01-01,c,A,1,2.00\n2,2026-01-02,c,A,-1,-2.00\n3,2026-01-03,c,A,-1,-2.00\n"
    )
    assert len(report.refunds) == 1
    assert [fault.row for fault in report.faults] == [4]
    assert report.faults[0].remedy == "Export from an earlier day, or remove the row."
    report = own(tmp_path, head + "1,2026-01-01,c,A,1,2.00\n2,2026-01-02,c,A,-2,-4.00\n")
    assert (report.refunds, len(report.faults)) == ((), 1)
