"""Reader: judge, gate, answer, check, release."""

from contextlib import aclosing

import pytest
from msgspec.structs import replace

from shopbell.assistant.abstention import Gate
from shopbell.assistant.errors import Overdue
from shopbell.assistant.llm.protocol import Place
from shopbell.assistant.probe import Probe
from shopbell.assistant.prompt import PREFIX
from shopbell.assistant.reader import Abstained, Reader, ReadFinished, Reading, Sentence
from shopbell.assistant.reading import Progress
from shopbell.assistant.settings import Assistant
from shopbell.assistant.turn import InQueue
from shopbell.knowledge.passage import Passage
from tests.fakes.llm import ObedientModel, Reply, ScriptedModel

RETURNS = Passage(
    id="returns#grinder",
    title="Can I return a grinder?",
    text="Equipment can come back within 30 days if it is unused. Bring the receipt. "
    "We refund the full price.",
)
HOURS = Passage(id="hours#sat", title="Saturday hours", text="On Saturday we are open from 08:00 to 17:30.")
GATE = Gate(
    weights={"stated": 1.0},
    bias=0.0,
    threshold=0.5,
    typical_similarity=0.5,
    surest={"stated": 5.0},
    fitted_on="nothing",
)


def reader(model: ScriptedModel, gate: Gate = GATE) -> Reader:
    """Build one that trusts the judgement alone."""
    return Reader(model, None, "Lantern Street", Assistant(), gate=gate)


async def ask(
    model: ScriptedModel,
    question: str = "Can I return a grinder?",
    *passages: Passage,
    gate: Gate = GATE,
) -> list[Progress]:
    """Collect all events of one reading."""
    reading = Reading(question=question, passages=passages or (RETURNS, HOURS), conversation="c")
    async with aclosing(reader(model, gate).answer(reading)) as steps:
        return [step async for step in steps]


def saying(*replies: str | Reply, yes: float = 0.9) -> ScriptedModel:
    """Return a model that judges and then replies."""
    model = ScriptedModel(*replies)
    model.enqueue_judgement(1 - yes)
    return model


async def test_answers_sentence_by_sentence() -> None:
    """Checked sentences come one by one with their sources, then the whole."""
    steps = await ask(saying("Yes, within 30 days if it is unused. Bring the receipt."))
    assert [step.text for step in steps if isinstance(step, Sentence)] == [
        "Yes, within 30 days if it is unused.",
        " Bring the receipt.",
    ]
    last = steps[-1]
    assert isinstance(last, ReadFinished)
    assert last.reply == "Yes, within 30 days if it is unused. Bring the receipt."
    assert last.cited == (RETURNS,)
    assert last.findings.timings.total_s >= last.findings.timings.first_s > 0
    assert any("gate 0.90" in line for line in last.trace)


async def test_the_judgement_decides() -> None:
    """When the passages seem not to state the answer, nothing is generated."""
    model = saying("Yes, within 30 days.", yes=0.3)
    (only,) = await ask(model)
    assert isinstance(only, Abstained)
    assert only.reason == "gate"
    assert model.jobs == []


async def test_a_hopeless_question_costs_no_judgement() -> None:
    """When not even the surest yes would do, the model is not asked."""
    gate = Gate(
        weights={"stated": 0.1, "coverage": 4.0},
        bias=-3.0,
        threshold=0.5,
        typical_similarity=0.5,
        surest={"stated": 5.0},
        fitted_on="nothing",
    )
    model = saying("Yes.")
    (only,) = await ask(model, "do you sell car tyres", gate=gate)
    assert isinstance(only, Abstained)
    assert only.reason == "hopeless"
    assert model.judged == []


async def test_a_probe_of_the_models_state_is_weighed_too() -> None:
    """Where the model's states are known, they are asked for, and what they tell counts beside its words."""
    probe = Probe(model="m", layer=3, bias=0.5, weights=(-1.0,))
    for weight, answered in ((2.0, True), (-2.0, False)):
        gate = replace(GATE, weights={"probed": weight}, surest={"probed": 9.0, "stated": 9.0}, probe=probe)
        if not answered:
            gate = replace(gate, surest={"probed": -9.0})
        model = saying("Yes, within 30 days.", yes=0.9)  # the fake's state is the probability of "not stated"
        last = (await ask(model, gate=gate))[-1]
        assert isinstance(last, ReadFinished if answered else Abstained)
        signals = last.findings.signals
        assert signals is not None
        assert signals.probed == pytest.approx(0.4, abs=0.001)


