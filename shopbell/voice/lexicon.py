"""The shop's lexicon: of the names a customer may say, those that no one has taught the ears. Pure."""

import re
from collections.abc import Callable, Iterable

MOST = 24
"""Names given with one turn; each costs the ears time, and a long list makes them hear what was not said."""

HINT_TOKENS = 60
"""Tokens of hints; each costs time before the first word."""

OPENING, OFFER = "Welcome! We have {names}.", "What can I do for you?"
"""What the ears are told was said before, around the rare names: then a customer's sentence follows.

A bare list of names made them go on with a list, in small letters and without an end.
"""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHORTEST = 3
"""Letters of a word that is worth a hint."""


def rare(names: Iterable[str], is_common: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the parts of `names` around each word that is not common, in their order, each word once."""
    seen: dict[str, str] = {}
    for name in names:
        for word in _WORD.findall(name):
            if len(word) >= _SHORTEST and word.lower() not in seen and not is_common(word):
                seen[word.lower()] = _phrase(name, word)
    return tuple(dict.fromkeys(seen.values()))[:MOST]


def told_before(names: Iterable[str], tokens: Callable[[str], int]) -> str:
    """Return what the ears are told was said before, as many names as there is room for; empty without any.

    `tokens` counts those of a text.
    """
    kept, room = list[str](), HINT_TOKENS
    for name in names:
        room -= tokens(f" {name},")
        if room < 0:
            break
        kept.append(name)
    return f" {OPENING.format(names=', '.join(kept))} {OFFER}" if kept else ""


def _phrase(name: str, word: str) -> str:
    """Return the word with its neighbours, three words at most: `Ethiopia Yirgacheffe washed`."""
    words = _WORD.findall(name)
    at = words.index(word)
    return " ".join(words[max(0, at - 1) : at + 2])
