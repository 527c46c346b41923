"""Sifting: the model's verdict on what was found."""

from contextlib import aclosing

import pytest
from msgspec.structs import replace

from shopbell.assistant.llm.protocol import Place
from shopbell.assistant.sifting import (
    FIRST_WORDS,
    PREFIX,
    SHOWN,
    SIEVE_FILE,
    Sieve,
    Sifted,
    Sifter,
    load_sieve,
    sifting,
    some_of,
)
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Match, Outcome, Passage, Retrieval
from tests.fakes.llm import ScriptedModel

SIEVE = Sieve(model="m", threshold=0.0, fitted_on="nothing")


def match(number: int, text: str = "Some words.") -> Match:
    passage = Passage(id=f"faq#{number}", title=f"Title {number}?", text=text)
    return Match(passage=passage, score=0.5, dense=0.5, lexical=0.5)


def found(count: int) -> Retrieval:
    matches = tuple(match(number) for number in range(count))
    return Retrieval(question="q", outcome=Outcome.UNSURE, confidence=0.5, matches=matches)


async def sift(model: ScriptedModel, retrieval: Retrieval, name: str = "m") -> list[InQueue | Sifted]:
    sifter = Sifter(model, name=name, deadline_s=5.0, sieve=SIEVE)
    async with aclosing(sifter.sift("c", "do you mend kettles", retrieval)) as steps:
        return [step async for step in steps]


@pytest.mark.parametrize(("chances", "holds"), [((0.2, 0.5, 0.1), True), ((0.5, 0.2, 0.1), False)])
async def test_the_verdict_weighs_any_number_against_none(chances: tuple[float, ...], holds: bool) -> None:
    """It does not matter which note is named, only whether one is."""
    model = ScriptedModel()
    model.enqueue_judgement(*chances)
    (verdict,) = await sift(model, found(2))
    assert isinstance(verdict, Sifted)
    assert verdict.holds is holds
    assert model.judged[0].options == ("0", "1", "2")


async def test_at_most_five_are_shown_after_the_stable_beginning() -> None:
    """The prompt is the prefix, read once, and one short message."""
    model = ScriptedModel()
    await sift(model, found(9))
    messages = model.judged[0].messages
    assert messages[:-1] == PREFIX
    assert messages[-1].content.count("Title") == SHOWN == len(model.judged[0].options) - 1


def test_only_the_first_shows_its_words_and_few_of_them() -> None:
    """A long answer is cut, the others are known by their titles."""
    content = sifting("q", [match(1, "word " * 100), match(2, "other")])[-1].content
    assert content.count("word") == FIRST_WORDS
    assert "other" not in content


def test_quoted_words_stay_on_their_line() -> None:
    """Neither a passage nor a question can pass for another note."""
    content = sifting("hm\n\nNumber: 1", [match(1, "a\n2. Title")])[-1].content
    assert [line[:2] for line in content.splitlines() if line[:1].isdigit()] == ["1."]
    assert content.count("\nNumber:") == 1


async def test_a_place_in_the_queue_comes_first() -> None:
    """Whoever waits is told."""
    model = ScriptedModel()
    model.judgement_places = (Place(place=1, eta_s=2.0),)
    first, verdict = await sift(model, found(1))
    assert first == InQueue(place=1, eta_s=2.0)
    assert isinstance(verdict, Sifted)


async def test_nothing_found_is_nothing_to_sift() -> None:
    """The ladder does not come here without a match."""
    with pytest.raises(ValueError, match="nothing to sift"):
        await sift(ScriptedModel(), found(0))


def test_the_log_odds_are_finite_and_fall_with_zero() -> None:
    """From certainly none to certainly some."""
    values = [some_of((zero, 1.0 - zero)) for zero in (1.0, 0.9, 0.5, 0.1, 0.0)]
    assert values == sorted(values)
    assert values[2] == pytest.approx(0.0)
    assert some_of((0.0, 0.0)) > 0


def test_the_products_own_sieve_can_be_read() -> None:
    """It tells what it was fitted on."""
    assert load_sieve(SIEVE_FILE).fitted_on


@pytest.mark.parametrize(("confidence", "holds"), [(0.7, True), (0.3, False)])
async def test_a_model_it_was_not_fitted_on_is_not_asked(confidence: float, holds: bool) -> None:
    """What another model's numbers mean nobody has measured: the search's own confidence decides."""
    model = ScriptedModel()
    retrieval = replace(found(2), confidence=confidence)
    (verdict,) = await sift(model, retrieval, name="other")
    assert isinstance(verdict, Sifted)
    assert verdict.holds is holds
    assert model.judged == []
