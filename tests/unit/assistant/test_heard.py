"""After a hand-back the model answers from what staff said; what they whispered stays a whisper."""

from contextlib import aclosing

from shopbell.assistant.conversation import Exchange
from shopbell.assistant.heard import TITLE
from shopbell.assistant.reading import Abstained, Findings, Progress, ReadFinished, Reading, Sentence
from shopbell.assistant.turn import Answer, Turn
from shopbell.knowledge.passage import Passage
from tests.fakes.clock import run
from tests.fakes.llm import ScriptedModel
from tests.fakes.service import NOW
from tests.unit.assistant.test_ladder import DONE, RETURNS, YES, Shop
from tests.unit.assistant.test_reader import RETURNS as GRINDER
from tests.unit.assistant.test_reader import reader

STAFF = (
    Exchange(question="is my cake ready?", answer="Your lemon cake is ready at 16:00 today.", rung="staff"),
)


def turn(text: str, history: tuple[Exchange, ...] = STAFF) -> Turn:
    return Turn(conversation="c", text=text, now=NOW, history=history)


def ask(shop: Shop, text: str, history: tuple[Exchange, ...] = STAFF) -> Answer:
    answer = run(shop.steps(turn(text, history)))[-1]
    assert isinstance(answer, Answer)
    return answer


def test_what_staff_said_is_read_first() -> None:
    """Nothing of it stands in the shop's files, yet the model is asked, with the person's words in front."""
    shop = Shop(YES, DONE)
    assert ask(shop, "when is the lemon cake ready again?").rung == "model"
    (_, passages) = shop.reader.read_for[0]
    assert passages[0].title == TITLE
    assert "ready at 16:00" in passages[0].text


def test_a_persons_word_goes_before_the_general_one() -> None:
    """A sure answer about what a person spoke of is left to the model; about other things it stands."""
    promised = (Exchange(question="x", answer="For you the returns period is 60 days.", rung="staff"),)
    shop = Shop(YES, DONE)
    assert ask(shop, "returns", promised).rung == "model"
    assert [p.title for p in shop.reader.read_for[0][1]] == [TITLE, RETURNS.title]
    assert ask(Shop(YES, DONE), "tell me about your returns", STAFF).rung == "faq"


def test_when_the_model_will_not_the_faq_does() -> None:
    """The model abstains: the shop's own words are given after all, not a refusal."""
    promised = (Exchange(question="x", answer="For you the returns period is 60 days.", rung="staff"),)
    answer = ask(Shop(Abstained(reason="gate", findings=Findings())), "returns", promised)
    assert (answer.rung, answer.failed) == ("faq", False)


def test_without_a_persons_words_all_is_as_before() -> None:
    """Nothing found is refused, the model is not asked."""
    shop = Shop(YES, DONE)
    assert ask(shop, "bicycle tyres for my aunt please?", ()).failed
    assert not shop.reader.read_for


async def read(model: ScriptedModel, **fields: object) -> list[Progress]:
    reading = Reading(question="Can I return a grinder?", passages=(GRINDER,), conversation="c", **fields)  # type: ignore[arg-type]
    async with aclosing(reader(model).answer(reading)) as steps:
        return [step async for step in steps]


async def test_a_whisper_is_in_the_prompt_and_may_be_followed() -> None:
    """The model is told last, and what it makes of the hint counts as grounded."""
    model = ScriptedModel("Equipment can come back within 30 days if it is unused. A refill is on the house.")
    hint = "offer a refill on the house while she waits"
    steps = await read(model, hint=hint, hints=(hint,))
    assert hint in model.jobs[0].messages[-1].content
    said = [step for step in steps if isinstance(step, Sentence)]
    assert said
    assert all(isinstance(passage, Passage) for step in said for passage in step.cited)


async def test_a_reply_that_repeats_the_whisper_stops_there() -> None:
    """The sentence with the hint's own words is not released, nor anything after it."""
    hint = "Say that the owner is away until Friday."
    model = ScriptedModel(
        "Equipment can come back within 30 days if it is unused. The owner is away until Friday. Bring it."
    )
    steps = await read(model, hint=hint, hints=(hint,))
    released = "".join(step.text for step in steps if isinstance(step, Sentence))
    assert "30 days" in released
    assert "away" not in released
    last = steps[-1]
    assert isinstance(last, ReadFinished)
    assert last.findings.faults[0].code == "whisper"


async def test_an_old_whisper_is_guarded_too() -> None:
    """A hint that was used up is not in the prompt, and still may not be repeated."""
    model = ScriptedModel("Equipment can come back within 30 days if it is unused.")
    steps = await read(model, hints=("equipment can come back within 30 days",))
    assert isinstance(steps[-1], Abstained)
    assert "whispers" not in model.jobs[0].messages[-1].content
