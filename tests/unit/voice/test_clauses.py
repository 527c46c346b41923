"""Where a reply may be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.clauses import LONGEST, Clauses, clauses


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Yes. We open at 9.30 today.", ["Yes.", "We open at 9.30 today."]),
        (
            "It costs £3.50, which is the price for members.",
            ["It costs £3.50,", "which is the price for members."],
        ),
        ("Yes, we do.", ["Yes, we do."]),
        ("Ask for Mr. Lee, at the till.", ["Ask for Mr. Lee,", "at the till."]),
        ("We close at 5 p.m. Tomorrow we open at 8.", ["We close at 5 p.m.", "Tomorrow we open at 8."]),
        ("From 9 a.m. Monday on.", ["From 9 a.m. Monday on."]),
        ("Bring e.g. the receipt. Thanks!", ["Bring e.g. the receipt.", "Thanks!"]),
        ("1. Open it.\n2. Clean it.", ["1. Open it.", "2. Clean it."]),
        ("Really?! Yes… of course.", ["Really?!", "Yes…", "of course."]),
        ("", []),
        ("...", []),
    ],
)
def test_pieces_end_where_a_person_would_breathe(text: str, pieces: list[str]) -> None:
    """Prices, times and abbreviations are never cut; the first piece may end at a comma."""
    assert clauses(text) == pieces


def test_only_the_first_piece_ends_within_a_sentence() -> None:
    """After the first piece whole sentences follow, for they sound better."""
    text = "We have three of them left, and more come on Friday, I think. Shall I keep one, just in case?"
    assert clauses(text) == [
        "We have three of them left,",
        "and more come on Friday, I think.",
        "Shall I keep one, just in case?",
    ]


def test_a_full_stop_waits_for_what_follows() -> None:
    """While a reply grows, "£3." may become "£3.50"."""
    growing = Clauses()
    assert growing.feed("The price is £3.") == []
    assert growing.feed("50. Anything else?") == ["The price is £3.50."]
    assert growing.flush() == ["Anything else?"]


@given(st.lists(st.text(alphabet="ab .,;:!?£3\n", max_size=30), max_size=20))
def test_no_word_is_lost_however_the_reply_grows(deltas: list[str]) -> None:
    """Pieces hold every letter and digit in order, and are the same however the text arrives."""
    growing = Clauses()
    pieces = [piece for delta in deltas for piece in growing.feed(delta)] + growing.flush()
    kept = "".join(sign for sign in "".join(deltas) if sign.isalnum())
    assert "".join(sign for piece in pieces for sign in piece if sign.isalnum()) == kept


def test_a_reply_without_any_stop_is_cut_at_a_space() -> None:
    """The first piece never grows past its bound."""
    first = Clauses().feed("word " * 60)[0]
    assert len(first) <= LONGEST
