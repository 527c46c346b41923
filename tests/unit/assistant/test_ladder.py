import asyncio
from contextlib import aclosing
from datetime import datetime

import pytest

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.conversation import Exchange
from shopbell.assistant.errors import ModelError, Overdue, TooLong, Unavailable
from shopbell.assistant.flows.hours import HoursFlow
from shopbell.assistant.ladder import FAILURES_BEFORE_PERSON, Ladder
from shopbell.assistant.lines import Lines
from shopbell.assistant.llm.protocol import Place
from shopbell.assistant.lookup import Lookup
from shopbell.assistant.reading import Abstained, Findings, Progress, ReadFinished, Sentence
from shopbell.assistant.rules import Rules
from shopbell.assistant.sifting import Sieve, Sifter
from shopbell.assistant.turn import Answer, InQueue, Settled, Step, Turn, Words
from shopbell.knowledge.passage import Kind, Outcome
from tests.fakes.clock import InlineWorker, others, run
from tests.fakes.knowledge import KnownByHeart, passage
from tests.fakes.llm import ScriptedModel
from tests.fakes.reader import ScriptedReader
from tests.fakes.service import NIGHT, NOW
from tests.fakes.shop import SETTINGS

HOURS = OpeningHours(SETTINGS)
LINES = Lines(SETTINGS, HOURS)
RETURNS, STORY = passage("returns"), passage("story", kind=Kind.DOCUMENT)
DECAF, GRINDER = passage("decaf", kind=Kind.PRODUCT), passage("grinder")
YES = Sentence(text="Yes.", cited=(DECAF,))
MORE = Sentence(text=" In bags.", cited=(DECAF,))
DONE = ReadFinished(reply="Yes. In bags.", cited=(DECAF,), findings=Findings())
SIEVE = Sieve(
    model="m", learned="", layer=0, thresholds=(0.0,), bias=0.0, weights=(1.0, -1.0), fitted_on="nothing"
)


class Shop:
    """A ladder over what this shop knows, and what came of it."""

    def __init__(self, *steps: Progress | Exception) -> None:
        self.knowledge = KnownByHeart(
            returns=(Outcome.SURE, 0.95, RETURNS),
            decaf=(Outcome.UNSURE, 0.6, DECAF),
            story=(Outcome.SURE, 0.9, STORY),
            grinder=(Outcome.UNSURE, 0.6, GRINDER),
        )
        self.model = ScriptedModel()
        self.reader = ScriptedReader(*steps)
        self.gaps: list[str] = []
        self.forgotten: list[str] = []
        lookup = Lookup(rules=Rules(), flows=[HoursFlow(HOURS)], knowledge=self.knowledge, lines=LINES)
        self.ladder = Ladder(
            lookup=lookup,
            sifter=Sifter(self.model, name="m", deadline_s=5.0, sieve=SIEVE),
            reader=self.reader,
            lines=LINES,
            worker=InlineWorker(0.25),
            keep_gap=lambda text, _: self.gaps.append(text),
            forget=self.forgotten.append,
        )

    async def steps(self, turn: Turn) -> list[Step]:
        before, taken = len(self.gaps), list[Step]()
        async with aclosing(self.ladder.respond(turn)) as steps:
            async for step in steps:
                assert len(self.gaps) == before or Settled() in taken, "written down before it counted"
                taken.append(step)
        return taken

    def ask(self, text: str, **fields: object) -> list[Step]:
        return run(self.steps(turn(text, **fields)))

    def answer(self, text: str, **fields: object) -> Answer:
        (*_, last) = self.ask(text, **fields)
        assert isinstance(last, Answer)
        return last


