"""Customers: who they are and how they are told apart. Calls block: make them in a worker."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Literal

import phonenumbers
import sqlalchemy as sa
from msgspec import Struct, structs
from sqlalchemy.engine import Connection, Engine, Row

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.codes import make_code, read_code
from shopbell.loyalty.errors import CodeRefused, CustomerRefused, CustomerTaken, NoSuchCustomer
from shopbell.loyalty.registry import customer_table, unstamp
from shopbell.storage.database import reading
from shopbell.storage.plain import clean

Status = Literal["active", "merged", "erased"]
REFERRAL_PAYLOAD = 7
"""Characters of a referral code before its check character."""
_EMAIL = re.compile(
    r"[^\s@<>,;:\"()\[\]\\]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
LEAST_DIGITS = 4
"""Of the end of a phone number, to look for it."""
_NAME_LENGTH = 120
_EMAIL_LENGTH = 254
_OLDEST = 125
"""Years of age above which a birthday is a slip."""


class Customer(Struct, frozen=True, kw_only=True):
    """One person the shop knows."""

    id: str
    name: str
    phone: str = ""
    """E.164, such as +447700900123; empty: not told."""
    email: str = ""
    """Lower case; empty: not told."""
    birthday: date | None = None
    joined_at: datetime
    referral_code: str = ""
    """What a friend says; given by the shop."""
    status: Status = "active"

    @property
    def __pii__(self) -> tuple[str, ...]:
        """Fields that tell who somebody is."""
        return ("name", "phone", "email", "birthday")


class Customers:
    """The shop's customers. `region` reads phone numbers written without a country (ISO 3166, "GB")."""

    def __init__(self, engine: Engine, *, region: str, draw: Callable[[int], bytes]) -> None:
        self._engine = engine
        self._region = region
        self._draw = draw

    def create(self, customer: Customer) -> Customer:
        """Keep a new customer and return them as kept. Raises `CustomerRefused` or `CustomerTaken`."""
        tidy = self._tidy(customer)
        with _raced(), self._engine.begin() as db:
            if _one(db, customer_table.c.id == tidy.id):
                raise CustomerTaken("id", f"There is a customer {tidy.id} already. Open that customer.")
            self._check_free(db, tidy)
            tidy = structs.replace(tidy, referral_code=self._referral_code(db))
            db.execute(customer_table.insert().values(_values(tidy)))
        return tidy

    def update(self, customer: Customer) -> Customer:
        """Keep what is now known; id, joining and referral code stay as they were.

        Raises `NoSuchCustomer`, `CustomerRefused` or `CustomerTaken`.
        """
        tidy = self._tidy(customer)
        with _raced(), self._engine.begin() as db:
            before = _one(db, customer_table.c.id == customer.id)
            if before is None:
                raise NoSuchCustomer(
                    f"No customer has the id {customer.id[:40]}. Look them up by phone or e-mail."
                )
            tidy = structs.replace(tidy, joined_at=before.joined_at, referral_code=before.referral_code)
            self._check_free(db, tidy)
            where = customer_table.c.id == customer.id
            db.execute(customer_table.update().where(where).values(_values(tidy)))
        return tidy

    def get(self, customer: str) -> Customer:
        """Return the customer with this id. Raises `NoSuchCustomer`."""
        with reading(self._engine) as db:
            found = _one(db, customer_table.c.id == customer)
        if found is None:
            raise NoSuchCustomer(f"No customer has the id {customer[:40]}. Look them up by phone or e-mail.")
        return found

    def find(self, text: str) -> Customer | None:
        """Return the active customer with this id, phone number, e-mail address or referral code."""
        with reading(self._engine) as db:
            for clause in self._clauses(text.strip()):
                if found := _one(db, clause & (customer_table.c.status == "active")):
                    return found
        return None

    def search(self, name: str, limit: int = 20) -> tuple[Customer, ...]:
        """Return active customers whose name holds `name`, in the order of names."""
        query = (
            sa.select(customer_table)
            .where(sa.func.lower(customer_table.c.name).contains(name.strip().lower(), autoescape=True))
            .where(customer_table.c.status == "active")
            .order_by(customer_table.c.name, customer_table.c.id)
            .limit(limit)
        )
        with reading(self._engine) as db:
            return tuple(_customer(row) for row in db.execute(query))

    def ending(self, digits: str, limit: int = 20) -> tuple[Customer, ...]:
        """Return active customers whose phone number ends in `digits`; nobody for fewer than four."""
        if len(digits) < LEAST_DIGITS or not (digits.isascii() and digits.isdecimal()):
            return ()
        query = (
            sa.select(customer_table)
            .where(customer_table.c.status == "active", customer_table.c.phone.endswith(digits))
            .order_by(customer_table.c.name, customer_table.c.id)
            .limit(limit)
        )
        with reading(self._engine) as db:
            return tuple(_customer(row) for row in db.execute(query))

    def resolve(self, reference: str) -> str:
        """Return the id of the customer an import names, or nothing."""
        found = self.find(reference)
        return found.id if found else ""

    def _referral_code(self, db: Connection) -> str:
        while _one(db, customer_table.c.referral_code == (code := make_code(self._draw, REFERRAL_PAYLOAD))):
            pass  # 35 bits: it is taken once in a blue moon
        return code

    def _clauses(self, text: str) -> list[sa.ColumnElement[bool]]:
        table = customer_table.c
        clauses: list[sa.ColumnElement[bool]] = [table.id == text]
        if "@" in text:
            clauses.append(table.email == text.lower())
        with suppress(CustomerRefused):
            clauses.append(table.phone == e164(text, self._region))
        with suppress(CodeRefused):
            clauses.append(table.referral_code == read_code(text))
        return clauses

    def _tidy(self, customer: Customer) -> Customer:
        name = " ".join(clean(customer.name).split())
        if not 0 < len(name) <= _NAME_LENGTH:
            raise CustomerRefused("name", f"A name has 1 to {_NAME_LENGTH} characters. Fill it in.")
        if not customer.id or not customer.id.isprintable() or len(customer.id) > 64:  # noqa: PLR2004 - fits a card
            raise CustomerRefused("id", "An id has 1 to 64 plain characters. Choose another.")
        _check_birthday(customer)
        return structs.replace(
            customer,
            name=name,
            phone=e164(customer.phone, self._region) if customer.phone.strip() else "",
            email=_email(customer.email) if customer.email.strip() else "",
        )

    def _check_free(self, db: Connection, customer: Customer) -> None:
        """Raise `CustomerTaken` when somebody else has the id, the number or the address."""
        table = customer_table.c
        for field, words in (("phone", "phone number"), ("email", "e-mail address")):
            value = getattr(customer, field)
            other = (table[field] == value) & (table.id != customer.id) & (table.status == "active")
            if value and customer.status == "active" and (found := _one(db, other)):
                raise CustomerTaken(
                    field,
                    f"Customer {found.id} has this {words} already. Open that customer, or merge the two.",
                )


