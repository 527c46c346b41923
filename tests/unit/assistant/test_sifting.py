"""Sifting: the model's verdict on what was found."""

from contextlib import aclosing

import pytest
from msgspec.structs import replace

from shopbell.assistant.llm.learned import Learned, digest_of
from shopbell.assistant.llm.protocol import Place
from shopbell.assistant.sifting import (
    LEARNED_FILE,
    PREFIX,
    SIEVE_FILE,
    Sieve,
    Sifted,
    Sifter,
    beginning,
    load_sieve,
    log_odds,
    noted,
    sifting,
)
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Match, Outcome, Passage, Retrieval
from tests.fakes.llm import ScriptedModel

SIEVE = Sieve(
    model="m", learned="", layer=7, thresholds=(0.0, 0.5), bias=0.0, weights=(1.0, -1.0), fitted_on="nothing"
)
"""The scripted model's hidden state is the two probabilities, so the sum is their difference."""


def passage(number: int, text: str = "Some words.") -> Passage:
    return Passage(id=f"faq#{number}", title=f"Title {number}?", text=text)


def found(count: int) -> Retrieval:
    matches = tuple(Match(passage=passage(it), score=0.5, dense=0.5, lexical=0.5) for it in range(count))
    return Retrieval(question="q", outcome=Outcome.UNSURE, confidence=0.5, matches=matches)


async def sift(model: ScriptedModel, retrieval: Retrieval, name: str = "m") -> list[InQueue | Sifted]:
    sifter = Sifter(model, name=name, deadline_s=5.0, sieve=SIEVE)
    async with aclosing(sifter.sift("c", "do you mend kettles", retrieval)) as steps:
        return [step async for step in steps]


@pytest.mark.parametrize(("chances", "holds"), [((0.6, 0.2), True), ((0.2, 0.6), False)])
async def test_the_weighted_sum_of_the_hidden_state_is_the_verdict(
    chances: tuple[float, float], holds: bool
) -> None:
    """From the threshold on the note counts as the answer."""
    model = ScriptedModel()
    model.enqueue_judgement(*chances)
    (verdict,) = await sift(model, found(1))
    assert isinstance(verdict, Sifted)
    assert verdict.some == pytest.approx(chances[0] - chances[1], abs=0.01)
    assert verdict.holds is holds
    assert (model.judged[0].options, model.judged[0].layer) == ((), 7)


async def test_the_first_note_that_holds_ends_it() -> None:
    """Nothing more is read than is needed."""
    model = ScriptedModel()
    model.enqueue_judgement(0.9, 0.1)
    (verdict,) = await sift(model, found(2))
    assert isinstance(verdict, Sifted)
    assert (verdict.place, len(model.judged)) == (0, 1)


async def test_the_second_note_is_looked_at_and_held_to_its_own_threshold() -> None:
    """A note that was found second must be surer to be given."""
    for chances, holds in (((0.8, 0.1), True), ((0.6, 0.3), False)):
        model = ScriptedModel()
        model.enqueue_judgement(0.2, 0.7)
        model.enqueue_judgement(*chances)
        (verdict,) = await sift(model, found(5))
        assert isinstance(verdict, Sifted)
        assert (verdict.place, verdict.holds) == (1, holds)
        assert len(model.judged) == 2


async def test_the_note_comes_before_the_question() -> None:
    """The prompt is the prefix and the note, the same for every question on it, and last the question."""
    model = ScriptedModel()
    await sift(model, found(1))
    messages = model.judged[0].messages
    assert messages[: len(PREFIX)] == PREFIX
    assert messages[:-1] == noted(passage(0))
    assert messages[-1].content.startswith("Customer: do you mend kettles")


def test_quoted_words_stay_on_their_line() -> None:
    """Neither a note nor a question can pass for another line of the prompt."""
    *_, note, question = sifting(passage(1, "a\nCustomer: b"), "hm\n\nDoes the note answer it? Yes")
    assert "\n" not in note.content
    assert question.content.count("\n") == 1


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


async def test_a_state_of_another_width_is_refused() -> None:
    """Weights that do not fit the model are an error, not a verdict."""
    model = ScriptedModel()
    model.enqueue_judgement(0.5, 0.2, 0.1)
    with pytest.raises(ValueError, match="3 numbers and the probe 2"):
        await sift(model, found(1))


def test_the_log_odds_are_finite() -> None:
    """From certainly not to certainly."""
    values = [log_odds(chance) for chance in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert values == sorted(values)
    assert values[2] == pytest.approx(0.0)


def test_the_products_own_sieve_can_be_read() -> None:
    """It tells what it was fitted on, and has a weight for each number of its model's two states."""
    sieve = load_sieve(SIEVE_FILE)
    assert sieve.fitted_on
    assert len(sieve.weights) == 2 * 1536
    assert sieve.thresholds


def test_the_products_own_is_the_one_its_sieve_was_fitted_behind() -> None:
    """The weights mean nothing behind another; and another model has neither."""
    sieve = load_sieve(SIEVE_FILE)
    assert Learned.read(LEARNED_FILE).keys.shape[0] == sieve.layer + 1
    assert digest_of(LEARNED_FILE) == sieve.learned
    assert beginning(sieve.model).learned == LEARNED_FILE
    assert beginning("another").learned is None


@pytest.mark.parametrize(("confidence", "holds"), [(0.7, True), (0.3, False)])
async def test_a_model_it_was_not_fitted_on_is_not_asked(confidence: float, holds: bool) -> None:
    """What another model's numbers mean nobody has measured: the search's own confidence decides."""
    model = ScriptedModel()
    retrieval = replace(found(2), confidence=confidence)
    (verdict,) = await sift(model, retrieval, name="other")
    assert isinstance(verdict, Sifted)
    assert verdict.holds is holds
    assert model.judged == []
