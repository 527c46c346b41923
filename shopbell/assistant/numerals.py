"""Numerals: what a number is worth, in digits or spelled out."""

import re

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
DECADES = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_WORTH = {word: worth for worth, word in enumerate(SMALL)} | {
    word: 10 * tens for tens, word in enumerate(DECADES, 2)
}
_SPELLED = rf"(?:{'|'.join(DECADES)})(?:[ -](?:{'|'.join(SMALL[1:10])}))?|{'|'.join(reversed(SMALL))}"
NUMERAL = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_SPELLED})(?![a-z]))"
"""A pattern for one number, `1,250.50` or `twenty-one`; to be used without regard to case."""


def worth(numeral: str) -> float:
    """Return the value of what `NUMERAL` matched."""
    plain = numeral.lower().replace(",", "").strip()
    if plain[0].isdigit():
        return float(plain)
    return float(sum(_WORTH[part] for part in re.split(r"[ -]", plain)))


def plain(value: float) -> str:
    """Write a value without needless digits: `12`, not `12.0`."""
    return f"{value:.10g}"
