"""Person: all records of one customer, the words that name them, and the conversations they had."""

import re
from collections.abc import Iterable, Iterator, Sequence

import phonenumbers
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.store import conversation_table, event_table
from shopbell.loyalty.members import also_known_as, resolve
from shopbell.loyalty.registry import customer_table

_SHORTEST = 5
"""Letters of a name below which it is looked for only in the person's own rows: "Al" stands in every word."""
_DIGITS = 6
"""Digits of a phone number below which it could be any number."""
_PROVEN = ("verified", "vouched")


class Person(Struct, frozen=True, kw_only=True):
    """One customer."""

    ids: tuple[str, ...]
    """The record that remains after merges first."""
    names: tuple[str, ...]
    phones: tuple[str, ...]
    """E.164."""
    emails: tuple[str, ...]
    codes: tuple[str, ...]
    """Referral codes."""
    talks: tuple[str, ...]
    """Conversations in which they were recognised for certain."""

    @property
    def __pii__(self) -> tuple[str, ...]:
        """Fields that tell who somebody is."""
        return ("names", "phones", "emails", "codes")


class Stretch(Struct, frozen=True):
    """A part of a conversation that one customer had."""

    conversation: str
    first: int
    last: int
    """Number of the last event of it."""


def gather(db: sa.Connection, customer: str) -> Person:
    """Return all that leads to a customer; raises NoSuchCustomer."""
    ids = also_known_as(db, resolve(db, customer))
    rows = db.execute(sa.select(customer_table).where(customer_table.c.id.in_(ids))).all()
    return Person(
        ids=ids,
        names=_distinct(row.name for row in rows),
        phones=_distinct(row.phone for row in rows),
        emails=_distinct(row.email for row in rows),
        codes=_distinct(row.referral_code for row in rows),
        talks=_distinct(one.conversation for one in stretches(db, ids)),
    )


def stretches(db: sa.Connection, customers: Sequence[str]) -> Iterator[Stretch]:
    """Yield the parts of conversations that belong to a customer.

    What was said before anybody was recognised belongs to who was recognised first.
    """
    named = event_table.c.kind == e.Recognised.__name__
    about = sa.or_(
        sa.false(), *(event_table.c.body.contains(f'"{one}"', autoescape=True) for one in customers)
    )
    talks = db.execute(sa.select(event_table.c.conversation).where(named, about).distinct()).scalars().all()
    for talk in talks:
        rows = db.execute(
            sa.select(event_table.c.seq, event_table.c.kind, event_table.c.body)
            .where(event_table.c.conversation == talk)
            .order_by(event_table.c.seq)
        ).all()
        yield from _own(talk, rows, customers)


def _own(talk: str, rows: Sequence[sa.Row[int, str, str]], customers: Sequence[str]) -> Iterator[Stretch]:
    holder: str | None = None  # nobody yet
    first = rows[0].seq
    last = first - 1
    for row in rows:
        if row.kind == e.Recognised.__name__:
            known = e.decode(row.body)
            proven = isinstance(known, e.Recognised) and known.level in _PROVEN
            name = known.customer if isinstance(known, e.Recognised) and proven else ""
            if holder is None and name:
                holder = name
            elif holder is not None and name != holder:
                if holder in customers:
                    yield Stretch(talk, first, last)
                holder, first = name, row.seq
        last = row.seq
    if holder in customers:
        yield Stretch(talk, first, last)


def idle_since(db: sa.Connection, talks: Sequence[str]) -> dict[str, str]:
    """Return the conversations that nobody has ended, with when something was last said in them."""
    query = (
        sa.select(event_table.c.conversation, sa.func.max(event_table.c.at))
        .join(conversation_table, conversation_table.c.id == event_table.c.conversation)
        .where(event_table.c.conversation.in_(talks), conversation_table.c.ended_at.is_(None))
        .group_by(event_table.c.conversation)
    )
    return {talk: str(at) for talk, at in db.execute(query)}


def name_patterns(person: Person) -> Iterator[str]:
    """Yield regular expressions for the words that name a person, wherever they stand."""
    for name in person.names:
        if len(name) >= _SHORTEST:
            yield r"(?<!\w)" + r"\s+".join(map(re.escape, name.split())) + r"(?!\w)"
    for text in (*person.emails, *person.codes):
        yield r"(?<![\w.])" + re.escape(text) + r"(?!\w)"
    for phone in person.phones:
        number = phonenumbers.parse(phone)
        digits = str(number.national_number)
        if len(digits) >= _DIGITS:
            spaced = r"[\s().\-/]{0,3}".join(digits)
            before = rf"(?:\(?(?:\+?{number.country_code}|0{{1,2}})\)?[\s().\-/]{{0,3}}){{0,3}}"
            yield rf"(?<!\d){before}{spaced}(?!\d)"


def needles(person: Person) -> tuple[str, ...]:
    """Return lower-case pieces, at least one of which stands in every text that names a person."""
    longest = (max(name.split(), key=len) for name in person.names if len(name) >= _SHORTEST)
    found = (*person.ids, *person.emails, *person.codes, *longest, *(phone[-3:] for phone in person.phones))
    return tuple(dict.fromkeys(one.lower() for one in found))


def search_words(person: Person) -> tuple[str, ...]:
    """Return what a search through raw bytes looks for."""
    national = (f"0{phonenumbers.parse(phone).national_number}" for phone in person.phones)
    ids = (one for one in person.ids if len(one) > _DIGITS)
    found = (*person.names, *person.phones, *national, *person.emails, *person.codes, *ids)
    return tuple(dict.fromkeys(one for one in found if len(one) >= _SHORTEST))


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
