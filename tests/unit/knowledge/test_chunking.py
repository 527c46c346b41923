import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.knowledge.chunking import MAX_LETTERS, rough_count, split

words = st.lists(st.sampled_from(["tea", "bread.", "Milk!", "a", "x" * 90, "\n", "\n\n", "é?"]), max_size=80)


@given(words, st.integers(min_value=3, max_value=30))
def test_pieces_are_short_and_lose_nothing(parts: list[str], limit: int) -> None:
    """Every piece fits the limit and all letters come out in order."""
    text = " ".join(parts)
    pieces = split(text, rough_count, limit)
    assert all(rough_count(piece) <= limit and piece.strip() == piece for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_short_text_stays_whole() -> None:
    """A text within the limit is one piece, line breaks and all."""
    assert split("One.\n\n- two\n- three", rough_count, 20) == ("One.\n\n- two\n- three",)


def test_cuts_stand_between_sentences() -> None:
    """A long paragraph is cut after a full stop, not at a decimal point."""
    text = "It costs 3.50 pounds. We open at 9.30 today. You may also come by bus."
    assert split(text, rough_count, 12) == (
        "It costs 3.50 pounds.",
        "We open at 9.30 today.",
        "You may also come by bus.",
    )


def test_cuts_stand_between_paragraphs_where_they_can() -> None:
    """Paragraphs that fit are kept whole, and joined while there is room."""
    text = "one two three\n\nfour five six\n\nseven eight nine"
    assert split(text, rough_count, 6) == ("one two three\n\nfour five six", "seven eight nine")


def test_list_lines_are_not_torn() -> None:
    """A long list is cut between its items."""
    text = "- one two three\n- four five six\n- seven eight nine"
    assert split(text, rough_count, 8) == ("- one two three\n- four five six", "- seven eight nine")


def test_quotes_stay_with_their_sentence() -> None:
    """A closing quotation mark is not lost at the cut."""
    assert split('He said "yes." Then he left.', rough_count, 7) == ('He said "yes."', "Then he left.")


@pytest.mark.parametrize("text", ["x" * 5_000, "word " * 2_000])
def test_endless_words_and_sentences_are_cut(text: str) -> None:
    """A tokenizer that takes anything for one token cannot make a piece endless."""
    pieces = split(text, lambda _text: 1, 120)
    assert max(map(len, pieces)) <= MAX_LETTERS
    assert sum(len(piece.replace(" ", "")) for piece in pieces) == len(text.replace(" ", ""))


def test_nothing_is_no_piece() -> None:
    """Blank text gives no pieces."""
    assert split(" \n\n ", rough_count) == ()
