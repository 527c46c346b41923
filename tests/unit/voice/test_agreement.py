"""A code read several times."""

from shopbell.voice.agreement import agreed
from shopbell.voice.drafts import Draft


def read(*readings: tuple[str, float]) -> list[Draft]:
    return [
        Draft(text=text, logprob=logprob, mean_logprob=logprob / 10, no_speech=0.0, closes=0.0)
        for text, logprob in readings
    ]


def test_ways_to_write_one_number_count_together() -> None:
    """The likeliest text need not have the likeliest digits."""
    window = read(("029-2788-85125", -1.2), ("02927 885125.", -1.5), ("02927-885-125", -1.4))
    assert agreed([window]).text == "02927-885-125"


def test_a_number_must_be_likely_in_every_window() -> None:
    """What one window alone brings up falls behind what both have."""
    short = read(("It is 5866-779.", -1.0), ("It is 586-679.", -1.4))
    assert agreed([short, read(("It is 586-679", -0.8))]).text == "It is 586-679"


def test_digits_in_words_are_digits() -> None:
    """Some readings are written out."""
    short = read(("nine three one", -2.0), ("9931", -1.8))
    assert agreed([short, read(("931", -2.1))]).text == "nine three one"


def test_without_digits_the_first_reading_is_kept() -> None:
    """There is nothing to agree on."""
    assert agreed([read(("Hello.", -1.0)), read(("Hallo.", -2.0))]).text == "Hello."
