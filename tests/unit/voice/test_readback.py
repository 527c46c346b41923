"""A spoken yes to money or points."""

import pytest

from shopbell.voice.readback import Question, again, judge, question

ASKED = Question(("200 points",))


@pytest.mark.parametrize(
    ("reply", "amounts"),
    [
        ("That costs 200 points. Shall I spend 200 points?", ("200 points",)),
        ("I can take £5.00 off for 500 points. Do you want that?", ("£5.00", "500 points")),
        ("You have 200 points. We open at 8. Would you like a bag?", None),
        ("You have 200 points.", None),
        ("Shall I get someone?", None),
    ],
)
def test_a_question_about_money_is_known(reply: str, amounts: tuple[str, ...] | None) -> None:
    """Only a question that names an amount where it asks needs a clear yes."""
    found = question(reply)
    assert (found.amounts if found else None) == amounts


@pytest.mark.parametrize(
    ("text", "confidence", "whole", "verdict"),
    [
        ("Yes.", 0.9, True, "take"),
        ("Yes, 200 points.", 0.9, True, "take"),
        ("Yes, 300 points.", 0.9, True, "again"),
        ("Yes.", 0.4, True, "again"),
        ("Yes.", 0.9, False, "again"),
        ("Mm-hmm.", 0.5, True, "again"),
        ("No.", 0.2, False, "take"),
        ("What for?", 0.3, True, "take"),
    ],
)
def test_only_a_clear_yes_goes_on(text: str, confidence: float, whole: bool, verdict: str) -> None:
    """A doubtful, early or differing yes is asked again; anything else spends nothing and goes on."""
    assert judge(ASKED, text, confidence, heard_whole=whole) == verdict


def test_the_amount_is_read_back() -> None:
    """The question that is asked again names the amount."""
    assert again(ASKED).count("200 points") == 2
