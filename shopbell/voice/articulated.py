"""Number words as a careful speaker pronounces them, in the voice's own sounds. Pure.

Thirteen and thirty differ in one short syllable, and the voice swallows it: "eighteen or over" came back as
"aching or over". A careful speaker stresses the end of a teen and softens the `t` of seventy and ninety.
"""

import re
from collections.abc import Sequence

_TEEN = re.compile(r"(θˈɜː|fˈɔːɹ|fˈɪf|sˈɪks|sˈɛvən|ˈeɪ|nˈaɪn)tiːn")
_TENS = re.compile(r"(sˈɛvən|nˈaɪn)ti(?![ːʲ])")
_COMPOUND = re.compile(r"\b((?:twen|thir|for|fif|six|seven|eigh|nine)ty)-(?=[a-z])")


def parted(words: str) -> str:
    """Return the words with a space in `ninety-five`: said as one word it is heard as "nine to five"."""
    return _COMPOUND.sub(r"\1 ", words)


def articulated(sounds: Sequence[str]) -> list[str]:
    """Return the sounds of a sentence with its teens and tens told apart."""
    return list(_TENS.sub(r"\1ɾi", _TEEN.sub(r"\1tˈiːn", "".join(sounds))))
