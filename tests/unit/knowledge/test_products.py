from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shopbell.knowledge.catalogue import Catalogue, tokens
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes, Problem
from shopbell.knowledge.products import Product, product_passage, read_products
from shopbell.knowledge.tables import csv_rows

HEAD = "sku,name,category,price,unit,stock,description,allergens,diet,as_of\n"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def read(rows: str) -> tuple[tuple[Product, ...], tuple[Problem, ...]]:
    notes = Notes("catalogue.csv")
    zone = ZoneInfo("Europe/Berlin")
    return read_products(csv_rows(HEAD + rows, notes), notes, zone=zone), notes.problems


def test_a_product() -> None:
    """Every column is read to its own type; a time without a zone is the shop's."""
    products, problems = read(
        'A-1,"Loaf, 800 g",Bread,4.60,loaf,26,Good.,wheat; rye,vegan,2026-11-21T07:00\n'
    )
    assert problems == ()
    assert products == (
        Product(
            sku="A-1",
            name="Loaf, 800 g",
            category="Bread",
            price=Decimal("4.60"),
            unit="loaf",
            stock=26,
            description="Good.",
            allergens=("wheat", "rye"),
            diet=("vegan",),
            as_of=datetime(2026, 11, 21, 7, 0, tzinfo=ZoneInfo("Europe/Berlin")),
            source="catalogue.csv:2",
        ),
    )


@pytest.mark.parametrize(
    ("text", "price"), [("£9.20", "9.20"), ("9,20 €", "9.20"), ("12", "12"), ("$ 3.5", "3.5"), ("0", "0")]
)
def test_prices_as_people_write_them(text: str, price: str) -> None:
    """A currency sign and a decimal comma are understood."""
    assert read(f'A,N,,"{text}",,,,,,2026-11-21\n')[0][0].price == Decimal(price)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('A,N,,"1,234.50",,,,,,2026-11-21', 'the price "1,234.50"'),
        ("A,N,,-3,,,,,,2026-11-21", 'the price "-3"'),
        ("A,N,,NaN,,,,,,2026-11-21", 'the price "NaN"'),
        ("A,N,,,,,,,,2026-11-21", 'the price ""'),
        ("A,N,,1,,few,,,,2026-11-21", 'the stock "few"'),
        ("A,N,,1,,-1,,,,2026-11-21", 'the stock "-1"'),
        ("A,N,,1,,,,,,yesterday", 'as_of "yesterday"'),
        ("A b,N,,1,,,,,,2026-11-21", 'the sku "A b"'),
        ("A,,,1,,,,,,2026-11-21", "the name is empty"),
        ("FIRST,N,,1,,,,,,2026-11-21", "stands already in catalogue.csv:2"),
    ],
)
def test_a_bad_row_costs_only_itself(row: str, words: str) -> None:
    """The row is named with what to write; the others are for sale."""
    products, problems = read(f"FIRST,N,,1,,,,,,2026-11-21\n{row}\nLAST,N,,1,,,,,,2026-11-21\n")
    assert [product.sku for product in products] == ["FIRST", "LAST"]
    assert [problem.line for problem in problems] == [3]
    assert words in problems[0].message


def test_the_passage_of_a_product_holds_no_price_and_no_stock() -> None:
    """What changes by the hour is filled in by code and never stands in a text."""
    passage = product_passage(read("A-1,Rye,Bread,4.67,loaf,29,Dark.,rye,vegan,2026-11-21\n")[0][0])
    assert (passage.id, passage.kind, passage.title) == ("product:A-1", Kind.PRODUCT, "Rye")
    assert passage.text == "Rye. Dark. Category: Bread. Contains: rye. Diet: vegan."


def test_old_figures_are_stale() -> None:
    """Price and stock older than the limit are to be hedged."""
    product = read("A,N,,1,,,,,,2026-11-21T07:00\n")[0][0]
    assert product.is_stale(NOW, timedelta(hours=5))
    assert not product.is_stale(NOW, timedelta(hours=7))


NAMES = (
    "Lamplighter espresso, 250 g",
    "Lamplighter espresso, 1 kg",
    "Mince pie",
    "Butter croissant",
    "Crème brûlée",
)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        tuple(Product(sku=f"S{n}", name=name, price=Decimal(1), as_of=NOW) for n, name in enumerate(NAMES))
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how much is the lamplighter", [0, 1]),
        ("price of lamplighter 250g please", [0]),
        ("do you have mince pies?", [2]),
        ("any lampligther 1kg left", [1]),
        ("butter crossant", [3]),
        ("creme brulee", [4]),
        ("when do you open", []),
        ("", []),
    ],
)
def test_products_are_found_as_customers_name_them(catalogue: Catalogue, text: str, found: list[int]) -> None:
    """Plurals, slips, accents and sizes are understood; what is not told apart comes together."""
    assert sorted(product.sku for product in catalogue.find(text)) == [f"S{n}" for n in found]


def test_the_full_name_alone_scores_one(catalogue: Catalogue) -> None:
    """The best possible score is 1."""
    assert catalogue.scored("Mince pie")[0].score == pytest.approx(1.0)


def test_tokens_join_sizes_and_drop_filler() -> None:
    """A size is one word however it is spaced."""
    assert tokens("The 250 g bag of Pies") == tokens("250g pie") == ["250g", "pie"]


def test_an_empty_catalogue_finds_nothing() -> None:
    """A shop without products is no error."""
    assert Catalogue().find("anything") == ()
