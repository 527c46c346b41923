"""Numbers in words, as they are said in Britain. Pure."""

import re

from shopbell.assistant.numerals import DECADES, ORDINALS, SMALL

_IRREGULAR = dict(zip(SMALL[1:11], ORDINALS, strict=False)) | {"twelve": "twelfth"}
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_CENTURY = 100


def cardinal(number: int) -> str:
    """Return `one thousand two hundred and fifty`. From a billion billions on, digit by digit."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number >= 10**18:
        return digits(str(number))
    for scale, name in _SCALES:
        if number >= scale:
            whole, rest = divmod(number, scale)
            joint = " and " if 0 < rest < _CENTURY else " " if rest else ""
            return f"{cardinal(whole)} {name}{joint}{cardinal(rest) if rest else ''}"
    return _under_a_thousand(number)


def _under_a_thousand(number: int) -> str:
    hundreds, rest = divmod(number, _CENTURY)
    if hundreds:
        return f"{SMALL[hundreds]} hundred" + (f" and {_under_a_thousand(rest)}" if rest else "")
    if number < len(SMALL):
        return SMALL[number]
    tens, ones = divmod(number, 10)
    return DECADES[tens - 2] + (f"-{SMALL[ones]}" if ones else "")


def ordinal(number: int) -> str:
    """Return `twenty-first`."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    start, last = words[:cut], words[cut:]
    if last in _IRREGULAR:
        return start + _IRREGULAR[last]
    return start + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def decimal(numeral: str) -> str:
    """Return `one point two five` of `1.25`, and the cardinal of a whole number; commas part thousands."""
    whole, _, part = numeral.replace(",", "").partition(".")
    words = cardinal(int(whole or 0))
    return f"{words} point {digits(part)}" if part.strip("0") else words


def digits(numeral: str) -> str:
    """Return the digits one by one."""
    return " ".join(SMALL[int(digit)] for digit in numeral if digit.isdigit())


def dialled(numeral: str) -> str:
    """Return the digits of a telephone number, with a short rest between two that are the same.

    Two of a kind in a row run together when they are said quickly, and "double five" is heard as "two five":
    with a rest 76 of 80 telephone numbers were heard right, with doubles 68. Codes are said without:
    49 of 50 were right.
    """
    return re.sub(r"\b(\w+) (?=\1\b)", r"\1, ", digits(numeral))


def year(number: int) -> str:
    """Return `nineteen ninety-eight`, `two thousand and five`, `twenty twenty-six`."""
    century, rest = divmod(number, _CENTURY)
    if not 11 <= century <= 99 or (century % 10 == 0 and rest < 10):  # noqa: PLR2004 - 2005
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"  # noqa: PLR2004
