"""What a question speaks of and a passage does not."""

import numpy as np
import pytest
from msgspec.structs import replace

from shopbell.knowledge.late import Scores, Words
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.unspoken import LIKE, unspoken

POND = Passage(
    id="pond",
    title="Do you sell pond plants and fish?",
    text="Goldfish from three pounds.",
    also_asked=("how many fish in a tank",),
    topic="Garden centre",
)
PUPPIES = Passage(id="puppies", title="Do you have puppy classes?", text="On Mondays, by our own trainer.")


def reading(question: str, likeness: float = 0.0) -> tuple[Words, Scores]:
    """Return a question word by word, none of them more like the passage's words than `likeness`."""
    texts = tuple(question.lower().split())
    return Words(texts, np.zeros((len(texts), 384), dtype=np.float32)), np.full(len(texts), likeness)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("do you sell pond plants", False),
        ("do you sell pond pumps", True),
        ("hey ive got goldfish already mate", False),
        ("any goldfish in the garden centre", False),
    ],
)
def test_a_word_the_passage_has_not_is_seen(question: str, expected: bool) -> None:
    """Words of wordings, text and topic are held, and words around a question are none of its matter."""
    assert unspoken(question, POND, [reading(question)]) is expected


def test_a_word_alike_or_rewritten_is_not_strange() -> None:
    """Another word for the same is enough, and so is one reading in which nothing is strange."""
    assert not unspoken("any carp", POND, [reading("any carp", LIKE)])
    assert unspoken("any carp", POND, [reading("any carp", LIKE - 0.01)])
    assert not unspoken("goldfihs", POND, [reading("goldfihs"), reading("goldfish")])


@pytest.mark.parametrize(
    ("question", "passage", "expected"),
    [
        ("how many goldfish", POND, False),
        ("how long goldfish", POND, True),
        ("what size fish", POND, True),
        ("whats the fish", POND, True),
        ("what time is fish", POND, False),
        ("who has puppy classes", PUPPIES, True),
        ("who's got puppy classes", PUPPIES, True),
        ("whos got puppy classes", PUPPIES, True),
        ("what puppy classes", replace(PUPPIES, also_asked=("what classes",)), False),
        ("which puppy classes", PUPPIES, True),
        ("puppy classes", PUPPIES, False),
    ],
)
def test_an_answer_to_another_kind_of_question_is_seen(
    question: str, passage: Passage, expected: bool
) -> None:
    """Who, which, how many and the like must stand in one of the passage's own questions."""
    assert unspoken(question, passage, [reading(question, 1.0)]) is expected
