"""Amounts as people and tills write them, read as exact decimals and never as floats."""

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from enum import StrEnum

MOST_DIGITS = 15
"""Digits of an amount at most: more is a slip of the keyboard."""
_SIGNS = dict.fromkeys(map(ord, "−–‐‑﹣－"), "-")
_CURRENCY = re.compile(r"^(?:[A-Z]{1,3}(?=\$)|[A-Z]{3}|kr\.?|Fr\.?)?\s*|\s*(?:[A-Z]{3}|kr\.?|Fr\.?|zł)?$")
_MARKED = re.compile(r"[0-9]+(?:[.,][0-9]+)*[.,]?|[.,][0-9]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*|\d+")


class Mark(StrEnum):
    """Which mark stands before the decimals."""

    AUTO = "auto"
    """Told from the amount itself; one that reads two ways is refused."""
    POINT = "point"
    COMMA = "comma"


def exact(text: str, mark: Mark = Mark.AUTO) -> Decimal:
    """Return the number `text` spells: `1.234,56`, `£4.20`, `(3.00)`, `12-`, `1 234.5`, `EUR 3`.

    Raises `ValueError` with a reason and what to do.
    """
    number, negative = _sign(text.translate(_SIGNS).strip())
    if len(number) > 2 * MOST_DIGITS or not _MARKED.fullmatch(number):
        raise ValueError(f'"{text[:30]}" is no amount. Write it as 1234.50.')
    try:
        value = Decimal(_plain(number, mark, text))
    except InvalidOperation:
        raise ValueError(f'"{text[:30]}" is no amount. Write it as 1234.50.') from None
    if len(value.as_tuple().digits) > MOST_DIGITS:
        raise ValueError(f'"{text[:30]}" has more than {MOST_DIGITS} digits. Check the cell.')
    return -value if negative else value


def minor(value: Decimal, digits: int, *, rounds: bool = False) -> int:
    """Return `value` in minor units of a currency with so many decimal `digits`.

    Raises `ValueError` when it is finer than that, unless it `rounds` (half to even).
    """
    with localcontext() as context:
        context.prec = 4 * MOST_DIGITS
        scaled = value.scaleb(digits)
        whole = scaled.to_integral_value(ROUND_HALF_EVEN)
        if whole != scaled and not rounds:
            raise ValueError(f"{value} has more than {digits} decimals. Round it in the file.")
        return int(whole)


def _sign(text: str) -> tuple[str, bool]:
    """Take brackets, signs and the currency off; return the bare number and whether it is negative."""
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    for _ in range(2):  # -£3.00 and £-3.00 are both written
        if text.startswith("-"):
            text, negative = text[1:].lstrip(), not negative
        text = _uncurrencied(text)
    if text.endswith("-"):
        text, negative = _uncurrencied(text[:-1].rstrip()), not negative
    return re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", text.removeprefix("+")), negative


def _uncurrencied(text: str) -> str:
    bare = _CURRENCY.sub("", text)
    signs = {letter for letter in bare if unicodedata.category(letter) == "Sc" and bare.count(letter) == 1}
    return "".join(letter for letter in bare if letter not in signs).strip()


def _plain(number: str, mark: Mark, text: str) -> str:
    """Return the number with a point before its decimals and no other marks."""
    point = _decimal_mark(number, mark, text)
    whole, _, decimals = number.rpartition(point) if point and point in number else (number, "", "")
    if whole and not _THOUSANDS.fullmatch(whole):
        raise ValueError(f'"{text[:30]}" has its thousands marks in odd places. Write it as 1234.50.')
    return (re.sub(r"[.,]", "", whole) or "0") + "." + (decimals or "0")


def _decimal_mark(number: str, mark: Mark, text: str) -> str:
    if mark is not Mark.AUTO:
        return "." if mark is Mark.POINT else ","
    marks = [letter for letter in number if letter in ".,"]
    if len(set(marks)) == 2:  # noqa: PLR2004 - the later of two kinds stands before the decimals
        return marks[-1]
    if len(marks) != 1:
        return ""
    before, after = number.split(marks[0])
    if len(after) == 3 and before.strip("0") and len(before) <= 3:  # noqa: PLR2004 - a thousand, or thousandths?
        raise ValueError(
            f'"{text[:30]}" reads two ways. Say in the mapping decimal = "point" or decimal = "comma".'
        )
    return marks[0]
