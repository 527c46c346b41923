"""Bringing a friend: two-sided, after a qualifying purchase, and nobody brings himself."""

from datetime import date, timedelta

import pytest

from shopbell.loyalty.errors import ReferralRefused
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.referrals import Person, check_referral
from shopbell.loyalty.returning import judge_return
from shopbell.loyalty.standing import Referred, Standing
from tests.fakes.programme import NOON, line, member, sale, terms

RULE = """
[[version.rule]]
kind = "referral"
id = "friend"
name = "Bring a friend"
friend = 50
referrer = 40
min_spend = 10
within = "60 days"
per_year = 2
"""
TERMS = terms(RULE)


def brought(days_ago: int = 1, rewarded: tuple[date, ...] = ()) -> Standing:
    return member(referred=Referred(by="bob", at=NOON - timedelta(days=days_ago), rewarded=rewarded))


def test_both_sides_once_after_the_first_qualifying_purchase() -> None:
    """A purchase too small waits; the first that is enough rewards both; the next no more."""
    small = judge(sale(999), brought(), TERMS)
    assert small.facts.given == ()
    assert "waits for a purchase of €10.00 or more; this one was €9.99" in small.withheld[0].why
    first = judge(sale(1000), small.standing_after, TERMS)
    assert [(one.customer, one.award.points) for one in first.facts.given] == [("ann", 50), ("bob", 40)]
    assert [award.points for award in first.awards] == [50]
    assert judge(sale(1000), first.standing_after, TERMS).facts.given == ()


def test_gift_cards_do_not_qualify() -> None:
    """Money for later is no first purchase."""
    assert judge(sale(line(1, 5000, "Gift cards")), brought(), TERMS).facts.given == ()


@pytest.mark.parametrize(("days", "paid"), [(60, True), (61, False)])
def test_within_the_time(days: int, paid: bool) -> None:
    """Sixty days to the hour."""
    assert bool(judge(sale(1000), brought(days), TERMS).facts.given) is paid


def test_the_year_of_the_one_who_brings_is_bounded() -> None:
    """After two friends in a year only the friend is rewarded; last year's do not count."""
    full = judge(sale(1000), brought(rewarded=(date(2026, 1, 1), date(2026, 5, 1))), TERMS)
    assert [one.customer for one in full.facts.given] == ["ann"]
    assert "2 is the most" in full.withheld[0].why
    room = judge(sale(1000), brought(rewarded=(date(2025, 12, 31), date(2026, 5, 1))), TERMS)
    assert [one.customer for one in room.facts.given] == ["ann", "bob"]


def test_a_friend_who_brings_everything_back_takes_both_bonuses_along() -> None:
    """A whole return takes both sides' points, and a later purchase may qualify."""
    judgement = judge(sale(1000), brought(), TERMS)
    undone = judge_return(judgement.facts, (), (), judgement.standing_after, TERMS)
    assert [(one.customer, one.points) for one in undone.takes] == [("ann", 50), ("bob", 40)]
    assert len(judge(sale(1000), undone.standing_after, TERMS).facts.given) == 2


def person(name: str, phone: str = "", address: str = "", *, bought: bool = False) -> Person:
    return Person(
        customer=name,
        phones=(phone,) if phone else (),
        addresses=(address,) if address else (),
        bought=bought,
    )


@pytest.mark.parametrize(
    ("friend", "referrer", "chain", "reason"),
    [
        (person("ann"), person("ann"), {}, "Nobody can bring himself"),
        (person("ann"), person("bob"), {"ann": "cy"}, "already"),
        (person("ann", bought=True), person("bob"), {}, "bought here before"),
        (person("ann"), person("bob"), {"bob": "ann"}, "circle"),
        (person("ann"), person("bob"), {"bob": "cy", "cy": "dan", "dan": "ann"}, "circle"),
        (person("ann", "+44 7700 900123"), person("bob", "07700-900123"), {}, "same phone"),
        (
            person("ann", "", "1 High St., Old Quay"),
            person("bob", "", "1 high st old quay"),
            {},
            "same address",
        ),
        (person("ann", "", "A.B@example.com"), person("bob", "", "a.b@example.com"), {}, "same address"),
    ],
)
def test_one_person_playing_two_is_refused(
    friend: Person, referrer: Person, chain: dict[str, str], reason: str
) -> None:
    """Self-referral, circles, shared phones and addresses, and people who are not new."""
    with pytest.raises(ReferralRefused, match=reason):
        check_referral(friend, referrer, chain)


def test_a_friend_of_a_friend_is_welcome() -> None:
    """A chain is no circle, and a circle elsewhere does not hang the check."""
    check_referral(person("ann", "1"), person("bob", "1"), {"bob": "cy", "x": "y", "y": "x"})
    check_referral(person("ann"), person("x"), {"x": "y", "y": "x"})
