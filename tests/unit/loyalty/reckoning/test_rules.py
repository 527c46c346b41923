"""Segments, sentences, fifths, the owner's file and what is recommended."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from shopbell.loyalty.errors import ReckoningRefused
from shopbell.loyalty.reckoning.answers import Limits
from shopbell.loyalty.reckoning.baskets import Tastes
from shopbell.loyalty.reckoning.copurchase import Counted
from shopbell.loyalty.reckoning.facts import Facts
from shopbell.loyalty.reckoning.grouping import Book, groups_of, holds
from shopbell.loyalty.reckoning.recommending import Adviser, Wanted, Ware, is_allowed, with_margins
from shopbell.loyalty.reckoning.rfm import fifths, group
from shopbell.loyalty.reckoning.segmentfile import When, Wishes, load_wishes
from shopbell.loyalty.reckoning.slipping import rank_auc
from shopbell.loyalty.reckoning.why import Coming, why

MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FACTS = Facts(
    visits=12,
    year_visits=10,
    year_spent=8000,
    top_spender=False,
    first=date(2025, 1, 5),
    last=date(2026, 10, 1),
    today=date(2026, 11, 22),
    gap=7.0,
    at_risk=True,
    gone=False,
    worth=9000,
    rfm=(2, 4, 4),
    tier="flame",
    by_hand=("vip",),
    tastes=Tastes({"Cakes": 6}, {"CAK-1": 6}, {"till-1": 9, "web": 1}),
)
BOOK = Book(wishes=Wishes(), currency="GBP", tiers={"flame": "Flame"})
COMING = Coming(
    visits=12,
    first=date(2025, 1, 5),
    last=date(2026, 10, 1),
    today=date(2026, 11, 1),
    gap=7.0,
    longest=20,
    at_risk=True,
    gone=False,
)


def test_equal_customers_share_a_fifth() -> None:
    """Eight of ten with one visit are one group in the middle, not four made-up ones."""
    assert fifths(np.array([1.0] * 8 + [5, 9])).tolist() == [3] * 8 + [5, 5]
    assert fifths(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert group(5, 5, 5, 20) == "champions"
    assert group(1, 5, 5, 20) == "cooling"
    assert group(5, 1, 1, 1) == "new"


def test_the_reason_names_rhythm_and_dates() -> None:
    """Why somebody is at risk is one sentence with how often they came, when they were due and since when."""
    assert why(COMING) == (
        "Came about every 7 days, 12 times since 5 January 2025; was due about 8 October 2026, and has been "
        "away for 31 days, since 1 October 2026."
    )
    longer = msgspec.structs.replace(COMING, longest=40)
    assert why(longer).endswith("though 40 days passed between two visits once.")
    few = msgspec.structs.replace(COMING, visits=1, gap=None)
    assert why(few) == "Came once, last on 1 October 2026: too seldom to know a habit."


def test_groups_come_with_their_reasons() -> None:
    """Level, risk, rhythm, goods and channel each say why, with the figures of the day."""
    found = {each.name: reason for each, reason in groups_of(FACTS, BOOK)}
    assert found["products-cakes"] == "Cakes on 6 of 10 receipts in 12 months."
    assert found["channel-till-1"] == "9 of 10 receipts in 12 months are from till-1."
    assert found["frequency-weekly"] == "12 visits, usually every 7 days."
    assert {"rfm-cooling", "risk-slipping", "tier-flame"} <= found.keys()
    assert "spend-top" not in found


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        (When(visits_from=10), True),
        (When(visits_from=11), False),
        (When(spent_from=Decimal(80)), True),
        (When(worth_from=Decimal("90.01")), False),
        (When(away_from=53), False),
        (When(categories=("cakes",), times=6), True),
        (When(skus=("cak-*",), times=7), False),
        (When(segments=("vip",), at_risk=True), True),
        (When(channels=("web",)), False),
    ],
)
def test_a_rule_of_the_owner_holds_or_not(when: When, wanted: bool) -> None:
    """Every condition that is written must hold."""
    assert holds(when, FACTS, "GBP") is wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[segment]]\nname='a'\nlabel='A'\nwhen={visits=3}", "there is no key visits here"),
        ("[[segment]]\nname='rfm-a'\nlabel='A'\nwhen={visits_from=3}", "names that begin with rfm-"),
        ("[[segment]]\nname='a'\nlabel='A'\nwhen={}", "all would be in it"),
        ("[margins]\nCakes = 2.0", "margins"),
        ("nonsense", "reckoning.toml"),
    ],
)
def test_a_wrong_file_says_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    """The message has the file, the key and where it is explained."""
    (tmp_path / "reckoning.toml").write_text(text)
    with pytest.raises(ReckoningRefused, match=said):
        load_wishes(tmp_path)


def adviser() -> Adviser:
    counted = Counted()
    for number in range(200):
        at = MORNING.replace(hour=9 if number % 2 else 15)
        things = ["tea", "scone"] if number % 4 == 3 else ["coffee", "bun"] if number % 4 == 1 else ["coffee"]
        counted.add(at, ((each, each.title(), "Food") for each in things))
    return Adviser(counted.habits())


def test_what_goes_with_the_basket_comes_first_and_says_why() -> None:
    """With tea in the basket it is the scone, with counts of both, though coffee sells more."""
    shelf = [Ware(sku=each, name=each.title()) for each in ("tea", "scone", "coffee", "bun")]
    best = adviser().advise(Wanted(basket=("tea",), at=MORNING), shelf, limit=1)[0]
    assert (best.sku, best.together, best.receipts) == ("scone", 50, 50)
    assert best.why == (
        "Tea, which you have, and Scone go together: of 50 receipts with the first, 50 (100 %) had both."
    )


def test_what_is_sold_out_or_not_allowed_is_never_offered() -> None:
    """Stock, diet, allergens and dislikes are kept, and what is not known to fit does not fit."""
    shelf = [
        Ware(sku="scone", name="Scone", allergens=("milk", "tree nuts"), diet=("vegetarian",)),
        Ware(sku="bun", name="Bun", stock=0),
        Ware(sku="coffee", name="Coffee", diet=("vegan",)),
    ]
    basket = Wanted(basket=("tea",), at=MORNING, limits=Limits(allergens=("nuts",)))
    assert [each.sku for each in adviser().advise(basket, shelf)] == ["coffee"]
    assert is_allowed(shelf[2], Limits(diets=("vegetarian",)))
    assert not is_allowed(shelf[1], Limits(diets=("vegan",)))
    none = msgspec.structs.replace(basket, limits=Limits(skus=("coffee",), diets=("vegan",)))
    assert adviser().advise(none, shelf) == ()


def test_of_two_alike_the_one_that_pays_more_is_offered() -> None:
    """Margins of the owner's file weigh in where chances are alike."""
    shelf = [Ware(sku="bun", name="Bun", category="A"), Ware(sku="scone", name="Scone", category="B")]
    wanted = Wanted(at=MORNING)
    for category, first in (("A", "bun"), ("b", "scone")):
        priced = with_margins(shelf, {category: 0.95, "AB".replace(category.upper(), ""): 0.0})
        assert adviser().advise(wanted, priced, limit=1)[0].sku == first


def test_order_is_measured_with_ties_as_halves() -> None:
    """AUC counts pairs: all right, a coin for equal scores, and none without both kinds."""
    assert rank_auc(np.array([1.0, 2, 3]), np.array([False, True, True])) == 1.0
    assert rank_auc(np.array([1.0, 1]), np.array([False, True])) == 0.5
    assert rank_auc(np.array([1.0]), np.array([True])) is None
