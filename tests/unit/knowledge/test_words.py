import pytest

from shopbell.knowledge.words import plain, stem, stems, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème brûlée?", ["creme", "brulee"]),
        ("250g or COVID-19", ["250", "g", "or", "covid", "19"]),
        ("don’t you", ["don't", "you"]),
        ("", []),
    ],
)
def test_cuts_a_text_into_plain_words(text: str, expected: list[str]) -> None:
    """Case, accents and curly apostrophes do not matter; letters and figures stand apart."""
    assert words(text) == expected


def test_stems_join_forms() -> None:
    """Forms of a word have one stem."""
    assert stem("opening") == stem("opens") == "open"
    assert stems("The baker's opening") == ["the", "baker", "open"]
    assert plain("É") == "e"
