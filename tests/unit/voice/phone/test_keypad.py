"""Keys: menu, number and PIN, message, rating; and that nothing keyed in shows anywhere."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.phone import keypad as k

MENU = {"0": "person", "1": "When are you open?", "2": "points"}


def pressed(pad: k.Keypad, keys: str, at: float = 0.0) -> list[k.Deed | None]:
    return [pad.press(key, at) for key in keys]


def test_a_key_of_the_menu_does_what_the_shop_says() -> None:
    """Each key of the menu gives what the settings put there; others give nothing."""
    pad = k.Keypad(MENU)
    assert pressed(pad, "017#") == [k.Wanted("person"), k.Wanted("When are you open?"), None, None]


def test_star_begins_a_sign_in() -> None:
    """Star, number, hash, PIN, hash make one sign-in."""
    pad = k.Keypad(MENU)
    deeds = [deed for deed in pressed(pad, "*01632960123#1357#") if deed is not None]
    assert deeds == [k.NumberAsked(), k.PinAsked(), k.SignIn("01632960123", "1357")]
    assert pad.mode == "menu"


def test_digits_of_a_number_are_no_menu() -> None:
    """While a number is keyed in, zero calls nobody."""
    pad = k.Keypad(MENU)
    assert pressed(pad, "*0")[-1] is None


@pytest.mark.parametrize(
    ("keys", "last"), [("*12#", k.NumberAsked(again=True)), ("*1234#12#", k.PinAsked(again=True))]
)
def test_what_is_too_short_is_asked_again(keys: str, last: k.Deed) -> None:
    """A number of two digits, or a PIN of two, is asked for once more."""
    assert pressed(k.Keypad(MENU), keys)[-1] == last


def test_star_in_between_begins_anew() -> None:
    """Whoever mistyped presses star and starts with the number again."""
    pad = k.Keypad(MENU)
    deeds = [deed for deed in pressed(pad, "*999*1234#1357#") if deed is not None]
    assert deeds[-1] == k.SignIn("1234", "1357")


def test_quiet_keys_complete_a_number() -> None:
    """Without a hash the number counts six seconds after its last key."""
    pad = k.Keypad(MENU)
    pressed(pad, "*01632960123", at=10.0)
    assert pad.due(10.0 + k.QUIET_S - 0.1) is None
    assert pad.due(10.0 + k.QUIET_S) == k.PinAsked()


def test_nothing_keyed_in_is_given_up() -> None:
    """Whoever presses star by mistake is back in the menu six seconds after the question."""
    pad = k.Keypad(MENU)
    pad.press("*", 0.0)
    pad.heard(4.0)
    assert pad.due(k.QUIET_S) is None
    assert pad.due(4.0 + k.QUIET_S) == k.GivenUp()
    assert pad.mode == "menu"


def test_a_message_ends_with_hash() -> None:
    """During a message only the hash means something."""
    pad = k.Keypad(MENU)
    pad.mode = "message"
    assert pressed(pad, "01*#") == [None, None, None, k.MessageDone()]


def test_a_rating_is_one_to_five() -> None:
    """Of all keys only one to five are a rating."""
    pad = k.Keypad(MENU)
    pad.mode = "rating"
    rated = [key for key in string.digits + "*#" if pad.press(key, 0.0) is not None]
    assert rated == list("12345")


def test_a_sign_in_shows_nothing() -> None:
    """Neither number nor PIN stand in what a traceback or a log would show."""
    shown = f"{k.SignIn('01632960123', '1357')!r} {k.SignIn('01632960123', '1357')}"
    assert "1632" not in shown
    assert "1357" not in shown


@given(st.text(alphabet="0123456789*#ABCD?", max_size=60), st.lists(st.floats(0, 30), max_size=8))
def test_any_keys_are_survived(keys: str, times: list[float]) -> None:
    """Whatever is pressed, no key fails, and of what was keyed in at most one number's worth is kept."""
    pad = k.Keypad(MENU)
    for at, key in enumerate(keys):
        pad.press(key, float(at))
        assert len(pad._keyed) < k.LONGEST_NUMBER
    for time in sorted(times):
        pad.due(100 + time)
