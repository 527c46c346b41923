"""Callers: the number that a call shows, and whether the shop blocked it. Pure.

Anybody can show any number: it proves nothing, and nothing private hangs on it.
"""

from collections.abc import Iterable
from urllib.parse import unquote

ANONYMOUS = "anonymous"
_HIDDEN = frozenset({"", "anonymous", "unknown", "restricted", "unavailable", "private"})


def number_of(uri: str) -> str:
    """Return the caller's number or name from a SIP URI; empty when it is withheld."""
    rest = uri.strip().removeprefix("<").partition(">")[0]
    user = rest.partition(":")[2].partition("@")[0] if "@" in rest else ""
    name = unquote(user.partition(";")[0])[:64]
    return "" if name.lower() in _HIDDEN else "".join(one for one in name if one.isprintable())


def is_blocked(number: str, blocked: Iterable[str]) -> bool:
    """Say whether one of the patterns fits: a number, its beginning and a star, or `anonymous`."""
    plain = _plain(number)
    for pattern in blocked:
        if pattern == ANONYMOUS:
            if not number:
                return True
        elif pattern.endswith("*"):
            if plain and plain.startswith(_plain(pattern[:-1])):
                return True
        elif plain and plain == _plain(pattern):
            return True
    return False


def _plain(number: str) -> str:
    """Return the digits; a number written with two zeros is the same as with a plus."""
    digits = "".join(one for one in number if one.isdigit() or one == "+")
    return f"+{digits[2:]}" if digits.startswith("00") else digits
