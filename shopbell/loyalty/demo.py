"""A simulated year, put into a shop's books through the same doors as a real one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.consents import record_consent
from shopbell.loyalty.errors import CustomerTaken, ReferralRefused
from shopbell.loyalty.sale import Refund, Sale
from shopbell.loyalty.simulation import Person, Year

_FULL = timedelta(days=300)
_SLICE = 20
"""Sales in one transaction: whoever sells meanwhile waits for a tenth of a second."""
_FILLING = "filling"
Progress = Callable[[int, int], None]
"""Told how many of how many sales are in."""


class Loaded(Struct, frozen=True, kw_only=True):
    """What went in."""

    customers: int
    """New."""
    sales: int
    """New."""
    returns: int
    """New."""
    repeated: int
    """Known already."""
    points: int


def default_year(today: date) -> int:
    """Return this year once most of it is over, else the last one."""
    return (today - _FULL).year


def span(year: Year, first: datetime, last: datetime) -> Year:
    """Return what of a year happened from `first` to `last`; goods come back only of sales that are in it."""
    events = [event for event in year.events if first <= event.at <= last]
    known = {event.external_id for event in events if isinstance(event, Sale)}
    return Year(
        people=tuple(each for each in year.people if each.customer.joined_at <= last),
        events=tuple(event for event in events if isinstance(event, Sale) or event.sale in known),
        truth=year.truth,
    )


def is_filling(folder: Path) -> bool:
    """Say whether the year of the shop with its data in `folder` is being loaded, or was left half loaded.

    Meanwhile the calendar rests: on today's date it would miss customers whose purchases are yet to come.
    """
    return (folder / _FILLING).exists()


def mark_filling(folder: Path, *, filling: bool) -> None:
    """Note that the year is being loaded, or is there."""
    if filling:
        (folder / _FILLING).touch()
    else:
        (folder / _FILLING).unlink(missing_ok=True)


def load_year(
    room: Backroom,
    engine: sa.Engine,
    year: Year,
    *,
    progress: Progress,
    rest: Callable[[], None] = lambda: None,
) -> Loaded:
    """Put people and sales into the books, in slices; what is there already is not added again.

    `rest` is called after each slice and each new person, so that a shop that is open can write too.
    """
    loaded = Loaded(customers=0, sales=0, returns=0, repeated=0, points=0)
    people, done = list(year.people), 0
    for events, ends_month in _slices(year.events):
        last = events[-1].at
        joining = [each for each in people if each.customer.joined_at <= last]
        people = people[len(joining) :]
        new = _join_all(room, engine, joining, rest)
        added = room.club.import_all(events, last)
        rest()
        if ends_month:
            room.club.daily(last)
            rest()
        done += len(events)
        progress(done, len(year.events))
        loaded = Loaded(
            customers=loaded.customers + new,
            sales=loaded.sales + added.sales,
            returns=loaded.returns + added.returns,
            repeated=loaded.repeated + added.repeated,
            points=loaded.points + added.points,
        )
    return loaded


def _slices(events: Sequence[Sale | Refund]) -> Iterator[tuple[list[Sale | Refund], bool]]:
    """Yield some events at a time, in their order, and whether they are the last of their month."""
    for _, month in groupby(events, key=lambda event: (event.at.year, event.at.month)):
        whole = list(month)
        for start in range(0, len(whole), _SLICE):
            yield whole[start : start + _SLICE], start + _SLICE >= len(whole)


def _join_all(room: Backroom, engine: sa.Engine, people: Sequence[Person], rest: Callable[[], None]) -> int:
    new = 0
    for person in people:
        if _join(room, engine, person):
            new += 1
            rest()
    return new


def _join(room: Backroom, engine: sa.Engine, person: Person) -> bool:
    try:
        room.customers.create(person.customer)
    except CustomerTaken:
        return False
    with engine.begin() as db:
        for consent in person.consents:
            record_consent(db, consent)
    ident, at = person.customer.id, person.customer.joined_at
    try:
        room.club.join(ident, at, brought_by=person.referred_by)
    except ReferralRefused:
        room.club.join(ident, at)
    return True
