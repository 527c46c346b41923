"""Number words, pronounced so that no other number is heard."""

import pytest

from shopbell.voice.articulated import articulated, parted
from shopbell.voice.tts import articulating


@pytest.mark.parametrize(
    ("sounds", "clear"),
    [
        ("ˈeɪtiːn ɔːɹ ˈoʊvɚ.", "ˈeɪtˈiːn ɔːɹ ˈoʊvɚ."),
        ("ðə fˈɔːɹtiːnθ", "ðə fˈɔːɹtˈiːnθ"),
        ("θˈɜːtiːn, fˈɪftiːn, sˈɪkstiːn", "θˈɜːtˈiːn, fˈɪftˈiːn, sˈɪkstˈiːn"),
        ("sˈɛvəntiːn ænd nˈaɪntiːn", "sˈɛvəntˈiːn ænd nˈaɪntˈiːn"),
        ("sˈɛvənti mˈɪnɪts", "sˈɛvənɾi mˈɪnɪts"),
        ("nˈaɪnti", "nˈaɪnɾi"),
        ("tˈiːnz ænd kæntˈiːn", "tˈiːnz ænd kæntˈiːn"),
        ("θˈɜːɾi fˈɪfti sˈɪksti", "θˈɜːɾi fˈɪfti sˈɪksti"),
    ],
)
def test_a_teen_has_its_end_stressed_and_seventy_its_t_softened(sounds: str, clear: str) -> None:
    """Seventeen is not taken for seventy; other words stay as they are."""
    assert "".join(articulated(list(sounds))) == clear


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ninety-five pounds", "ninety five pounds"),
        ("the twenty-first of May", "the twenty first of May"),
        ("two-thirds, half-hours and a forty-inch pot", "two-thirds, half-hours and a forty inch pot"),
    ],
)
def test_tens_and_ones_are_two_words(words: str, said: str) -> None:
    """No other hyphen is lost."""
    assert parted(words) == said


class Spelling:
    """A voice whose sounds are the letters it is given, but for one word."""

    def phonemize(self, text: str) -> list[list[str]]:
        """Return one sentence."""
        return [list(text.replace("eighteen", "ˈeɪtiːn"))]


def test_the_voice_pronounces_so() -> None:
    """Both stand before the voice."""
    assert "".join(articulating(Spelling()).phonemize("eighteen, forty-two")[0]) == "ˈeɪtˈiːn, forty two"
