import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.burst import SETTLED_S, UNFINISHED_S, quiet_needed


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello",
        "hey,",
        "do you have",
        "what about the",
        "and",
        "I want",
        "excuse me",
        "decaf",
        "so:",
        "my",
    ],
)
def test_a_beginning_is_waited_for(text: str) -> None:
    """People send a greeting or half a sentence as a message of its own."""
    assert quiet_needed(text) == UNFINISHED_S


@pytest.mark.parametrize(
    "text", ["do you have decaf?", "hi?", "No.", "two loaves please for me", "I love the rye bread", "stop!"]
)
def test_a_whole_sentence_is_answered_at_once(text: str) -> None:
    """A question mark, a full stop or a sentence's length ends the turn."""
    assert quiet_needed(text) == SETTLED_S


@given(st.text())
def test_every_text_has_its_quiet(text: str) -> None:
    """The quiet is one of the two, never zero: zero would mean that nobody spoke."""
    assert quiet_needed(text) in {SETTLED_S, UNFINISHED_S}
    assert quiet_needed(f"  {text}\n") == quiet_needed(text)
