"""The nightly reckoning on a year of the simulated shop, on both databases."""

import secrets
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.backroom import About
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.customers import Customers
from shopbell.loyalty.house import Tender
from shopbell.loyalty.purchases import Kept
from shopbell.loyalty.reckoning import reading as found
from shopbell.loyalty.reckoning.apart import is_due
from shopbell.loyalty.reckoning.night import reckon
from shopbell.loyalty.reckoning.recommending import Wanted, Ware
from shopbell.loyalty.reckoning.suggesting import suggest
from shopbell.loyalty.simulation import Ware as Sold
from shopbell.loyalty.simulation import Year, simulate

ZONE = ZoneInfo("Europe/London")
ABOUT = About(currency="GBP", timezone="Europe/London", region="GB")
WARES = tuple(Sold(sku=f"W-{n}", name=f"Ware {n}", category="All", price=250 + 45 * n) for n in range(9))
NIGHT = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
YEAR = simulate(3, 2025, WARES, zone=ZONE, customers=110)


@pytest.fixture
def books(sqlite_shop: sa.Engine) -> sa.Engine:
    """Give books with the year's customers and sales, as far as the reckoning reads them."""
    return _filled(sqlite_shop)


def _filled(db_engine: sa.Engine) -> sa.Engine:
    customers = Customers(db_engine, region="GB", draw=secrets.token_bytes)
    for person in YEAR.people:
        customers.create(person.customer)
    with db_engine.begin() as db:
        for person in YEAR.people:
            for consent in person.consents:
                record_consent(db, consent)
        db.execute(r.purchase.insert(), _rows(YEAR))
    return db_engine


def _rows(year: Year) -> list[dict[str, object]]:
    return [
        {
            "id": number,
            "source": sale.source,
            "external_id": sale.external_id,
            "at": stamp(sale.at),
            "day": sale.at.date().isoformat(),
            "customer": sale.customer,
            "cashier": sale.cashier,
            "amount": sale.amount,
            "body": msgspec.json.encode(Kept(sale=sale, tender=Tender())).decode(),
            "facts": "{}",
            "explanation": "{}",
            "request_hash": b"",
            "recorded_at": stamp(sale.at),
            "result": "{}",
        }
        for number, sale in enumerate(year.sales, 1)
    ]


def test_planted_churners_are_found_and_regulars_left_alone(books: sa.Engine, tmp_path: Path) -> None:
    """Who was lost is at risk or gone, with a sentence; regulars are not; only who agreed has figures."""
    done = reckon(books, tmp_path, ABOUT, NIGHT)
    agreed = {
        person.customer.id
        for person in YEAR.people
        if any(one.given and one.purpose == "profiling" for one in person.consents)
    }
    with books.connect() as db:
        worths = {each.customer: each for each in found.read_worths(db, limit=1000)}
        listed = found.read_at_risk(db, limit=1000)
        one = found.read_worth(db, next(iter(worths)))
    assert worths.keys() <= agreed
    assert done.reckoned == len(worths) > 40
    assert one is not None
    lost = [
        worths[who] for who, day in YEAR.truth.churned.items() if who in worths and day < date(2025, 12, 1)
    ]
    assert len(lost) > 4
    assert all(each.at_risk or each.gone for each in lost if each.enough_history)
    regulars = [worths[who] for who, sort in YEAR.truth.sorts.items() if sort == "regular" and who in worths]
    assert sum(each.at_risk or each.gone for each in regulars) <= len(regulars) // 10
    assert all(each.low_minor <= each.clv_minor <= each.high_minor for each in regulars)
    assert [each.stake_minor for each in listed] == sorted((e.stake_minor for e in listed), reverse=True)
    assert done.held_out is not None
    assert done.held_out.mae_visits < done.held_out.mae_mean


def test_members_come_and_go_with_reasons(db_engine: sa.Engine, tmp_path: Path) -> None:
    """A later night ends what does not hold any more, keeps what does, and forgets who took consent back."""
    books = _filled(db_engine)
    early = date(2025, 10, 1)
    reckon(books, tmp_path, ABOUT, NIGHT, day=early)
    reckon(books, tmp_path, ABOUT, NIGHT)
    with books.connect() as db:
        before = found.read_worths(db, limit=500)
        who = next(each.customer for each in before if each.visits > 20)
        rows = found.read_memberships(db, who)
        everybody = [row for each in before for row in found.read_memberships(db, each.customer)]
    assert any(row.since == early and row.until is None for row in rows)
    ended = [row for row in everybody if row.until is not None]
    assert ended
    assert all(row.until == date(2026, 1, 1) and row.left_because and row.reason for row in ended)
    no = Consent(customer=who, purpose="profiling", given=False, text_version="1", at=NIGHT, by="customer")
    with books.begin() as db:
        record_consent(db, no)
    reckon(books, tmp_path, ABOUT, NIGHT)
    with books.connect() as db:
        assert found.read_memberships(db, who) == ()
        assert found.read_worth(db, who) is None
        again = found.read_worths(db, limit=500)
    assert again == tuple(each for each in before if each.customer != who)


def test_a_shop_of_few_customers_says_so(db_engine: sa.Engine, tmp_path: Path) -> None:
    """Without enough customers there is no model, nobody is at risk, and the run says why."""
    customers = Customers(db_engine, region="GB", draw=secrets.token_bytes)
    customers.create(YEAR.people[0].customer)
    done = reckon(db_engine, tmp_path, ABOUT, NIGHT)
    assert (done.customers, done.at_risk, done.parameters) == (0, 0, ())
    assert done.note.startswith("There are too few customers")


def test_it_is_due_once_a_day_from_three_on(books: sa.Engine, tmp_path: Path) -> None:
    """Before three nothing is due, then once, and again the next day."""
    with books.connect() as db:
        assert not is_due(db, ABOUT, NIGHT - timedelta(hours=2))
        assert is_due(db, ABOUT, NIGHT)
    reckon(books, tmp_path, ABOUT, NIGHT)
    with books.connect() as db:
        assert not is_due(db, ABOUT, NIGHT)
        assert is_due(db, ABOUT, NIGHT + timedelta(days=1))


def test_a_customer_is_recommended_what_goes_with_the_usual(books: sa.Engine, tmp_path: Path) -> None:
    """Without a basket the customer's own habit is the basket, and what is in it is not offered again."""
    reckon(books, tmp_path, ABOUT, NIGHT)
    shelf = [Ware(sku=ware.sku, name=ware.name) for ware in WARES]
    who = next(one for one, sort in YEAR.truth.sorts.items() if sort == "regular")
    with books.connect() as db:
        offered = suggest(db, tmp_path, shelf, Wanted(at=NIGHT), customer=who)
    assert len(offered) == 3
    assert YEAR.truth.favourites[who][0] not in {each.sku for each in offered}
    assert all(each.why for each in offered)
