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
    ("part", "message", "expected"),
    [
        ("bought two by mistake", "bought two by mistake, can one come back", False),
        ("i'm vegan", "i'm vegan. what can I have", False),
        ("can one come back", "bought two by mistake, can one come back", True),
        ("any rye left", "any rye left. when do you close", True),
        ("price of both", "how big are they? price of both", True),
        ("kids menu", "opening hours. kids menu", True),
        ("a ramp at the back door", "where do I park? a ramp at the back door?", True),
        ("a ramp at the back door", "saw a ramp at the back door. when do you close?", False),
    ],
)
def test_tells_what_is_asked_from_what_is_told(part: str, message: str, expected: bool) -> None:
    """A part asks by a word of asking, by its mark, or where it only names a thing."""
    assert part in message
    assert asks(part, message) is expected
