from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.whisper import LEAST, RUN, repeats

WORDS = ["cake", "refill", "offer", "her", "the", "a", "Monday", "free", "loaf", "please"]
hints = st.lists(st.sampled_from(WORDS), min_size=RUN, max_size=12)


def test_the_hints_own_words_are_refused() -> None:
    """Four words in a row, or the whole of a shorter hint, count as repeating it, whatever stands around."""
    hint = ["Offer her a free refill, she waited long."]
    assert repeats("Sure! I can offer her a free refill today.", hint)
    assert repeats("OFFER HER... A FREE refill", hint)
    assert repeats("Of course: free refill!", ["free refill"])


def test_acting_on_a_hint_is_allowed() -> None:
    """The same wish in other words passes, and so does what has nothing to do with it."""
    hint = ["Offer her a free refill, she waited long."]
    assert not repeats("Would you like another cup on the house?", hint)
    assert not repeats("You waited long, sorry.", hint)
    assert not repeats("refill", ["refill"])
    assert not repeats("Anything at all.", [])


@given(hints, st.lists(st.sampled_from(WORDS), max_size=6), st.lists(st.sampled_from(WORDS), max_size=6))
def test_a_hint_said_whole_is_always_found(hint: list[str], before: list[str], after: list[str]) -> None:
    """Wherever a reply quotes a hint, the check sees it."""
    if {word.lower() for word in hint} <= {"her", "the", "a", "please"}:
        return
    assert len(hint) >= LEAST
    assert repeats(" ".join([*before, *hint, *after]), [" ".join(hint)])
