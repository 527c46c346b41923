"""A growing reply is wrapped as the whole would be."""

from hypothesis import given
from hypothesis import strategies as st

from shopbell.tui.flowing import Flowing
from shopbell.tui.rows import wrap

PIECES = st.lists(
    st.sampled_from(["We ", "open", " at", " half past seven", "\n", "  ", "日本", "-", "x" * 30])
)


@given(PIECES, st.integers(8, 30))
def test_it_wraps_as_the_whole_would_be(pieces: list[str], width: int) -> None:
    """However the words come, the lines are those of the words so far."""
    flowing, text = Flowing(), ""
    for piece in pieces:
        text += piece
        assert flowing.lines("r", text, width) == wrap(text, width)


def test_another_reply_begins_anew() -> None:
    """Nothing of the last reply is left in the next."""
    flowing = Flowing()
    flowing.lines("r1", "We open at half past seven on all days but Monday", 12)
    assert flowing.lines("r2", "No.", 12) == ["No."]
    assert flowing.lines("r2", "Yes.", 12) == ["Yes."]
