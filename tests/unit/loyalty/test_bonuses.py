"""Bonuses that the calendar brings."""

from datetime import UTC, date, datetime

import pytest

from shopbell.loyalty.bonuses import birthday_in, due_bonuses, redeemed
from shopbell.loyalty.standing import Standing
from tests.fakes.programme import NOON, member, terms

RULES = """
[[version.rule]]
kind = "welcome"
id = "welcome"
points = 20
[[version.rule]]
kind = "birthday"
id = "birthday"
name = "Birthday treat"
reward = "cake"
before = 7
after = 7
joined = "30 days"
[[version.rule]]
kind = "winback"
id = "miss-you"
points = 30
after = "60 days"
again = "6 months"
[[version.rule]]
kind = "redemption"
id = "thanks"
percent = 10
[[version.reward]]
id = "cake"
name = "a slice of cake"
worth = 4.5
"""
TERMS = terms(RULES)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00+00:00")


def settled(**changes: object) -> Standing:
    return member(bonuses={"welcome": date(2020, 1, 1)}, **changes)


def given(standing: Standing, now: str) -> list[str]:
    return [award.rule for award in due_bonuses(standing, TERMS, at(now)).awards]


def test_the_welcome_is_given_once() -> None:
    """On joining, and never again."""
    due = due_bonuses(member(), TERMS, NOON)
    assert [(one.rule, one.points) for one in due.awards] == [("welcome", 20)]
    assert due_bonuses(due.standing_after, TERMS, NOON).awards == ()


@pytest.mark.parametrize(
    ("birthday", "now", "due"),
    [
        ((6, 15), "2026-06-07", False),
        ((6, 15), "2026-06-08", True),
        ((6, 15), "2026-06-22", True),
        ((6, 15), "2026-06-23", False),
        ((1, 3), "2026-12-27", True),  # over the end of the year
        ((12, 30), "2027-01-06", True),
        ((12, 30), "2027-01-07", False),
        ((2, 29), "2027-02-21", True),  # the 28th in other years
        ((2, 29), "2027-03-08", False),
        ((2, 29), "2028-03-07", True),
    ],
)
def test_around_the_birthday(birthday: tuple[int, int], now: str, due: bool) -> None:
    """From 7 days before to 7 days after, both included."""
    assert given(settled(birthday=birthday), now) == (["birthday"] if due else [])


def test_one_present_a_year_even_if_the_birthday_moves() -> None:
    """Given once for each birthday; another date does not bring another present."""
    due = due_bonuses(settled(birthday=(1, 3)), TERMS, at("2026-12-28"))
    assert due.awards[0].expires_at == datetime(2027, 1, 11, tzinfo=UTC)
    standing = due.standing_after
    assert given(standing, "2027-01-05") == []
    moved = settled(birthday=(5, 1))
    moved = Standing(
        **{**{f: getattr(moved, f) for f in Standing.__struct_fields__}, "bonuses": standing.bonuses}
    )
    assert given(moved, "2027-05-01") == []
    assert given(standing, "2028-01-03") == ["birthday"]


def test_the_birthday_present_ends_at_midnight_in_summer_time() -> None:
    """The last day ends at midnight on the shop's clock: 23:00 UTC in summer."""
    due = due_bonuses(settled(birthday=(6, 15)), TERMS, at("2026-06-15"))
    assert due.awards[0].expires_at == datetime(2026, 6, 22, 23, tzinfo=UTC)


def test_who_joined_lately_waits_for_the_next_birthday() -> None:
    """Less than 30 days before the birthday: withheld, with the reason."""
    new = settled(birthday=(6, 15), member_since=datetime(2026, 5, 17, tzinfo=UTC))
    due = due_bonuses(new, TERMS, at("2026-06-15"))
    assert (due.awards, len(due.withheld)) == ((), 1)
    assert "at least 30 days before" in due.withheld[0].why
    early = settled(birthday=(6, 15), member_since=datetime(2026, 5, 16, tzinfo=UTC))
    assert given(early, "2026-06-15") == ["birthday"]


def test_winback_once_for_each_absence() -> None:
    """After 60 days, once; again only after a new purchase and half a year."""
    gone = settled(last_purchase=date(2026, 1, 1))
    assert given(gone, "2026-03-01") == []
    due = due_bonuses(gone, TERMS, at("2026-03-02"))
    assert [one.rule for one in due.awards] == ["miss-you"]
    assert given(due.standing_after, "2027-03-02") == []
    back = {**{f: getattr(due.standing_after, f) for f in Standing.__struct_fields__}}
    back["last_purchase"] = date(2026, 3, 10)
    assert given(Standing(**back), "2026-08-30") == []
    assert given(Standing(**back), "2026-09-02") == ["miss-you"]


def test_nobody_but_members_gets_a_bonus() -> None:
    """No membership, no bonus."""
    assert given(member(member_since=None, birthday=(6, 15)), "2026-06-15") == []


def test_points_back_for_using_a_reward_are_rounded_down() -> None:
    """10 % of 125 points are 12; of 9 none."""
    assert [award.points for award in redeemed(125, NOON, TERMS)] == [12]
    assert redeemed(9, NOON, TERMS) == ()


def test_a_leap_birthday_is_kept_on_the_28th() -> None:
    """29 February where there is one."""
    assert [birthday_in((2, 29), year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]
