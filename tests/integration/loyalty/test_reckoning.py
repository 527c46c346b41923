"""The nightly reckoning on a year of the simulated shop, on both databases."""

import secrets
import shutil
from collections.abc import Iterator
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
from shopbell.loyalty.reckoning.answers import Reckoning
from shopbell.loyalty.reckoning.apart import is_due
from shopbell.loyalty.reckoning.found import find, still_agreed
from shopbell.loyalty.reckoning.histories import consenting
from shopbell.loyalty.reckoning.night import reckon
from shopbell.loyalty.reckoning.recommending import Wanted, Ware
from shopbell.loyalty.reckoning.suggesting import suggest
from shopbell.loyalty.registry import consent_table, customer_table
from shopbell.loyalty.simulation import Ware as Sold
from shopbell.loyalty.simulation import Year, simulate
from shopbell.storage.database import forget_pages, open_database

ZONE = ZoneInfo("Europe/London")
ABOUT = About(currency="GBP", timezone="Europe/London", region="GB")
WARES = tuple(Sold(sku=f"W-{n}", name=f"Ware {n}", category="All", price=250 + 45 * n) for n in range(9))
SHELF = [Ware(sku=ware.sku, name=ware.name) for ware in WARES]
EARLY, NIGHT = date(2025, 10, 1), datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
FILLED = (customer_table, consent_table, r.purchase)


@pytest.fixture(scope="module")
def year() -> Year:
    """Give a year of the simulated shop, with who was lost in it."""
    return simulate(3, 2025, WARES, zone=ZONE, customers=110)


class Reckoned(msgspec.Struct, frozen=True):
    """Books that were reckoned on a day in October and at the end of the year."""

    file: Path
    run: Reckoning


