"""The shop's colour is readable, whichever it is."""

from hypothesis import given
from hypothesis import strategies as st

from shopbell.assistant.web import theme

channels = st.integers(0, 255)
colours = st.tuples(channels, channels, channels)


def test_contrast_is_that_of_the_standard() -> None:
    """Known pairs have the ratios that the standard's own formula gives."""
    assert round(theme.contrast(theme.BLACK, theme.WHITE), 2) == 21.0
    assert round(theme.contrast((119, 119, 119), theme.WHITE), 2) == 4.48


@given(colours)
def test_text_on_any_colour_can_be_read(colour: theme.Colour) -> None:
    """Text on a filled ground has at least 4.5 to 1."""
    assert theme.contrast(theme.on(colour), colour) >= 4.5


@given(colours)
def test_any_accent_can_be_read_on_both_grounds(colour: theme.Colour) -> None:
    """Coloured text has at least 4.5 to 1 on the lightest and the darkest ground it stands on."""
    for ground in (theme.PAPER, theme.WHITE, theme.NIGHT):
        assert theme.contrast(theme.readable(colour, ground), ground) >= 4.5


@given(colours)
def test_the_dimmed_ground_carries_white(colour: theme.Colour) -> None:
    """The large ground at night is dark, whatever the accent."""
    assert theme.contrast(theme.WHITE, theme.dimmed(colour)) >= 4.5


def test_a_readable_accent_stays_as_it_is() -> None:
    """The shop's own colour is changed only where it must be."""
    brown = theme.parse("#8a4b1f")
    assert brown is not None
    assert theme.readable(brown, theme.WHITE) == brown
    assert "--accent: #8a4b1f" in theme.stylesheet(brown)


def test_only_six_hexadecimal_digits_are_a_colour() -> None:
    """What is no colour never reaches the style sheet."""
    assert theme.parse("8a4b1f") == (138, 75, 31)
    for text in ("", "#fff", "red", "#8a4b1f;}body{display:none", "#8a4b1g", "８a4b1f"):
        assert theme.parse(text) is None