@contextmanager
def _raced() -> Iterator[None]:
    """Say it plainly when somebody else was a moment quicker, which PostgreSQL finds out only at the end."""
    try:
        yield
    except sa.exc.IntegrityError as fault:
        raise CustomerTaken(
            "id",
            "Somebody else saved this id, number or address just now. Look the customer up again.",
        ) from fault


def e164(text: str, region: str) -> str:
    """Return a phone number in E.164. Raises `CustomerRefused`."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise CustomerRefused("phone", f'"{text[:30]}" is no phone number. Write it as +44 7700 900123.')
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str:
    address = text.strip().lower()
    if len(address) > _EMAIL_LENGTH or not _EMAIL.fullmatch(address):
        raise CustomerRefused("email", f'"{text[:60]}" is no e-mail address. Write it as name@example.com.')
    return address


def _check_birthday(customer: Customer) -> None:
    if customer.birthday is None:
        return
    years = customer.joined_at.year - customer.birthday.year
    if customer.birthday >= customer.joined_at.date() or years > _OLDEST:
        raise CustomerRefused("birthday", f"{customer.birthday} cannot be a birthday. Check the year.")


def _values(customer: Customer) -> dict[str, str | None]:
    return {
        "id": customer.id,
        "name": customer.name,
        "phone": customer.phone or None,
        "email": customer.email or None,
        "birthday": customer.birthday.isoformat() if customer.birthday else None,
        "joined_at": stamp(customer.joined_at),
        "referral_code": customer.referral_code,
        "status": customer.status,
    }


def _one(db: Connection, clause: sa.ColumnElement[bool]) -> Customer | None:
    row = db.execute(sa.select(customer_table).where(clause)).first()
    return None if row is None else _customer(row)


def _customer(row: Row[tuple[object, ...]]) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        phone=row.phone or "",
        email=row.email or "",
        birthday=date.fromisoformat(row.birthday) if row.birthday else None,
        joined_at=unstamp(row.joined_at),
        referral_code=row.referral_code,
        status=row.status,
    )
