"""A year of a shop that never was: the same seed gives the same year, and what is hidden in it is told.

For demonstrations, and for tests that must know who was lost when.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from random import Random

from msgspec import Struct

from shopbell.loyalty import people
from shopbell.loyalty.consents import Consent
from shopbell.loyalty.customers import Customer
from shopbell.loyalty.habits import Habit, Sort, clock, comes, habit, is_open, sort_of, walk_ins
from shopbell.loyalty.sale import Line, Refund, Return, Sale

_CASHIERS = ("robin", "sam", "alex", "noor")
_REFUNDED = 0.012
_TEXT_VERSION = "2025-01"


class Ware(Struct, frozen=True, kw_only=True):
    """One thing the simulated shop sells."""

    sku: str
    name: str
    category: str = ""
    price: int
    """Minor units."""
    months: frozenset[int] = frozenset()
    """In which it is sold; empty: all year."""


class Person(Struct, frozen=True, kw_only=True):
    """A customer as the shop knows them."""

    customer: Customer
    consents: tuple[Consent, ...]
    referred_by: str = ""
    """Id of the friend who sent them."""


class Truth(Struct, frozen=True, kw_only=True):
    """What the shop cannot see: planted, for tests to find again."""

    sorts: dict[str, Sort]
    churned: dict[str, date]
    """Customer -> the day after which they never come."""
    favourites: dict[str, tuple[str, ...]]
    """Customer -> SKUs, the dearest first."""
    referred: dict[str, str]
    """Friend -> who sent them."""


class Year(Struct, frozen=True, kw_only=True):
    """All that happened, in the order of time."""

    people: tuple[Person, ...]
    """By the time they joined."""
    events: tuple[Sale | Refund, ...]
    truth: Truth

    @property
    def sales(self) -> tuple[Sale, ...]:
        """The sales alone."""
        return tuple(event for event in self.events if isinstance(event, Sale))


def simulate(
    seed: int, year: int, wares: Sequence[Ware], *, zone: tzinfo, customers: int = 450, source: str = "till-1"
) -> Year:
    """Return a year of the shop. Raises `ValueError` without wares or with too many customers."""
    if not any(not ware.months for ware in wares) or not 0 < customers <= people.MOST:
        raise ValueError(f"A year needs wares sold all year, and 1 to {people.MOST} customers.")
    random = Random(f"{seed}/{year}")  # noqa: S311 - it must be the same again
    crowd = _crowd(random, year, customers, zone)
    habits = {each.customer.id: _habit(random, each, year) for each in crowd}
    shop = _Shop(random, wares, zone, source)
    tastes = {each.customer.id: shop.taste() for each in crowd}
    days = [
        date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    ]
    for day in days:
        shop.open(day, habits, tastes)
    truth = Truth(
        sorts={ident: each.sort for ident, each in habits.items()},
        churned={ident: each.last for ident, each in habits.items() if each.sort is Sort.CHURNER},
        favourites={ident: tuple(ware.sku for ware in taste) for ident, taste in tastes.items()},
        referred={each.customer.id: each.referred_by for each in crowd if each.referred_by},
    )
    return Year(people=crowd, events=shop.events(days[-1]), truth=truth)


class _Shop:
    """The till of the simulated shop."""

    def __init__(self, random: Random, wares: Sequence[Ware], zone: tzinfo, source: str) -> None:
        self._random = random
        self._wares = wares
        self._all_year = [ware for ware in wares if not ware.months]
        self._weights = [1 / (1 + ware.price / 500) for ware in self._all_year]
        self._zone = zone
        self._source = source
        self._sales: list[Sale] = []

    def taste(self) -> tuple[Ware, ...]:
        """Return somebody's favourite wares, cheap ones more often than dear ones."""
        drawn = self._random.choices(self._all_year, self._weights, k=self._random.randint(2, 5))
        return tuple({ware.sku: ware for ware in drawn}.values())

    def open(self, day: date, habits: dict[str, Habit], tastes: dict[str, tuple[Ware, ...]]) -> None:
        """Ring up a day."""
        visits = [
            (clock(self._random, each.hour), ident)
            for ident, each in habits.items()
            if comes(self._random, each, day)
        ]
        visits += [(clock(self._random, 12.5), "") for _ in range(walk_ins(self._random, day))]
        for at, ident in sorted(visits):
            self._ring_up(datetime.combine(day, at, self._zone), ident, tastes.get(ident) or self.taste())

    def events(self, last: date) -> tuple[Sale | Refund, ...]:
        """Return the sales with some refunds among them, none later than `last`."""
        found: list[Sale | Refund] = list(self._sales)
        for sale in self._sales:
            if sale.customer and self._random.random() < _REFUNDED:
                back = self._refund(sale)
                if back.at.date() <= last:
                    found.append(back)
        return tuple(sorted(found, key=lambda event: event.at))

    def _ring_up(self, at: datetime, customer: str, taste: Sequence[Ware]) -> None:
        wares = [self._pick(at, taste) for _ in range(self._random.choices([1, 2, 3, 4], [45, 33, 15, 7])[0])]
        counts = {ware.sku: wares.count(ware) for ware in wares}
        by_sku = {ware.sku: ware for ware in wares}
        lines = tuple(
            Line(
                id=str(number),
                sku=sku,
                name=by_sku[sku].name,
                quantity=Decimal(count),
                amount=by_sku[sku].price * count,
                categories=(by_sku[sku].category,) if by_sku[sku].category else (),
            )
            for number, (sku, count) in enumerate(counts.items(), 1)
        )
        self._sales.append(
            Sale(
                source=self._source,
                external_id=f"{at.year}-{len(self._sales) + 1:06d}",
                at=at,
                customer=customer,
                lines=lines,
                cashier=_CASHIERS[(at.toordinal() + (at.hour > 12)) % len(_CASHIERS)],  # noqa: PLR2004 - noon
            )
        )

    def _pick(self, at: datetime, taste: Sequence[Ware]) -> Ware:
        """Return a favourite four times in five, now and then something of the season, or anything."""
        luck = self._random.random()
        if luck < 0.08 and (season := [ware for ware in self._wares if at.month in ware.months]):  # noqa: PLR2004
            return self._random.choice(season)
        if luck < 0.8:  # noqa: PLR2004 - four in five
            return taste[min(int(self._random.expovariate(1.0)), len(taste) - 1)]
        return self._random.choices(self._all_year, self._weights)[0]

    def _refund(self, sale: Sale) -> Refund:
        line = self._random.choice(sale.lines)
        part = self._random.random() < 0.5 and (len(sale.lines) > 1 or line.quantity > 1)  # noqa: PLR2004 - half
        day = sale.at.date() + timedelta(days=self._random.randint(1, 12))
        while not is_open(day):
            day += timedelta(days=1)
        return Refund(
            source=sale.source,
            external_id=f"{sale.external_id}-back",
            sale=sale.external_id,
            at=datetime.combine(day, clock(self._random, 13.0), self._zone),
            returns=(Return(line=line.id, quantity=Decimal(1)),) if part else (),
            cashier=self._random.choice(_CASHIERS),
        )


