"""What a customer may send."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopbell.assistant.errors import BadRequest
from shopbell.assistant.web.words import (
    checked_comment,
    checked_key,
    checked_stars,
    checked_words,
)


@given(st.text(max_size=2_000))
@example("\x1b\xa00")
def test_words_are_kept_but_for_controls(text: str) -> None:
    """Every text comes through, without control characters and outer space, or is refused as empty."""
    try:
        words = checked_words(text)
    except BadRequest:
        assert not text.strip() or all(ord(c) < 160 or c.isspace() for c in text)
        return
    assert words == words.strip()
    assert not any(ord(c) < 32 and c not in "\n\t" for c in words)
    without_edges = text.strip("".join(c for c in text if c.isspace() or unicodedata.category(c) == "Cc"))
    assert [c for c in words if ord(c) >= 160] == [c for c in without_edges if ord(c) >= 160]


def test_emoji_right_to_left_and_joiners_are_kept() -> None:
    """Families of emoji and other scripts arrive as they were sent."""
    text = "שלום 👩‍👩‍👧 \u200fمرحبا e\u0301"
    assert checked_words(text) == text


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x1b", "x" * 2_001])
def test_empty_and_overlong_messages_are_refused(text: str) -> None:
    """Nothing and too much are refused with words for the customer."""
    with pytest.raises(BadRequest):
        checked_words(text)


@pytest.mark.parametrize("key", ["", "k" * 65, "a\nb", "a\n", "\x00", "é"])
def test_keys_are_short_and_printable(key: str) -> None:
    """A key is 1 to 64 visible ASCII characters."""
    with pytest.raises(BadRequest):
        checked_key(key)


def test_stars_are_one_to_five_and_comments_short() -> None:
    """Ratings outside their bounds are refused."""
    assert [checked_stars(n) for n in range(1, 6)] == [1, 2, 3, 4, 5]
    for stars in (0, 6, -1):
        with pytest.raises(BadRequest):
            checked_stars(stars)
    assert checked_comment(" fine\x07 ") == "fine"
    with pytest.raises(BadRequest):
        checked_comment("x" * 1_001)
