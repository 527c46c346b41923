"""What callers leave: what it is about, its beginning, and the number that they say."""

import pytest

from shopbell.voice.phone.wishes import MOST_CHARS, said_number, summary


def test_a_message_becomes_a_line_with_what_it_is_about() -> None:
    """The topic comes first, then whole sentences; a long one is cut and says so."""
    assert (
        summary("My grinder is broken. Can you mend it?") == "Repairs: My grinder is broken. Can you mend it?"
    )
    assert summary("Hello there.") == "Hello there."
    long = summary("I wonder whether you could possibly think about it " * 9)
    assert len(long) <= MOST_CHARS
    assert long.endswith("…")
    many = summary("It is about the delivery. " + "And one thing more. " * 20)
    assert many.startswith("Delivery: It is about the delivery. And")
    assert many.endswith("more.")
    assert summary("") == ""


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Ring me on 01632 960 123 after five.", "01632960123"),
        ("It is oh one six three two, nine six oh, double five four, thanks", "01632960554"),
        ("I bought two of the five in room 12", ""),
        ("Please call me back.", ""),
    ],
)
def test_the_number_that_is_said_is_found(message: str, number: str) -> None:
    """In digits or words, also "double five"; a few numbers in passing are none."""
    assert said_number(message) == number
