"""Bytes of tokens to pieces of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.llm.pieces import PieceStream


def said(data: list[bytes], stops: tuple[str, ...] = ()) -> tuple[str, float]:
    stream = PieceStream(stops)
    pieces = []
    for part in data:
        pieces.append(stream.feed(part, -1.0))
        if stream.stopped:
            break
    pieces.append(stream.finish())
    shown = [piece for piece in pieces if piece is not None]
    assert all(piece.text for piece in shown)
    return "".join(piece.text for piece in shown), sum(piece.logprob for piece in shown)


def test_half_a_character_waits_for_the_other_half() -> None:
    """A character spread over tokens is shown once, whole, with the logprob of all of them."""
    stream = PieceStream(())
    assert stream.feed("é".encode()[:1], -1.0) is None
    piece = stream.feed("é".encode()[1:], -2.0)
    assert piece is not None
    assert (piece.text, piece.logprob) == ("é", -3.0)


def test_half_a_character_at_the_end_is_dropped() -> None:
    """What never becomes a character is not shown."""
    assert said([b"ab", "é".encode()[:1]])[0] == "ab"


def test_a_stop_text_ends_the_reply_before_it() -> None:
    """Neither the stop text nor what follows is shown, even when it comes in parts."""
    assert said([b"one\n", b"Cus", b"tomer: two"], ("\nCustomer:",))[0] == "one"


def test_a_false_beginning_of_a_stop_text_is_shown() -> None:
    """What only looked like a stop text comes out when it is not one."""
    assert said([b"a", b"<", b"b"], ("<|",))[0] == "a<b"
    assert said([b"a", b"<"], ("<|",))[0] == "a<"


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=4), max_size=3), st.integers(1, 5))
def test_the_cut_never_changes_the_text(text: str, stops: list[str], size: int) -> None:
    """However the bytes fall, the text is what comes before the first stop text."""
    data = text.encode()
    shown, _ = said([data[at : at + size] for at in range(0, len(data), size)], tuple(stops))
    # A stop text that is whole ends the reply at once, though a longer one may have begun before it.
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if not any(stop in text for stop in stops):
        assert shown == text


def test_every_logprob_is_counted_once() -> None:
    """The sum over the pieces is the sum over the tokens shown."""
    assert said([b"a", b"b", b"c"])[1] == pytest.approx(-3.0)
