"""Doubts about a transcript."""

import pytest

from shopbell.voice.doubts import is_noise, loops, spoken_part


@pytest.mark.parametrize(
    "text",
    [
        "the the the the the the",
        "I'm sorry. " * 8,
        "na " * 40,
        "can I have can I have can I have can I have can I have it",
    ],
)
def test_loops_are_told(text: str) -> None:
    """A decoder caught in a loop is known by what it writes."""
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "no no no I said two",
        "0 0 0 0 0 0 7",
        "very very good",
        "do you have the blue one or the red one in the window",
    ],
)
def test_people_may_repeat_themselves(text: str) -> None:
    """Emphasis and rows of digits are no loop."""
    assert not loops(text)


def test_ghosts_count_only_when_somebody_may_have_spoken() -> None:
    """What Whisper writes over silence is dropped, unless it is sure that somebody spoke."""
    assert is_noise("Thank you.", no_speech=0.7, mean_logprob=-0.4)
    assert not is_noise("Thank you.", no_speech=0.05, mean_logprob=-0.4)
    assert is_noise("some words", no_speech=0.8, mean_logprob=-1.2)
    assert is_noise("some words", no_speech=0.0, mean_logprob=-2.0)
    assert not is_noise("some words", no_speech=0.8, mean_logprob=-0.3)


def test_stage_directions_are_no_words() -> None:
    """Music and coughs are left out."""
    assert spoken_part("[Music] (coughs) ♪♪") == ""
    assert spoken_part("(laughs) yes  please") == "yes please"
