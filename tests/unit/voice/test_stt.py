"""What is made of two readings of one turn."""

import math
import re
from types import SimpleNamespace

from msgspec.structs import replace

from shopbell.voice.audio import Samples
from shopbell.voice.doubts import BEAMS, LOST, UNSURE
from shopbell.voice.drafts import Draft, likelier
from shopbell.voice.speech import Transcript
from shopbell.voice.stt import SHORTEST, WHOLE, Whisper
from tests.fakes.speech import silence

PLAIN = Draft(text="What is in the focaxia?", mean_logprob=-0.2, no_speech=0.02, closes=0.9)


def test_a_likelier_reading_gives_the_words_and_nothing_else() -> None:
    """With the names in mind other words may be likelier; speech and end are told by the plain reading."""
    hinted = Draft(text="What is in the focaccia?", mean_logprob=-0.1, no_speech=0.5, closes=0.2)
    assert likelier(PLAIN, hinted) == replace(PLAIN, text=hinted.text, mean_logprob=-0.1)


def test_a_less_likely_reading_is_dropped() -> None:
    """Names that were not said do not come in because they were given."""
    assert likelier(PLAIN, replace(PLAIN, text="Gayo?", mean_logprob=-0.9)) == PLAIN


class Scripted(Whisper):
    """Ears that read what they are told to, and note in how many frames and beams."""

    def __init__(self, *readings: Draft | list[Draft]) -> None:
        self.asked: list[tuple[int, int]] = []
        self._readings = [[one] if isinstance(one, Draft) else one for one in readings]

    def encode(self, samples: Samples, *, floor: int = SHORTEST) -> int:
        return floor

    def readings(
        self, encoded: int, seconds: float, hints: tuple[str, ...] = (), *, beams: int
    ) -> list[Draft]:
        self.asked.append((encoded, beams))
        return self._readings.pop(0)


def test_an_unsure_reading_is_written_again_in_more_beams() -> None:
    """The same sound is not encoded anew; the end is told by the first reading."""
    greedy = replace(PLAIN, text="has left", mean_logprob=math.log(UNSURE) - 0.01)
    beams = replace(PLAIN, text="has left the conference.", mean_logprob=-0.1, closes=0.0)
    ears, told = Scripted(greedy, beams), list[Transcript]()
    heard = ears.hear(silence(2.0), first=told.append)
    assert [reading.text for reading in told] == [greedy.text]
    assert (heard.text, heard.closes) == (beams.text, greedy.closes)
    assert ears.asked == [(SHORTEST, 1), (SHORTEST, BEAMS)]


def test_a_reading_that_beams_make_no_surer_is_heard_in_the_whole_window() -> None:
    """A short window now and then stops in the middle of a sentence, however many beams there are."""
    short = replace(PLAIN, text="has left", mean_logprob=math.log(LOST) - 0.01)
    whole = replace(PLAIN, text="has left the conference.", mean_logprob=-0.2, closes=0.0)
    ears = Scripted(short, short, whole)
    assert ears.hear(silence(2.0)).text == whole.text
    assert ears.asked == [(SHORTEST, 1), (SHORTEST, BEAMS), (WHOLE, BEAMS)]


def test_a_sure_reading_is_read_once() -> None:
    """Nothing is spent on what is sure."""
    ears, told = Scripted(PLAIN), list[Transcript]()
    assert ears.hear(silence(2.0), first=told.append).text == PLAIN.text
    assert not told
    assert ears.asked == [(SHORTEST, 1)]


def test_a_code_in_doubt_is_read_twice_more_and_what_they_agree_on_counts() -> None:
    """A double digit is heard as three by the short reading, which is sure of it."""
    short = replace(PLAIN, text="Your order is 8884-995.", mean_logprob=-0.14, logprob=-2.0)
    right = replace(PLAIN, text="Your order is 884-995.", mean_logprob=-0.26, closes=0.0, no_speech=0.4)
    ears = Scripted(short, [short, replace(right, logprob=-2.2)], [replace(right, logprob=-1.0)])
    told = list[Transcript]()
    heard = ears.hear(silence(2.0), first=told.append)
    assert [reading.text for reading in told] == [short.text]
    assert (heard.text, heard.closes, heard.no_speech) == (right.text, short.closes, short.no_speech)
    assert ears.asked == [(SHORTEST, 1), (SHORTEST, BEAMS), (WHOLE, BEAMS)]


def test_a_code_heard_for_sure_and_a_price_are_read_once() -> None:
    """Only a doubtful code is worth the time."""
    for text, logprob in (("It is 884-995.", -0.09), ("It costs £2,450 from 9.30.", -0.25)):
        ears = Scripted(replace(PLAIN, text=text, mean_logprob=logprob))
        assert ears.hear(silence(2.0)).text == text
        assert ears.asked == [(SHORTEST, 1)]


def test_among_digits_a_reading_may_be_as_long_as_it_is_told() -> None:
    """The library writes half of what it is allowed: a long number lost its end."""
    asked: list[int] = []

    class Model:
        def generate(self, *_: object, max_length: int, **_options: object) -> list[SimpleNamespace]:
            asked.append(max_length)
            return [SimpleNamespace(sequences_ids=[[5]], scores=[-0.1])]

    ears, digits = Scripted(), re.compile(r"\d")
    ears._start, ears._others = [1, 2], {digits: []}
    ears._model = SimpleNamespace(model=Model())
    ears._tokenizer = SimpleNamespace(decode=lambda _tokens: "5")
    assert ears.among(silence(1.0), digits, beams=5, longest=30) == [("5", -0.1)]
    assert asked == [60]
