"""The simulated year goes through the same doors as a real one."""

import csv
import secrets
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from shopbell.loyalty.consents import allows, record_consent
from shopbell.loyalty.customers import Customers
from shopbell.loyalty.intake import read_sales
from shopbell.loyalty.recipe import Columns, Recipe
from shopbell.loyalty.sale import Line, Sale
from shopbell.loyalty.simulation import Ware, Year, simulate
from shopbell.storage.database import reading

LONDON = ZoneInfo("Europe/London")
WARES = tuple(Ware(sku=f"W-{n}", name=f"Ware {n}", category="All", price=250 + 45 * n) for n in range(9))
RECIPE = Recipe(
    source="till-1",
    columns=Columns(
        sale=("Receipt",),
        date=("When",),
        customer=("Card",),
        cashier=("Who",),
        line=("Line",),
        sku=("Article",),
        name=("Name",),
        category=("Group",),
        quantity=("Pieces",),
        amount=("Paid",),
    ),
)


def year(customers: int = 25) -> Year:
    return simulate(3, 2025, WARES, zone=LONDON, customers=customers)


def row(sale: Sale, line: Line) -> tuple[object, ...]:
    paid = f"£{line.amount / 100:,.2f}"
    about = (sale.external_id, sale.at.isoformat(), sale.customer, sale.cashier)
    return (*about, line.id, line.sku, line.name, line.categories[0], line.quantity, paid)


def test_a_year_written_as_a_file_is_the_same_year_read(tmp_path: Path) -> None:
    """Every sale comes back equal, to the penny and the second."""
    sales = year().sales
    path = tmp_path / "year.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=";")
        head = ("Receipt", "When", "Card", "Who", "Line", "Article", "Name", "Group", "Pieces", "Paid")
        table.writerow(head)
        table.writerows(row(sale, line) for sale in sales for line in sale.lines)
    report = read_sales(path, RECIPE, zone=LONDON, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert report.faults == ()
    assert report.accepted() == sales


def test_everybody_of_the_year_can_be_kept_as_a_customer(db_engine: sa.Engine) -> None:
    """Names, numbers, addresses and birthdays pass the same checks as anyone's, and consents are kept."""
    customers = Customers(db_engine, region="GB", draw=secrets.token_bytes)
    crowd = year(60).people
    for person in crowd:
        customers.create(person.customer)
    with db_engine.begin() as db:
        for person in crowd:
            for consent in person.consents:
                record_consent(db, consent)
    with reading(db_engine) as db:
        for person in crowd:
            given = {consent.purpose for consent in person.consents if consent.given}
            assert allows(db, person.customer.id, "profiling") is ("profiling" in given)
    told = next(person.customer for person in crowd if person.customer.phone)
    assert customers.resolve(told.phone) == told.id
