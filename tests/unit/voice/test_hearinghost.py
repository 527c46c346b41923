"""What the hearing process answers about a pause."""

from concurrent.futures import Future

import pytest

from shopbell.voice.hearinghost import considered
from shopbell.voice.requests import Verdict
from shopbell.voice.speech import Transcript

WORDS = Transcript(text="Can I return it?", confidence=0.9, no_speech=0.0, seconds=2.0, closes=0.9)
NONE = Transcript(text="", confidence=0.1, no_speech=0.9, seconds=2.0, closes=0.0)


UNSURE = Transcript(text="Can I burn it?", confidence=0.6, no_speech=0.0, seconds=2.0, closes=0.9)


def once() -> "Future[Transcript | None]":
    """Return the first reading of what is read once only."""
    made: Future[Transcript | None] = Future()
    made.set_result(None)
    return made


def future(words: Transcript | None) -> "Future[Transcript]":
    made: Future[Transcript] = Future()
    if words is not None:
        made.set_result(words)
    return made


def test_words_in_time_need_no_melody() -> None:
    """The turn model is not even asked: it would only take the cores from the words."""

    def melody() -> float:
        raise AssertionError("the melody was asked")

    assert list(considered(once(), future(WORDS), melody, 0.3)) == [WORDS]


def test_when_there_are_no_words_the_melody_decides() -> None:
    """A cough or a mumble is judged by how it sounds."""
    assert list(considered(once(), future(NONE), lambda: 0.7, 0.3)) == [Verdict(0.7), NONE]


def test_while_words_are_late_the_melody_is_heard_first() -> None:
    """Its verdict is there before them, and they still come."""
    first: Future[Transcript | None] = Future()
    late = future(None)
    answers = considered(first, late, lambda: 0.7, 0.0)
    assert next(answers) == Verdict(0.7)
    first.set_result(None)
    late.set_result(WORDS)
    assert list(answers) == [WORDS]


def test_a_first_reading_does_not_wait_for_the_second() -> None:
    """Whether the sentence ends is known by then; the words that count come after it."""
    first: Future[Transcript | None] = Future()
    first.set_result(UNSURE)
    late = future(None)
    answers = considered(first, late, lambda: 0.7, 0.3)
    assert next(answers) == UNSURE
    late.set_result(WORDS)
    assert list(answers) == [WORDS]


def test_what_went_wrong_with_the_words_is_told() -> None:
    """An error of the engine is not taken for silence."""
    broken: Future[Transcript] = Future()
    broken.set_exception(ValueError("half a sample"))
    with pytest.raises(ValueError, match="half"):
        list(considered(once(), broken, lambda: 0.7, 0.3))