def turn(text: str, **fields: object) -> Turn:
    return Turn(**{"conversation": "c", "text": text, "now": NOW, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "rung"),
    [
        ("are you a robot?", "rule"),
        ("are you open on monday?", "flow"),
        ("what about returns?", "faq"),
        ("is there decaf in stock?", "model"),
        ("who invented the wheel?", "person"),
    ],
)
def test_the_lowest_rung_that_can_answers(text: str, rung: str) -> None:
    """Rule, flow, the shop's words, the model, a person: only the one that answers is asked further."""
    shop = Shop(YES, MORE, DONE)
    answer = shop.answer(text)
    assert answer.rung == rung
    assert bool(shop.reader.read_for) == (rung == "model")
    assert bool(shop.knowledge.asked) == (rung in {"faq", "model", "person"})
    assert bool(shop.gaps) == (rung == "person")
    assert answer.search_s == pytest.approx(0.25)
    assert answer.trace


@pytest.mark.parametrize(
    ("text", "now", "said", "wants"),
    [
        ("are you human?", NOW, LINES.human, None),
        ("hello", NOW, LINES.greeting, None),
        ("thanks!", NOW, LINES.thanks, None),
        ("human please", NOW, LINES.person_wanted(NOW), "asked"),
        ("human please", NIGHT, LINES.person_wanted(NIGHT), "asked"),
        ("forget me", NOW, LINES.erase, "erase"),
    ],
)
def test_rules_answer_with_fixed_lines(text: str, now: datetime, said: str, wants: str | None) -> None:
    """The words are code's own, honest about the hour."""
    answer = Shop().answer(text, now=now)
    assert (answer.text, answer.wants_person, answer.ends) == (said, wants, False)


def test_a_goodbye_ends() -> None:
    """The reply to a goodbye says so, and the model may forget."""
    shop = Shop()
    assert shop.answer("bye").ends
    shop.ladder.forget("c")
    assert shop.forgotten == ["c"]


def test_the_shops_own_words_come_whole_and_with_their_source() -> None:
    """A sure FAQ answer is given verbatim."""
    answer = Shop().answer("how do returns work?")
    assert answer.text == "All about returns. (whole)"
    assert [source.id for source in answer.sources] == [RETURNS.id]
    assert (answer.subject, answer.failed) == (RETURNS.id, False)
    assert "About returns?" in answer.why


def test_running_text_is_not_recited() -> None:
    """However sure the search is, a document is read by the model."""
    shop = Shop(YES, MORE, DONE)
    assert shop.answer("what is the story of the shop?").rung == "model"
    assert shop.reader.read_for[0][1] == (STORY,)


def test_the_models_words_stream_and_add_up() -> None:
    """Places and sentences come as they come; the last step holds the same words and their sources."""
    shop = Shop(InQueue(place=1, eta_s=2.0), YES, MORE, DONE)
    steps = shop.ask("is there decaf in stock?")
    assert steps[:3] == [
        InQueue(place=1, eta_s=2.0),
        Words("Yes.", (DECAF.id,)),
        Words(" In bags.", (DECAF.id,)),
    ]
    (last,) = steps[3:]
    assert isinstance(last, Answer)
    assert last.text == "".join(step.text for step in steps if isinstance(step, Words))
    assert [source.id for source in last.sources] == [DECAF.id]
    assert shop.reader.closed == 1


def test_a_follow_up_is_completed_when_that_finds_more() -> None:
    """After a question, "and the decaf?" is searched with it, and the model is given both as one."""
    shop = Shop(YES, MORE, DONE)
    history = (Exchange(question="Do you sell decaf?", answer="Yes.", rung="faq"),)
    shop.answer("and how much is it?", history=history)
    assert shop.knowledge.asked[-2:] == ["and how much is it?", "Do you sell decaf - how much is it?"]
    assert shop.reader.read_for[0][0] == "Do you sell decaf - how much is it?"


def test_a_follow_up_that_stands_alone_stays_alone() -> None:
    """When the words alone find as much, the turn before is left out."""
    shop = Shop(YES, MORE, DONE)
    history = (Exchange(question="who invented the wheel?", answer="?", rung="person", failed=True),)
    shop.answer("and decaf?", history=history)
    assert shop.reader.read_for[0][0] == "and decaf?"


