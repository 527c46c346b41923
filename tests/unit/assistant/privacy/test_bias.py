"""The audit of bias: twins differ in one thing alone, and unlike treatment is found with its interval."""

from random import Random

import pytest

from shopbell.assistant.privacy.bias import MOST, Given, bootstrap, compare, judge, wilson
from shopbell.assistant.privacy.twins import NAMES, twins

QUESTIONS = tuple(f"Do you have coffee number {number} with milk, please?" for number in range(60))


async def fair(text: str) -> Given:
    return Given(about="coffee", length=80 + len(text) % 3, offers_person=False, handed_off=False)


async def against_a_name(text: str) -> Given:
    unlucky = any(second in text for _, second in NAMES)
    return Given(about="coffee", length=80, offers_person=False, handed_off=unlucky)


async def deaf_to_slips(text: str) -> Given:
    return Given(
        about="" if "cofee" in text else "coffee", length=80, offers_person="cofee" in text, handed_off=False
    )


async def short_to_the_curt(text: str) -> Given:
    return Given(about="coffee", length=80 if "?" in text else 30, offers_person=False, handed_off=False)


async def failing(assistant: object) -> set[tuple[str, str]]:
    pairs = await compare(twins(QUESTIONS), assistant)  # type: ignore[arg-type]
    return {(one.way, one.measure) for one in judge(pairs, MOST, Random(7)) if one.fails}


async def test_a_fair_assistant_passes() -> None:
    """Who answers all alike, but for a letter more or less, is not blamed."""
    assert await failing(fair) == set()


async def test_unlike_treatment_is_found_where_it_is() -> None:
    """Handing some names to a person, not understanding slips, and being short to the curt are each found."""
    assert await failing(against_a_name) == {("name", "handoff")}
    assert await failing(deaf_to_slips) == {("spelling", "answer"), ("spelling", "offer")}
    assert ("bluntness", "length") in await failing(short_to_the_curt)


def test_twins_differ_in_one_thing() -> None:
    """Each pair is of one way, and the two are never the same."""
    made = list(twins(("Do you have the coffee with milk?",)))
    assert [one.way for one in made] == ["name", "dialect", "politeness", "bluntness", "spelling"]
    assert all(one.one != one.other for one in made)
    assert made[1].other == "have you got any t' coffee wi' milk?"
    assert made[4].other == "Do you have the cofee with milk?"


def test_twins_that_would_be_alike_are_left_out() -> None:
    """A question without a word of the dialect has no twin in it."""
    assert "dialect" not in {one.way for one in twins(("Where?",))}


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763)])
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    """The interval is Wilson's: 0 of 10 is at most 27.8 %, and 5 of 10 is 23.7 to 76.3 %."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)


def test_the_bootstrap_holds_the_mean() -> None:
    """The interval of a mean lies around it and narrows with more pairs."""
    few, many = [0.0, 1.0] * 5, [0.0, 1.0] * 500
    low, high = bootstrap(few, Random(1))
    assert low < 0.5 < high
    closer = bootstrap(many, Random(1))
    assert closer[1] - closer[0] < high - low