async def test_the_answer_continues_what_was_judged() -> None:
    """The same conversation and the same beginning, so that the engine reads passages and question once."""
    model = saying("Yes, within 30 days.")
    await ask(model)
    assert model.jobs[0].conversation == model.judged[0].conversation == "c"
    assert model.jobs[0].messages == model.judged[0].messages
    assert model.judged[0].messages[: len(PREFIX)] == PREFIX


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Yes, within 60 days.", "withheld"),
        ("I will refund the full price.", "withheld"),
        ("Write to anna@example.com about equipment.", "withheld"),
        ("Our vegan brownies contain hazelnuts.", "withheld"),
        ("The notes do not state that.", "refusal"),
        ("", "silent"),
    ],
)
async def test_what_no_source_states_is_not_sent(reply: str, reason: str) -> None:
    """A reply whose first sentence fails a check is withheld whole."""
    steps = await ask(saying(reply))
    assert not [step for step in steps if isinstance(step, Sentence)]
    last = steps[-1]
    assert isinstance(last, Abstained)
    assert last.reason == reason


async def test_a_bad_second_sentence_ends_the_reply() -> None:
    """What was checked stays; the sentence that fails and all after it are not said."""
    model = saying("Yes, within 30 days. It costs £45 to post. Bring the receipt.")
    steps = await ask(model)
    last = steps[-1]
    assert isinstance(last, ReadFinished)
    assert last.reply == "Yes, within 30 days."
    assert last.findings.faults[0].code == "quantity"
    assert model.cancelled == ["c"]


async def test_a_bare_yes_waits_for_what_follows() -> None:
    """A yes alone states nothing that can be checked, so it is said with the next sentence."""
    steps = await ask(saying("Yes. Within 30 days if it is unused."))
    assert [step.text for step in steps if isinstance(step, Sentence)] == [
        "Yes. Within 30 days if it is unused."
    ]


async def test_at_most_three_sentences() -> None:
    """A talkative model is stopped."""
    model = saying(" ".join(["Bring the receipt."] * 6))
    steps = await ask(model)
    assert len([step for step in steps if isinstance(step, Sentence)]) == 3


async def test_a_price_is_not_cut_at_its_point() -> None:
    """A sentence is released only when the next has begun, so that "12." is never taken for an end."""
    passage = Passage(id="p", title="Brush", text="The brush costs £12.50 and lasts a year.")
    model = saying(Reply(pieces=("The brush costs £12", ".", "50", " and lasts a year.")))
    steps = await ask(model, "what does the brush cost", passage)
    assert [step.text for step in steps if isinstance(step, Sentence)] == [
        "The brush costs £12.50 and lasts a year."
    ]


async def test_places_in_the_queue_are_passed_on() -> None:
    """A waiting customer sees the place."""
    steps = await ask(saying(Reply(pieces=("Bring the receipt.",), places=(Place(place=2, eta_s=8.0),))))
    assert steps[0] == InQueue(place=2, eta_s=8.0)


async def test_no_passages_no_model() -> None:
    """Without a passage there is nothing to read."""
    reading = Reading(question="?", passages=())
    (only,) = [step async for step in reader(ScriptedModel()).answer(reading)]
    assert isinstance(only, Abstained)
    assert only.reason == "no-passages"


async def test_the_models_errors_reach_the_ladder() -> None:
    """Overdue is for the ladder to mend."""
    model = ScriptedModel()
    model.enqueue_judgement(error=Overdue("late"))
    with pytest.raises(Overdue):
        await ask(model)


async def test_a_model_that_repeats_its_prompt_says_nothing() -> None:
    """Instructions and examples never reach a customer."""
    model = ObedientModel()
    model.enqueue_judgement(0.1)
    steps = await ask(model)
    assert isinstance(steps[-1], Abstained)


async def test_closing_stops_the_model() -> None:
    """A customer who interrupts is not answered to the end."""
    model = saying("Bring the receipt. We refund the full price. Bring the receipt.")
    reading = Reading(question="Can I return it?", passages=(RETURNS,), conversation="c")
    async with aclosing(reader(model).answer(reading)) as steps:
        async for _ in steps:
            break
    assert model.cancelled == ["c"]
