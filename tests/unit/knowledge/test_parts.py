import pytest

from shopbell.knowledge.parts import asks, parts


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "are you open sunday and do you do gluten free?",
            ("are you open sunday", "do you do gluten free"),
        ),
        ("Do you deliver? What does it cost?", ("Do you deliver", "What does it cost")),
        ("Hi there! Do you sell gift cards?", ()),
        ("do you sell bread and butter?", ()),
        ("what time do you close", ()),
        ("is there parking, can i bring my dog", ("is there parking", "can i bring my dog")),
        ("is the lot free and whats the wash", ("is the lot free", "whats the wash")),
        ("a kite for my nephew, and if he has one?", ("a kite for my nephew", "if he has one")),
        ("", ()),
    ],
)
def test_parts_a_message_into_questions(message: str, expected: tuple[str, ...]) -> None:
    """A message is parted where a second question begins, not at every "and"."""
    assert parts(message) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("bought two by mistake", False),
        ("can one come back", True),
        ("any rye left", True),
        ("price of both", True),
    ],
)
def test_tells_what_is_asked_from_what_is_told(part: str, expected: bool) -> None:
    assert asks(part) is expected
