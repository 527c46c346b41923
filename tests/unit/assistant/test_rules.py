import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shopbell.assistant.rules import MAX_WORDS, Rules
from shopbell.knowledge.embedding import MiniLM
from shopbell.knowledge.files import gather
from shopbell.knowledge.ingest import read_entries
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes

DEMO = Path(__file__).parents[3] / "examples" / "lantern-street"
WISHES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("wishes.toml").read_text("utf-8"))
"""Phrasings held back from `phrases.toml`; `leave` are questions for the shop."""


@pytest.fixture(scope="module")
def learnt(minilm: MiniLM) -> Rules:
    """Return the rules as the demo shop runs them: with its own questions as what to leave alone."""
    asked = []
    for file in gather(DEMO).files:
        entries = read_entries(file, Notes(file.path)) if file.path.startswith("faq/") else ()
        asked += [entry.title for entry in entries if entry.kind is Kind.FAQ]
    return Rules(minilm.embed, asked)


def recall(rules: Rules, wish: str) -> tuple[float, list[str]]:
    missed = [text for text in WISHES[wish] if rules.intent(text) != wish]
    return 1 - len(missed) / len(WISHES[wish]), missed


def test_the_held_back_phrasings_are_held_back() -> None:
    """None of them is among the phrases the rules were fitted on, and there are enough of them."""
    phrases = Path(__file__).parents[3] / "shopbell" / "assistant" / "phrases.toml"
    fitted = {text.lower() for group in tomllib.loads(phrases.read_text("utf-8")).values() for text in group}
    for wish, least in (("human", 60), ("person", 40), ("leave", 80)):
        held = {text.lower() for text in WISHES[wish]}
        assert len(held) >= least
        assert not held & fitted


def test_words_alone_take_no_question_for_a_wish() -> None:
    """Without a model every question for the shop is left alone."""
    rules = Rules()
    assert [
        (text, wish) for text in (*WISHES["leave"], *WISHES["seen"]) if (wish := rules.intent(text))
    ] == []


@pytest.mark.model
def test_what_carries_a_conversation_on_is_no_wish(learnt: Rules) -> None:
    """To say “go on” must not end in goodbye: what answers a question of ours is left to who asked it."""
    said = (
        "go on",
        "go on then",
        "Yes, please do.",
        "that's right",
        "correct",
        "no, not yet",
        "carry on please",
    )
    assert {text: wish for text in said if (wish := learnt.intent(text))} == {}


@pytest.mark.model
def test_are_you_human_is_known_in_any_wording(learnt: Rules) -> None:
    """At least 95 in 100 ways to ask it are recognised."""
    found, missed = recall(learnt, "human")
    assert found >= 0.95, missed


@pytest.mark.model
def test_the_wish_for_a_person_is_known(learnt: Rules) -> None:
    """At least 90 in 100 ways to ask for a person are recognised."""
    found, missed = recall(learnt, "person")
    assert found >= 0.9, missed


@pytest.mark.model
def test_questions_for_the_shop_are_left_alone(learnt: Rules) -> None:
    """At most 1 in 80 real questions is taken for a wish."""
    taken = [(text, wish) for text in WISHES["leave"] if (wish := learnt.intent(text))]
    assert len(taken) <= len(WISHES["leave"]) / 80, taken


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("are you a robot?", "human"),
        ("IS THIS A CHATBOT", "human"),
        ("can I speak to a human please", "person"),
        ("agent", "person"),
        ("hi there!", "greeting"),
        ("Good morning", "greeting"),
        ("thanks a lot", "thanks"),
        ("ok cheers!", "thanks"),
        ("bye then", "bye"),
        ("that\N{RIGHT SINGLE QUOTATION MARK}s all, thanks", "bye"),
        ("please delete my data", "erase"),
        ("forget everything I told you", "erase"),
        ("", ""),
        ("   ", ""),
        ("?!", ""),
    ],
)
def test_plain_wishes_need_no_model(text: str, wish: str) -> None:
    """The commonest wordings are known by their words."""
    assert Rules().intent(text) == wish


def test_a_long_turn_is_no_greeting() -> None:
    """Beyond some words only human, person and erase count: the rest says more than one thing."""
    tail = " ".join(["please"] * MAX_WORDS)
    assert Rules().intent(f"I want to talk to a person about my order {tail}") == "person"
    assert Rules().intent(f"hello {tail}") == ""


def test_a_customers_long_words_reach_no_model() -> None:
    """Only short turns are compared in meaning."""
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return np.random.default_rng(len(texts)).normal(size=(len(texts), 8)).astype(np.float32)

    rules = Rules(embed)
    asked.clear()
    rules.intent("word " * (MAX_WORDS + 1))
    rules.intent("  ")
    rules.intent("are you a robot?")
    assert asked == []
    rules.intent("do you sell beans")
    assert asked == ["do you sell beans"]


@pytest.mark.model
def test_a_shops_own_questions_teach_what_to_leave(minilm: MiniLM) -> None:
    """A shop that writes about robots keeps its questions, and its customers can still ask for a person."""
    asked = ["are your robots for sale?", "is the robot barista a machine?", "can I talk to a person?"]
    rules = Rules(minilm.embed, asked)
    assert rules.intent("is your robot barista a machine?") == ""
    assert rules.intent("could I please talk to a person") == "person"
