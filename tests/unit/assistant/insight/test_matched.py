"""Customers beside matched others, and who is given offers: counted by hand; silent where too few."""

from datetime import date, timedelta

import pytest

from shopbell.assistant.insight import matched as m
from shopbell.assistant.insight.beside import beside
from shopbell.assistant.insight.fairness import fairness
from shopbell.loyalty.kpis import Visits
from tests.fakes.talks import FIVE, member, part

MONDAY = date(2026, 6, 1)
UNTIL = date(2026, 11, 1)


def bought(*offsets: int, paid: int = 500) -> Visits:
    """Return visits so many days from the Monday of the conversation."""
    return Visits(tuple(MONDAY + timedelta(days=n) for n in offsets), (paid,) * len(offsets))


def test_each_is_paired_with_the_nearest_who_never_talked() -> None:
    """Who bought most alike is taken, once; who came in the week is paired with one who came too."""
    books = {
        "ann": bought(-60, -30, -10, 2),
        "twin": bought(-60, -30, -10, 3),
        "rare": bought(-80, 4),
        "gone": bought(-60, -30, -10),
        "also": bought(-60, -30, -10, 1),
    }
    joined = dict.fromkeys(books, date(2025, 1, 1))
    talks = {"ann": MONDAY + timedelta(days=1), "also": MONDAY + timedelta(days=2)}
    found = m.pairs(talks, talks, books, joined, UNTIL)
    assert [(pair.user, pair.other) for pair in found if pair.gap == (0.0,) * 5] == [("also", "twin")]
    assert len({pair.other for pair in found}) == len(found)
    assert all(pair.other != "gone" for pair in found)
    assert m.pairs(talks, talks, books, joined, MONDAY + timedelta(days=30)) == ()


def test_retained_and_paid_are_counted_after_the_week() -> None:
    """Retained: a visit from day 31 to 60 after the week; paid: all within 60 days of it."""
    assert m.retained(bought(7 + 31), MONDAY)
    assert not m.retained(bought(7 + 30), MONDAY)
    assert not m.retained(bought(7 + 60), MONDAY)
    assert m.paid(bought(3, 7, 40, 7 + 59, 7 + 60), MONDAY) == 1500


def test_an_effect_is_the_mean_difference_within_equal_pairs() -> None:
    """Differences 1, 1, 1, 0 and so on, all at equal features: their mean, and an interval around it."""
    gaps = [1.0, 1.0, 1.0, 0.0] * 5
    found = m.effect(gaps, [(0.0,) * 5] * 20)
    assert found is not None
    assert found.value == pytest.approx(0.75)
    assert found.low == pytest.approx(0.75 - 0.2254, abs=0.01)
    assert m.effect(gaps[:6], [(0.0,) * 5] * 6) is None


def test_the_figure_puts_both_beside_each_other() -> None:
    """Of twelve pairs nine were retained with the assistant, six without: +25 points, and no cause."""
    pairs = [m.Pair(f"u{n}", f"o{n}", MONDAY, (0.0,) * 5) for n in range(12)]
    books = {f"u{n}": bought(40 if n < 9 else 8) for n in range(12)}
    books |= {f"o{n}": bought(40 if n < 6 else 8, paid=300) for n in range(12)}
    found = beside(pairs, books, {}, {}, FIVE)
    assert found.figure.whole.value == pytest.approx(0.25)
    assert found.figure.whole.text == "+25 points"
    assert part(found, "Retained, with the assistant").value == 0.75
    assert part(found, "Retained, without it").value == 0.5
    assert part(found, "Paid in 60 days: difference").text == "+£2.00"
    assert part(found, "Worth ahead: difference").silent == "too few: 0 of 5"
    assert "Not a cause" in found.figure.note


def test_too_few_pairs_say_nothing() -> None:
    """Three pairs are too few."""
    pairs = [m.Pair(f"u{n}", f"o{n}", MONDAY, (0.0,) * 5) for n in range(3)]
    whole = beside(pairs, {}, {}, {}, FIVE).figure.whole
    assert whole.value is None
    assert whole.silent == "too few: 3 of 5"


def test_offers_are_counted_by_group_and_inequality_is_warned_of() -> None:
    """Of forty customers ten were given something, all of one level: the other is named in a warning."""
    members = {f"c{n}": member(f"c{n}", tier="gold" if n < 20 else "") for n in range(40)}
    given = {f"c{n}": ("20 points as goodwill",) for n in range(10)}
    counted, warnings = fairness(members, given, {}, UNTIL, {"gold": "Gold", "": "Base"}, {}, FIVE)
    assert counted.figure.whole.value == 0.25
    assert part(counted, "level Gold").value == 0.5
    assert part(counted, "level Base").value == 0
    assert warnings == (
        "level Base: 0 % were given something, beside 50 % of all others (-50 points, 20 customers).",
    )


def test_what_stands_in_for_age_is_warned_of() -> None:
    """A segment of old customers, among younger ones, is an offer by age."""
    members = {f"c{n}": member(f"c{n}", born=1950 if n < 20 else 1990) for n in range(40)}
    computed = {f"c{n}": ("weekday mornings",) for n in range(20)}
    _, warnings = fairness(members, {"c0": ("x",)}, {}, UNTIL, {}, computed, FIVE)
    (said,) = warnings
    assert (
        "segment weekday mornings stands in for age: 100 % of it are 60 or older, of the others 0 %." in said
    )


def test_three_customers_are_too_few_to_speak_of_fairness() -> None:
    """Neither a figure nor a warning."""
    members = {f"c{n}": member(f"c{n}") for n in range(3)}
    counted, warnings = fairness(members, {"c0": ("x",)}, {}, UNTIL, {}, {}, FIVE)
    assert counted.figure.whole.silent == "too few: 3 of 5"
    assert warnings == ()
