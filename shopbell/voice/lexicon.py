"""The shop's lexicon: of the names a customer may say, those that no one has taught the ears. Pure."""

import re
from collections.abc import Callable, Iterable

MOST = 24
"""Names given with one turn; each costs the ears time, and a long list makes them hear what was not said."""

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


def _phrase(name: str, word: str) -> str:
    """Return the word with its neighbours, three words at most: `Ethiopia Yirgacheffe washed`."""
    words = _WORD.findall(name)
    at = words.index(word)
    return " ".join(words[max(0, at - 1) : at + 2])
