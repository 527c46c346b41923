import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from msgspec import structs

from shopbell.loyalty.consents import Consent, allows, consents, record_consent
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.errors import CustomerRefused, CustomerTaken, NoSuchCustomer
from shopbell.storage.database import reading

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(db_engine: sa.Engine) -> sa.Engine:
    return db_engine


@pytest.fixture
def customers(engine: sa.Engine) -> Customers:
    return Customers(engine, region="GB", draw=secrets.token_bytes)


def replacing(db: sa.Connection, statement: str) -> str:
    return statement.replace("INSERT", "REPLACE") if db.dialect.name == "sqlite" else statement


def ada(**changes: object) -> Customer:
    known = Customer(
        id="c1", name="Ada Example", phone="07700 900123", email="Ada@Example.com", joined_at=NOW
    )
    return structs.replace(known, **changes)


def test_a_customer_is_kept_tidily_and_found_by_whatever_they_say(customers: Customers) -> None:
    """Number, address, id and referral code lead to the same person, however they are written."""
    kept = customers.create(ada(name="  Ada\u200b  Example ", birthday=date(1990, 2, 28)))
    assert (kept.name, kept.phone, kept.email) == ("Ada Example", "+447700900123", "ada@example.com")
    said = (
        "+44 7700 900123",
        "07700900123",
        " ada@example.COM",
        "c1",
        kept.referral_code.lower().replace("-", " "),
    )
    assert [customers.find(text) for text in said] == [kept] * 5
    assert customers.find("nobody") is None
    assert customers.resolve("07700 900123") == "c1"
    assert customers.search("ada") == (kept,)
    assert customers.search("%") == ()


def test_a_number_or_address_belongs_to_one_active_customer(customers: Customers) -> None:
    """The error names who has it; a merged customer gives it free."""
    first = customers.create(ada())
    with pytest.raises(CustomerTaken, match="c1 has this phone number") as fault:
        customers.create(ada(id="c2", email=""))
    assert fault.value.field == "phone"
    with pytest.raises(CustomerTaken, match="e-mail"):
        customers.create(ada(id="c2", phone=""))
    with pytest.raises(CustomerTaken, match="c1 already"):
        customers.create(ada(phone="", email=""))
    customers.update(structs.replace(first, status="merged"))
    customers.create(ada(id="c2"))
    with pytest.raises(CustomerTaken):
        customers.update(first)


def test_an_update_keeps_what_may_not_change(customers: Customers) -> None:
    """Joining and the referral code stay."""
    kept = customers.create(ada())
    customers.update(ada(name="Ada New", joined_at=NOW + timedelta(days=9), referral_code="X"))
    assert customers.get("c1") == structs.replace(kept, name="Ada New")
    with pytest.raises(NoSuchCustomer):
        customers.update(ada(id="c9"))
    with pytest.raises(NoSuchCustomer):
        customers.get("c9")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 121),
        ("phone", "12"),
        ("phone", "call me"),
        ("email", "ada"),
        ("email", "a@b"),
        ("email", "a b@example.com"),
        ("birthday", date(2027, 1, 1)),
        ("birthday", date(1890, 1, 1)),
        ("id", ""),
        ("id", "a\nb"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(customers: Customers, field: str, value: object) -> None:
    """The message is about the field that is wrong."""
    with pytest.raises(CustomerRefused) as fault:
        customers.create(ada(**{field: value}))
    assert fault.value.field == field


def test_consents_are_only_added_and_the_last_word_counts(engine: sa.Engine, customers: Customers) -> None:
    """Silence is no; rows are neither changed nor dropped nor replaced."""
    customers.create(ada())
    with engine.begin() as db:
        assert not allows(db, "c1", "profiling")
        for hour, given in enumerate((True, False)):
            at = NOW + timedelta(hours=hour)
            consent = Consent(
                customer="c1", purpose="profiling", given=given, text_version="1", at=at, by="customer"
            )
            record_consent(db, consent)
            assert allows(db, "c1", "profiling") is given
    with reading(engine) as db:
        assert [each.given for each in consents(db, "c1")] == [True, False]
    for statement in (
        "UPDATE consent SET given = 1",
        "DELETE FROM consent",
        "INSERT INTO consent VALUES (1, 'c1', 'profiling', 1, '1', 'x', 'y')",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as db:
            db.exec_driver_sql(replacing(db, statement))


def test_the_database_itself_refuses_a_second_owner_of_a_number(
    engine: sa.Engine, customers: Customers
) -> None:
    """The check in code is for the message; the law is below it."""
    customers.create(ada())
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO customer (id, name, phone, joined_at, referral_code, status) "
            "VALUES ('c2', 'B', '+447700900123', 'x', 'y', 'active')"
        )
