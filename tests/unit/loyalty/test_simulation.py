import time
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from shopbell.loyalty.habits import Sort
from shopbell.loyalty.sale import Refund, Sale
from shopbell.loyalty.simulation import Ware, Year, simulate

LONDON = ZoneInfo("Europe/London")
WARES = (
    *(Ware(sku=f"DRK-{n}", name=f"Drink {n}", category="Drinks", price=260 + 20 * n) for n in range(12)),
    *(Ware(sku=f"BRD-{n}", name=f"Loaf {n}", category="Bread", price=380 + 30 * n) for n in range(8)),
    *(
        Ware(sku=f"BEA-{n}", name=f"Beans {n}", category="Coffee beans", price=900 + 100 * n)
        for n in range(8)
    ),
    Ware(sku="XMAS", name="Christmas blend", category="Coffee beans", price=1000, months=frozenset({11, 12})),
)


@cache
def year() -> Year:
    return simulate(7, 2025, WARES, zone=LONDON)


def test_a_year_is_as_large_as_promised_and_quick() -> None:
    """At least 400 customers and 15,000 purchases, in five seconds of the processor."""
    began = time.process_time()
    fresh = simulate(11, 2025, WARES, zone=LONDON)
    took = time.process_time() - began
    assert len(fresh.people) >= 400
    assert len(fresh.sales) >= 15_000
    assert took <= 5


def test_the_same_seed_gives_the_same_year() -> None:
    """Another seed gives another one."""
    small = [simulate(seed, 2025, WARES, zone=LONDON, customers=20) for seed in (1, 1, 2)]
    assert small[0] == small[1]
    assert small[0] != small[2]


def test_events_come_in_the_order_of_time_and_fit_together() -> None:
    """A refund follows its sale, nobody buys before joining, and every id is used once."""
    joined = {each.customer.id: each.customer.joined_at for each in year().people}
    sales: dict[str, Sale] = {}
    before = None
    for event in year().events:
        assert before is None or event.at >= before
        before = event.at
        assert event.at.year == 2025
        if isinstance(event, Refund):
            assert event.at > sales[event.sale].at
            assert {back.line for back in event.returns} <= {line.id for line in sales[event.sale].lines}
        else:
            assert event.external_id not in sales
            assert not event.customer or event.at > joined[event.customer]
            sales[event.external_id] = event
    refunds = len(year().events) - len(sales)
    assert 50 < refunds < len(sales) / 20


def test_those_who_are_lost_are_lost_on_their_day() -> None:
    """The planted day bounds a churner's visits, and they had been coming until about then."""
    last: dict[str, date] = {}
    for sale in year().sales:
        last[sale.customer] = sale.at.date()
    churned = year().truth.churned
    assert len(churned) > 30
    assert all(last[ident] <= day <= date(2025, 12, 31) for ident, day in churned.items())
    assert sum((day - last[ident]).days <= 21 for ident, day in churned.items()) / len(churned) > 0.9
    regulars = [ident for ident, sort in year().truth.sorts.items() if sort is Sort.REGULAR]
    assert sum((date(2025, 12, 31) - last[ident]).days <= 21 for ident in regulars) / len(regulars) > 0.9


def test_the_kinds_of_customers_buy_as_their_kinds_do() -> None:
    """Regulars come often, tourists once, and the favourites are what is bought most."""
    visits = Counter(sale.customer for sale in year().sales)
    by_sort: dict[Sort, list[int]] = defaultdict(list)
    for ident, sort in year().truth.sorts.items():
        by_sort[sort].append(visits[ident])
    assert set(by_sort) == set(Sort)
    assert set(by_sort[Sort.TOURIST]) == {1}
    means = {sort: sum(counts) / len(counts) for sort, counts in by_sort.items()}
    assert means[Sort.REGULAR] > 3 * means[Sort.MONTHLY]
    bought = Counter(
        line.sku in year().truth.favourites[sale.customer]
        for sale in year().sales
        if sale.customer
        for line in sale.lines
    )
    assert bought[True] > 2 * bought[False]


def test_the_shop_has_its_hours_and_its_seasons() -> None:
    """Closed at Christmas, busiest on Saturdays and in December, when the Christmas blend is sold."""
    sales = year().sales
    assert not {(1, 1), (12, 25), (12, 26)} & {(sale.at.month, sale.at.day) for sale in sales}
    assert {sale.at.hour for sale in sales} <= set(range(7, 18))
    assert Counter(sale.at.weekday() for sale in sales).most_common(1)[0][0] == 5
    assert Counter(sale.at.month for sale in sales).most_common(1)[0][0] == 12
    assert {sale.at.month for sale in sales for line in sale.lines if line.sku == "XMAS"} == {11, 12}


def test_nobody_in_it_is_real() -> None:
    """Numbers and addresses are reserved for fiction, unique, and well-formed; both consents occur."""
    people = [each.customer for each in year().people]
    phones = [each.phone for each in people if each.phone]
    assert len(set(phones)) == len(phones)
    assert all(number.startswith(("+447700900", "+442079460")) for number in phones)
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in phones)
    emails = [each.email for each in people if each.email]
    assert len(set(emails)) == len(emails)
    assert all(address.endswith("@example.com") for address in emails)
    assert {consent.given for each in year().people for consent in each.consents} == {True, False}
    assert len({each.name for each in people}) > 400


def test_friends_send_friends() -> None:
    """A friend who sent somebody had joined before."""
    order = {each.customer.id: n for n, each in enumerate(year().people)}
    assert len(year().truth.referred) > 20
    assert all(order[sender] < order[friend] for friend, sender in year().truth.referred.items())


@pytest.mark.parametrize(("wares", "customers"), [((), 10), (WARES[-1:], 10), (WARES, 0), (WARES, 5_000)])
def test_a_shop_that_cannot_be_is_refused(wares: tuple[Ware, ...], customers: int) -> None:
    """Without goods or with too many people there is no year."""
    with pytest.raises(ValueError, match="needs wares"):
        simulate(1, 2025, wares, zone=LONDON, customers=customers)
