"""How long a reading may grow."""

from shopbell.voice.lengths import CONTEXT, max_length, most_tokens


def test_a_telephone_number_with_hyphens_fits() -> None:
    """`You can call the shop on 0-2-4-6-6-2-9-6-9-4-2.` is 29 tokens in four seconds; half must be more."""
    assert max_length(3, most_tokens(4.0)) // 2 >= 29


def test_the_prompt_leaves_room() -> None:
    """A long prompt takes nothing from what may be written."""
    assert max_length(60, 20) - 60 >= 20


def test_no_more_than_the_model_holds() -> None:
    """A turn of half a minute stays within Whisper's context."""
    assert max_length(4, most_tokens(30.0)) == CONTEXT
