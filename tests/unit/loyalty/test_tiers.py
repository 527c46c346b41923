"""Levels over time, against tables worked out by hand."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.loyalty.programmes import judge
from shopbell.loyalty.standing import Activity, Standing
from shopbell.loyalty.tiers import gathered, reached, reassess, tell
from tests.fakes.programme import NOON, member, sale, terms

CLUB = """
[[version.rule]]
kind = "spend"
id = "spend"
[version.tiers]
by = "points"
window = "12 months"
review = "month"
grace = "3 months"
base = "Spark"
[[version.tiers.tier]]
id = "flame"
name = "Flame"
from = 300
times = 1.25
points = 10
[[version.tiers.tier]]
id = "beacon"
name = "Beacon"
from = 800
times = 1.5
points = 20
reward = "cupping"
[[version.reward]]
id = "cupping"
name = "a cupping"
worth = 8
"""
TERMS = terms(CLUB)
CALENDAR = terms(
    CLUB.replace('window = "12 months"', 'calendar = "year"').replace('grace = "3 months"\n', "")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00+00:00")


def gold(points: int, day: str, tier: str, reviewed: str) -> Standing:
    did = {date.fromisoformat(day): Activity(spent=points * 100, points=points, visits=1)}
    return member(activity=did, tier=tier, reviewed=date.fromisoformat(reviewed), entered=("flame", "beacon"))


def test_up_at_once_and_from_the_next_purchase() -> None:
    """The purchase that reaches a level counts once; the next counts with its multiple."""
    first = judge(sale(30_000), member(), TERMS)
    assert first.standing_after.tier == "flame"
    assert [(one.rule, one.points) for one in first.awards] == [("spend", 300), ("tier:flame", 10)]
    second = judge(sale(1000), first.standing_after, TERMS)
    assert [one.points for one in second.awards] == [12]


def test_a_skipped_level_is_rewarded_too() -> None:
    """From nothing to the highest: both entries are rewarded, and never again."""
    judgement = judge(sale(80_000), member(), TERMS)
    assert [(one.rule, one.unit, one.points) for one in judgement.awards[1:]] == [
        ("tier:flame", "points", 10),
        ("tier:beacon", "points", 20),
        ("tier:beacon", "reward:cupping", 1),
    ]
    fallen = Standing(
        **{**{f: getattr(judgement.standing_after, f) for f in Standing.__struct_fields__}, "tier": ""}
    )
    again = judge(sale(100), fallen, TERMS)
    assert again.standing_after.tier == "beacon"
    assert all(not one.rule.startswith("tier:") for one in again.awards)


@pytest.mark.parametrize(
    ("now", "tier", "grace"),
    [
        ("2027-05-14", "flame", None),
        ("2027-06-01", "flame", "2027-09-01"),  # the review on the 1st looks at 12 months to 31 May
        ("2027-08-31", "flame", "2027-09-01"),
        ("2027-09-01", "", None),
        ("2029-01-01", "", None),
    ],
)
def test_clock_travel_with_grace(now: str, tier: str, grace: str | None) -> None:
    """Earned on 15 May 2026: out of the window at the review of 1 June 2027, lost on 1 September."""
    standing = reassess(gold(300, "2026-05-15", "flame", "2026-05-15"), TERMS, at(now))
    assert standing.tier == tier
    assert standing.grace_until == (date.fromisoformat(grace) if grace else None)


def test_falling_goes_to_the_level_the_window_gives() -> None:
    """From the highest to the middle, when the middle is still earned."""
    standing = gold(800, "2026-01-10", "beacon", "2026-01-10")
    did = {**standing.activity, date(2026, 12, 1): Activity(points=300, spent=30_000, visits=1)}
    standing = member(activity=did, tier="beacon", reviewed=date(2026, 12, 1))
    assert reassess(standing, TERMS, at("2027-02-01")).grace_until == date(2027, 5, 1)
    assert reassess(standing, TERMS, at("2027-05-01")).tier == "flame"


def test_a_purchase_in_the_grace_keeps_the_level() -> None:
    """Enough points in the three months end the grace."""
    standing = reassess(gold(300, "2026-05-15", "flame", "2026-05-15"), TERMS, at("2027-06-01"))
    kept = judge(sale(24_000, at=at("2027-07-10")), standing, TERMS).standing_after
    assert kept.grace_until is None
    assert reassess(kept, TERMS, at("2028-06-30")).tier == "flame"


def test_a_calendar_level_holds_to_the_end_of_the_next_year() -> None:
    """Reached in 2026: kept through 2027, lost on 1 January 2028."""
    standing = gold(300, "2026-12-31", "flame", "2026-12-31")
    assert reassess(standing, CALENDAR, at("2027-12-31")).tier == "flame"
    assert reassess(standing, CALENDAR, at("2028-01-01")).tier == ""


def test_the_year_ends_at_midnight_of_the_shop() -> None:
    """23:30 UTC on 31 December is next year in Berlin."""
    berlin = terms(CLUB.replace('window = "12 months"', 'calendar = "year"'), timezone="Europe/Berlin")
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    standing = judge(sale(20_000), member(), berlin).standing_after
    assert judge(sale(10_000, at=late), standing, berlin).standing_after.tier == ""
    assert judge(sale(10_000, at=at("2026-12-31")), standing, berlin).standing_after.tier == "flame"


@pytest.mark.parametrize(
    ("day", "end", "inside"),
    [
        ("2024-02-29", "2024-02-29", True),
        ("2024-02-29", "2024-02-28", False),
        ("2024-02-29", "2025-02-28", True),
        ("2024-02-29", "2025-03-01", False),
        ("2024-02-28", "2025-02-27", True),
        ("2024-02-28", "2025-02-28", False),
        ("2023-03-01", "2024-02-29", True),
        ("2023-02-28", "2024-02-29", False),
    ],
)
def test_a_window_over_29_february(day: str, end: str, inside: bool) -> None:
    """Twelve months end the day before the same day a year on; 29 February less a year is the 28th."""
    tiers = TERMS.version.tiers
    assert tiers is not None
    activity = {date.fromisoformat(day): Activity(points=5)}
    assert (gathered(tiers, activity, date.fromisoformat(end)) == 5) is inside


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 900)), max_size=12),
    st.lists(st.integers(0, 2500), min_size=1, max_size=12),
)
def test_how_often_levels_are_looked_at_makes_no_difference(
    earned: list[tuple[int, int]], looks: list[int]
) -> None:
    """Reassessing often, late or twice gives the same standing as once."""
    start = date(2024, 1, 1).toordinal()
    activity = {date.fromordinal(start + day): Activity(points=points) for day, points in earned}
    fresh = member(activity=activity, tier="beacon", reviewed=date(2024, 1, 1))
    days = [date.fromordinal(start + look).isoformat() for look in sorted(looks)]
    often = fresh
    for day in days:
        often = reassess(often, TERMS, at(day))
    once = reassess(fresh, TERMS, at(days[-1]))
    assert (often.tier, often.grace_until) == (once.tier, once.grace_until)
    assert reassess(often, TERMS, at(days[-1])) == often


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_more_points_never_give_a_lower_level(one: int, other: int) -> None:
    """The level is monotone in what was gathered."""
    few, many = sorted((one, other))
    order = ["", "flame", "beacon"]
    levels = [
        reached(gold(n, "2026-11-24", "", "2026-11-24"), TERMS, date(2026, 11, 24)) for n in (few, many)
    ]
    assert order.index(levels[0]) <= order.index(levels[1])


def test_the_customer_hears_what_the_next_level_takes() -> None:
    """The distance is in the level's own measure."""
    assert tell(member(), TERMS, NOON.date()) == "Spark: 300 points more to Flame."
    assert (
        tell(gold(800, "2026-11-24", "beacon", "2026-11-24"), TERMS, NOON.date())
        == "Beacon: the highest level."
    )