@pytest.mark.parametrize("question", ["who invented the wheel?", "is there decaf in stock?"])
def test_what_is_not_known_is_refused_and_remembered(question: str) -> None:
    """Nothing found, or a model that abstains: the shop's refusal, the offer of a person, a gap kept."""
    shop = Shop(Abstained(reason="gate"))
    answer = shop.answer(question)
    assert (answer.text, answer.rung, answer.failed) == (LINES.refusal, "person", True)
    assert (answer.offer_person, answer.wants_person, answer.notice) == (True, None, "")
    assert not answer.sources
    assert shop.gaps == [question]


def test_the_second_failure_in_a_row_calls_a_person() -> None:
    """Code hands over, with one honest line."""
    answer = Shop().answer("who invented the wheel?", failures=FAILURES_BEFORE_PERSON - 1, now=NIGHT)
    assert (answer.wants_person, answer.offer_person) == ("failed-turns", False)
    assert answer.notice == LINES.person_wanted(NIGHT)


@pytest.mark.parametrize("error", [Unavailable("no engine"), Overdue("late"), TooLong("long")])
def test_without_the_model_the_nearest_words_are_given(error: ModelError) -> None:
    """No engine, or too late: the shop's nearest words, whole, and a person offered; never silence."""
    shop = Shop(InQueue(place=3, eta_s=9.0), error)
    answer = shop.answer("is there decaf in stock?")
    assert answer.text == LINES.closest(DECAF.title, "All about decaf. (whole)")
    assert (answer.rung, answer.offer_person, answer.failed) == ("faq", True, False)
    assert f"model: {error.code}" in answer.trace
    assert shop.gaps == ["is there decaf in stock?"]


def test_an_engine_that_dies_in_mid_reply_keeps_what_was_shown() -> None:
    """Checked words that the customer has seen stay, and a person is offered."""
    shop = Shop(YES, Unavailable("killed"))
    steps = shop.ask("is there decaf in stock?")
    last = steps[-1]
    assert isinstance(last, Answer)
    assert steps[:-1] == [Words("Yes.", (DECAF.id,))]
    assert (last.text, last.rung, last.offer_person) == ("Yes.", "model", True)
    assert shop.gaps == []


def test_every_turn_ends_with_one_answer() -> None:
    """Whatever is asked, exactly one `Answer` comes, last."""
    for text in ("hi", "are you open?", "returns?", "decaf please now", "xyz", "", "returns and decaf?"):
        for steps in ((YES, MORE, DONE), (Abstained(reason="gate"),), (Overdue("late"),)):
            given = Shop(*steps).ask(text)
            assert [isinstance(step, Answer) for step in given] == [False] * (len(given) - 1) + [True]


def test_closing_the_ladder_closes_the_reader() -> None:
    """An interrupted turn stops the model at once and leaves no task."""

    async def scene() -> None:
        shop = Shop(YES, MORE, DONE)
        async with aclosing(shop.ladder.respond(turn("is there decaf in stock?"))) as steps:
            async for step in steps:
                assert step == Words("Yes.", (DECAF.id,))
                break
        await asyncio.sleep(0)
        assert shop.reader.closed == 1
        assert not others()

    run(scene())


def test_what_the_model_finds_answered_is_said_in_the_shops_own_words() -> None:
    """A question the search was unsure of gets the words verbatim once the model has looked it over."""
    shop = Shop()
    shop.model.enqueue_judgement(0.95, 0.05)
    answer = shop.answer("my grinder is broken")
    assert (answer.rung, answer.text, answer.sources[0].id) == (
        "model",
        f"{GRINDER.text} (whole)",
        GRINDER.id,
    )
    assert any(line.startswith("sifted note 1: +") for line in answer.trace)
    assert shop.reader.read_for == []