def _crowd(random: Random, year: int, customers: int, zone: tzinfo) -> tuple[Person, ...]:
    """Return the customers by the time they joined: most before the year, the others during it."""
    start = date(year, 1, 1)
    days = [
        start - timedelta(days=random.randint(1, 700)) if random.random() < 0.7 else _some_day(random, year)  # noqa: PLR2004
        for _ in range(customers)
    ]
    crowd: list[Person] = []
    for number, day in enumerate(sorted(days)):
        early = datetime.combine(day, time(7, 15), zone)  # before the first sale of the day
        friend = crowd[random.randrange(len(crowd))].customer.id if day >= start and crowd else ""
        crowd.append(_person(random, number, early, friend if random.random() < 0.3 else ""))  # noqa: PLR2004
    return tuple(crowd)


def _person(random: Random, number: int, joined_at: datetime, friend: str) -> Person:
    called, ident = people.name(random), f"c{number + 1:04d}"
    customer = Customer(
        id=ident,
        name=called,
        phone=people.phone(number) if random.random() < 0.85 else "",  # noqa: PLR2004 - some tell no number
        email=people.email(called, number) if random.random() < 0.7 else "",  # noqa: PLR2004 - or no address
        birthday=people.birthday(random, joined_at.year) if random.random() < 0.6 else None,  # noqa: PLR2004
        joined_at=joined_at,
    )
    consents = tuple(
        Consent(
            customer=ident,
            purpose=purpose,
            given=random.random() < share,
            text_version=_TEXT_VERSION,
            at=joined_at,
            by="customer",
        )
        for purpose, share in (("profiling", 0.6), ("marketing-email", 0.4))
    )
    return Person(customer=customer, consents=consents, referred_by=friend)


def _habit(random: Random, person: Person, year: int) -> Habit:
    joined = person.customer.joined_at.date()
    sort = sort_of(random)
    if sort in {Sort.TOURIST, Sort.CHURNER} and joined.year == year and joined.month > 9:  # noqa: PLR2004
        sort = Sort.TOURIST  # too late in the year to become a regular and be lost
    elif sort is Sort.TOURIST and joined.year < year:
        sort = Sort.MONTHLY  # a tourist joins on the one day they come
    return habit(random, sort, joined, year)


def _some_day(random: Random, year: int) -> date:
    while not is_open(day := date(year, 1, 1) + timedelta(days=random.randint(1, 358))):
        pass
    return day
