"""Plain words."""

from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.plain import plain

TEXT = (
    "You can bring unopened bags back within thirty days, and we give you all of your money back with the "
    "receipt (or the card you paid with); opened bags we cannot take back. We open at 8."
)


def test_long_sentences_become_short_ones() -> None:
    """Sentences get shorter and every number, and every word that carries a fact, stays."""
    done = plain(TEXT)
    longest = max(len(sentence.split()) for sentence in done.split("."))
    assert longest < max(len(sentence.split()) for sentence in TEXT.split("."))
    for word in ("thirty", "unopened", "opened", "receipt", "card", "8"):
        assert word in done.lower()


def test_short_sentences_stay() -> None:
    """What is plain already is not touched."""
    assert plain("We open at 8. Come in!") == "We open at 8. Come in!"


@given(st.text(max_size=200))
def test_it_never_breaks(text: str) -> None:
    """Any text goes through, and digits are never lost."""
    assert [c for c in plain(text) if c.isdigit()].sort() == [c for c in text if c.isdigit()].sort()