def test_what_the_model_does_not_find_is_refused() -> None:
    """Then nothing is read or written, the question is kept, and a person is offered."""
    shop = Shop(YES, DONE)
    shop.model.enqueue_judgement(0.1, 0.9)
    answer = shop.answer("do you hire out a grinder")
    assert (answer.rung, answer.text, answer.offer_person) == ("person", LINES.refusal, True)
    assert shop.gaps == ["do you hire out a grinder"]
    assert shop.reader.read_for == []


def test_several_questions_in_one_are_answered_one_by_one() -> None:
    """Each gets the shop's own words, said once where they are the same; the second may lean on the first."""
    shop = Shop()
    answer = shop.answer("can you mend my grinder? and how long does it take?")
    assert (answer.rung, answer.text, answer.offer_person) == ("model", f"{GRINDER.text} (whole)", False)
    assert len(shop.model.judged) == 2
    assert (shop.gaps, shop.reader.read_for) == ([], [])


def test_the_question_that_nothing_is_known_on_is_named() -> None:
    """One half is answered; of the other it is said that nothing is known, and it is kept."""
    shop = Shop()
    answer = shop.answer("can you mend my grinder? do you sell submarines?")
    first, second = answer.text.split("\n\n")
    assert first == f"{GRINDER.text} (whole)"
    assert "“do you sell submarines”" in second
    assert (answer.failed, answer.offer_person, shop.gaps) == (False, True, ["do you sell submarines"])


def test_what_is_only_told_beside_a_question_needs_no_answer() -> None:
    """Nothing is said of it, and it is no gap."""
    shop = Shop()
    answer = shop.answer("my submarine broke down. can you mend my grinder?")
    assert (answer.text, answer.offer_person, shop.gaps) == (f"{GRINDER.text} (whole)", False, [])


def test_several_questions_of_which_one_must_be_read_are_read() -> None:
    """A product has no words of its own to quote: the model reads for all of it."""
    shop = Shop(YES, MORE, DONE)
    answer = shop.answer("can you mend my grinder? is there decaf?")
    assert (answer.rung, answer.text) == ("model", DONE.reply)
    assert len(shop.reader.read_for) == 1


def test_several_questions_without_any_answer_are_refused_once() -> None:
    """Then it is as if one had been asked."""
    shop = Shop()
    for _ in range(2):
        shop.model.enqueue_judgement(0.1, 0.9)
    answer = shop.answer("can you mend my grinder? is there decaf?")
    assert (answer.rung, answer.text) == ("person", LINES.refusal)


def test_a_place_in_the_queue_is_told_before_the_verdict() -> None:
    """Whoever waits for the model sees the place, also while it has read nothing."""
    shop = Shop()
    shop.model.judgement_places = (Place(place=2, eta_s=3.0),)
    first, last = shop.ask("my grinder is broken")
    assert (first, isinstance(last, Answer)) == (InQueue(place=2, eta_s=3.0), True)


def test_a_model_that_is_gone_leaves_the_nearest_words() -> None:
    """Also when it is gone before its verdict."""
    shop = Shop()
    shop.model.enqueue_judgement(error=Unavailable("gone"))
    answer = shop.answer("my grinder is broken")
    assert (answer.rung, answer.offer_person) == ("faq", True)
    assert GRINDER.text in answer.text


def test_it_leans_on_what_a_person_said_not_on_the_question_before() -> None:
    """After staff spoke, "it" is what they spoke of: the question before them is not read again."""
    before = Exchange(question="can you mend my grinder?", answer="Yes.", rung="model")
    said = Exchange(question="", answer="I kept a bag under the name Rosa.", rung="staff")
    shop = Shop(YES, MORE, DONE)
    shop.answer("under what name is it kept?", history=(before, said))
    ((question, passages),) = shop.reader.read_for
    assert question == "under what name is it kept?"
    assert passages[0].text == "I kept a bag under the name Rosa."