@pytest.fixture(scope="module")
def reckoned(year: Year, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Reckoned:
    """Fill books with the year's customers and sales, as far as the reckoning reads them; reckon twice."""
    folder = tmp_path_factory.mktemp("reckoned")
    engine = open_database(Path(shutil.copy(sqlite_template, folder / "shop.db")))
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    engine.dispose()
    customers = Customers(engine, region="GB", draw=secrets.token_bytes)
    for person in year.people:
        customers.create(person.customer)
    with engine.begin() as db:
        for person in year.people:
            for consent in person.consents:
                record_consent(db, consent)
        db.execute(r.purchase.insert(), _rows(year))
    reckon(engine, folder, ABOUT, NIGHT, day=EARLY)
    run = reckon(engine, folder, ABOUT, NIGHT)
    forget_pages(engine)
    engine.dispose()
    return Reckoned(folder / "shop.db", run)


@pytest.fixture
def books(reckoned: Reckoned, tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a copy of them."""
    engine = open_database(Path(shutil.copy(reckoned.file, tmp_path / "shop.db")))
    yield engine
    engine.dispose()


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


def test_planted_churners_are_found_and_regulars_left_alone(
    books: sa.Engine, reckoned: Reckoned, year: Year
) -> None:
    """Who was lost is at risk or gone, with a sentence; regulars are not; only who agreed has figures."""
    done = reckoned.run
    agreed = {
        person.customer.id
        for person in year.people
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
        worths[who] for who, day in year.truth.churned.items() if who in worths and day < date(2025, 12, 1)
    ]
    assert len(lost) > 4
    assert all(each.at_risk or each.gone for each in lost if each.enough_history)
    regulars = [worths[who] for who, sort in year.truth.sorts.items() if sort == "regular" and who in worths]
    assert sum(each.at_risk or each.gone for each in regulars) <= len(regulars) // 10
    assert all(each.low_minor <= each.clv_minor <= each.high_minor for each in regulars)
    assert [each.stake_minor for each in listed] == sorted((e.stake_minor for e in listed), reverse=True)
    assert done.held_out is not None
    assert done.held_out.mae_visits < done.held_out.mae_mean


def test_members_come_and_go_with_reasons(books: sa.Engine) -> None:
    """A later night ends what does not hold any more and keeps what does."""
    with books.connect() as db:
        worths = found.read_worths(db, limit=500)
        who = next(each.customer for each in worths if each.visits > 20)
        rows = found.read_memberships(db, who)
        everybody = [row for each in worths for row in found.read_memberships(db, each.customer)]
    assert any(row.since == EARLY and row.until is None for row in rows)
    ended = [row for row in everybody if row.until is not None]
    assert ended
    assert all(row.until == date(2026, 1, 1) and row.left_because and row.reason for row in ended)


@pytest.mark.postgres
def test_both_databases_say_the_same(
    books: sa.Engine, reckoned: Reckoned, postgres_url: sa.URL, tmp_path: Path
) -> None:
    """PostgreSQL, filled with the same books, answers every question as SQLite does."""
    other = open_database(postgres_url)
    try:
        with books.connect() as db, other.begin() as there:
            for table in FILLED:
                columns = [column for column in table.columns if column.name != "seq"]
                rows = db.execute(sa.select(*columns).order_by(*table.primary_key)).mappings().all()
                there.execute(table.insert(), [dict(row) for row in rows])
        reckon(other, tmp_path, ABOUT, NIGHT, day=EARLY)
        run = reckon(other, tmp_path, ABOUT, NIGHT)
        assert msgspec.structs.replace(run, seconds=0) == msgspec.structs.replace(reckoned.run, seconds=0)
        assert _answers(other) == _answers(books)
    finally:
        other.dispose()


def _answers(engine: sa.Engine) -> tuple[object, ...]:
    """Return all that can be read."""
    with engine.connect() as db:
        worths, segments = found.read_worths(db, limit=500), found.read_segments(db)
        who = worths[0].customer
        return (
            worths,
            segments,
            found.read_at_risk(db, limit=5, offset=1),
            [found.read_members(db, each.name) for each in segments],
            found.read_memberships(db, who),
            len(found.read_reckonings(db)),
            is_due(db, ABOUT, NIGHT),
            suggest(db, Path(), SHELF, Wanted(at=NIGHT), customer=who),
        )


def test_taking_consent_back_takes_the_figures_away_at_once(books: sa.Engine, tmp_path: Path) -> None:
    """After a no to profiling nothing is kept of worth and groups, nor stored by a night under way."""
    with books.connect() as db:
        before = found.read_worths(db, limit=500)
        under_way = find(db, tmp_path, ABOUT, date(2026, 1, 1), {})
    who = next(each for each in before if each.visits > 20)
    with books.begin() as db:
        record_consent(db, _no(who.customer, "marketing"))
        assert found.read_worth(db, who.customer) == who
        record_consent(db, _no(who.customer, "profiling"))
        assert found.read_worth(db, who.customer) is None
        assert found.read_memberships(db, who.customer) == ()
        assert found.read_worths(db, limit=500) == tuple(each for each in before if each != who)
        left = still_agreed(under_way, consenting(db, "profiling"))
    assert left.worths
    assert who.customer not in {each.customer for each in left.worths} | left.members.keys()
    counts = {each.name: each.members for each in under_way.segments}
    assert all(counts[each.name] - each.members == (each.name in who.segments) for each in left.segments)


def _no(customer: str, purpose: str) -> Consent:
    return Consent(customer=customer, purpose=purpose, given=False, text_version="1", at=NIGHT, by="customer")


def test_a_shop_of_few_customers_says_so(db_engine: sa.Engine, year: Year, tmp_path: Path) -> None:
    """Without enough customers there is no model, nobody is at risk, and the run says why."""
    customers = Customers(db_engine, region="GB", draw=secrets.token_bytes)
    customers.create(year.people[0].customer)
    done = reckon(db_engine, tmp_path, ABOUT, NIGHT)
    assert (done.customers, done.at_risk, done.parameters) == (0, 0, ())
    assert done.note.startswith("There are too few customers")


def test_it_is_due_once_a_day_from_three_on(books: sa.Engine) -> None:
    """Done on New Year's Day, it is due again on the next, and not before three."""
    with books.connect() as db:
        assert not is_due(db, ABOUT, NIGHT)
        assert not is_due(db, ABOUT, NIGHT + timedelta(hours=22))
        assert is_due(db, ABOUT, NIGHT + timedelta(days=1))


def test_a_customer_is_recommended_what_goes_with_the_usual(books: sa.Engine, year: Year) -> None:
    """Without a basket the customer's habit is the basket; who takes consent back is told what anybody is."""
    with books.begin() as db:
        here = {each.customer for each in found.read_worths(db, limit=500)}
        who = next(one for one, sort in year.truth.sorts.items() if sort == "regular" and one in here)
        offered = suggest(db, Path(), SHELF, Wanted(at=NIGHT), customer=who)
        assert len(offered) == 3
        assert year.truth.favourites[who][0] not in {each.sku for each in offered}
        assert all(each.why for each in offered)
        record_consent(db, _no(who, "profiling"))
        anybody = suggest(db, Path(), SHELF, Wanted(at=NIGHT))
        assert suggest(db, Path(), SHELF, Wanted(at=NIGHT), customer=who) == anybody != offered
    assert not any("you often buy" in each.why for each in anybody)
