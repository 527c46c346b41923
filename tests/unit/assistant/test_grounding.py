"""Grounding: whether an answer stands in its source."""

import pytest

from shopbell.assistant.checks import Source
from shopbell.assistant.grounding import GROUNDING_FILE, load_grounding, weigh

SOURCE = (
    Source.of(
        "Tasting evenings",
        "Marta Lind leads a tasting on the first Thursday of each month from 18:30 to 20:00. "
        "Dogs may not come in.",
    ),
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who leads the tasting?", "Marta Lind"),
        ("Who leads the tasting?", "Marta Lind leads the tasting."),
        ("When does the tasting begin?", "It begins at 6.30pm."),
        ("Can dogs come in?", "No, dogs may not come in."),
    ],
)
def test_stated_answers_are_grounded(question: str, answer: str) -> None:
    """Long or short, an answer made of the source's words is grounded."""
    assert load_grounding(GROUNDING_FILE).holds(question, answer, SOURCE)


@pytest.mark.parametrize("answer", ["few", "few of us", "The tasting was never moved"])
def test_what_stands_word_for_word_in_a_sentence_is_grounded(answer: str) -> None:
    """Though there is little to judge it by: no telling word, or a no where another sentence has none."""
    source = (Source.of("", "Only a few of us drive. The tasting was never moved, and it is a tasting."),)
    assert load_grounding(GROUNDING_FILE).holds("How many drive to the tasting?", answer, source)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who leads the tasting?", "Anna Reed"),
        ("Who leads the tasting?", "The tasting is led by Anna Reed, an expert from Leeds."),
        ("What does it include?", "Cheese, crackers and sparkling wine"),
    ],
)
def test_made_up_answers_are_not(question: str, answer: str) -> None:
    """New names and words that the source does not hold are not grounded."""
    assert not load_grounding(GROUNDING_FILE).holds(question, answer, SOURCE)


def test_length_is_no_evidence() -> None:
    """Saying the same at greater length changes nothing that is weighed."""
    short = weigh("Who leads the tasting?", "Marta Lind", SOURCE)
    long = weigh("Who leads the tasting?", "Marta Lind leads the tasting.", SOURCE)
    assert short == long
