"""Questions that the shop knows word for word."""

import pytest

from shopbell.knowledge.passage import Kind, Passage
from shopbell.voice.wordings import is_one, wordings


def passage(title: str, *also_asked: str) -> Passage:
    return Passage(id=title, title=title, text="Yes.", also_asked=also_asked)


KNOWN = wordings(
    [
        passage("Can I bring my dog?", "is my puppy allowed inside", "pets"),
        passage("When are you open?"),
        passage("Is there parking for bicycles", "is there parking"),
        passage("Where can I park?", "where can I park my horse"),
    ]
)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Can I bring my dog?", True),
        ("can I, bring my dog", True),
        ("Is my puppy allowed inside?", True),
        ("Where can I park my horse?", True),
        ("Where can I park?", False),  # she may be going on to speak of the horse
        ("Is there parking", False),
        ("When are you open on Sunday?", False),
        ("Pets?", False),
        ("", False),
    ],
)
def test_a_whole_question_is_known_unless_another_goes_on_from_it(text: str, whole: bool) -> None:
    """Word for word, whatever the punctuation; short ones and beginnings of others do not count."""
    assert is_one(text, KNOWN) == whole


def test_a_name_is_no_question() -> None:
    """Who says what a product or a paragraph is called may only be beginning."""
    named = Passage(id="p", title="Dark roast of the month", text="£9.", kind=Kind.PRODUCT)
    assert not is_one(named.title, wordings([named]))


def test_a_shop_without_questions_knows_none() -> None:
    """Nothing is known, and no empty turn either."""
    assert not is_one("", wordings([]))
