"""The keypad: what the keys of a call mean. Pure; the clock is passed in.

A number and a PIN that are keyed in live here and nowhere else, until they are handed on once.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

SIGN_IN, DONE = "*", "#"
"""The star always begins a sign-in, or begins it anew; the hash ends a number, or a message."""
SHORTEST_NUMBER, LONGEST_NUMBER = 4, 15
SHORTEST_PIN, LONGEST_PIN = 4, 8
QUIET_S = 6.0
"""Seconds without a key after which what was keyed in counts as complete, or is given up."""
BEST_RATING = 5
Mode = Literal["menu", "number", "pin", "message", "rating"]


class Wanted(Struct, frozen=True):
    """A key of the menu: what the shop's settings put there."""

    what: str


class NumberAsked(Struct, frozen=True):
    """The caller is to key in the number."""

    again: bool = False
    """What came was too short."""


class PinAsked(Struct, frozen=True):
    """The caller is to key in the PIN."""

    again: bool = False


class SignIn(Struct, frozen=True):
    """Number and PIN are complete."""

    number: str
    pin: str

    def __repr__(self) -> str:
        """Tell nothing: this may stand in a traceback."""
        return "SignIn(...)"


class GivenUp(Struct, frozen=True):
    """Nothing more was keyed in."""


class MessageDone(Struct, frozen=True):
    """The message is complete."""


class Rated(Struct, frozen=True):
    """How it was."""

    stars: int


Deed = Wanted | NumberAsked | PinAsked | SignIn | GivenUp | MessageDone | Rated


class Keypad:
    """One call's keys."""

    def __init__(self, menu: Mapping[str, str]) -> None:
        """Take what each key of the menu does."""
        self._menu = menu
        self._keyed = ""
        self._number = ""
        self._at = 0.0
        self.mode: Mode = "menu"

    def press(self, key: str, now: float) -> Deed | None:
        """Take a key; None when it means nothing yet."""
        self._at = now
        match self.mode:
            case "rating":
                return Rated(int(key)) if key.isdigit() and 1 <= int(key) <= BEST_RATING else None
            case "message":
                return self._end_message() if key == DONE else None
            case "number" | "pin":
                return self._collect(key)
            case _:
                return self.begin(now) if key == SIGN_IN else self._of_menu(key)

    def begin(self, now: float) -> Deed:
        """Ask for the number."""
        self._at, self._keyed, self._number, self.mode = now, "", "", "number"
        return NumberAsked()

    def heard(self, now: float) -> None:
        """Note that the question was said just now: the time to answer begins."""
        self._at = max(self._at, now)

    def due(self, now: float) -> Deed | None:
        """Return what comes of it that no key was pressed for so long."""
        if self.mode not in {"number", "pin"} or now - self._at < QUIET_S:
            return None
        if self._keyed:
            self._at = now
            return self._complete()
        self.clear()
        return GivenUp()

    def clear(self) -> None:
        """Forget everything keyed in."""
        self._keyed = self._number = ""
        self.mode = "menu"

    # --- inside --------------------------------------------------------------------------------------------

    def _of_menu(self, key: str) -> Deed | None:
        what = self._menu.get(key)
        return Wanted(what) if what else None

    def _end_message(self) -> Deed:
        self.mode = "menu"
        return MessageDone()

    def _collect(self, key: str) -> Deed | None:
        if key == SIGN_IN:
            return self.begin(self._at)
        if key == DONE:
            return self._complete()
        self._keyed += key
        longest = LONGEST_NUMBER if self.mode == "number" else LONGEST_PIN
        return self._complete() if len(self._keyed) >= longest else None

    def _complete(self) -> Deed:
        keyed, self._keyed = self._keyed, ""
        if self.mode == "number":
            if len(keyed) < SHORTEST_NUMBER:
                return NumberAsked(again=True)
            self._number, self.mode = keyed, "pin"
            return PinAsked()
        if len(keyed) < SHORTEST_PIN:
            return PinAsked(again=True)
        deed = SignIn(self._number, keyed)
        self.clear()
        return deed
