"""Words: how a text is cut into words and brought to its stems, the same for shop and customer."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
"""Letters and figures stand apart, so that "250g" and "250 g" are the same."""

_STEMMER = Stemmer.Stemmer("english")

_LIGHT = """
    a about actually all also am an and any anyone anything are aren't as at be because been being but by
    can can't cannot could couldn't cos did didn't do does doesn't doing don't else ever for from get gets
    getting give go going gonna got guys had has hasn't have haven't having hello hey hi hiya how how's i i'd
    i'll i'm i've if im in into is isn't it it's its just kind know let like looking lot many me might much
    my need of ok okay on one or other our out per please quick quickly really rather right say should
    shouldn't so some somebody someone something sort still such sure tell than thank thanks that that's the
    their them then there there's these they thing things this those to too u ur use used using very wanna
    want wanted was we were what what's when where where's which who whose why will with won't wonder
    wondering would wouldn't ya yes you you're your yours yous
"""
LIGHT = frozenset(_LIGHT.split())
"""Words that carry little of what a question is about."""


def plain(text: str) -> str:
    """Return `text` in lower case, without accents and with straight apostrophes."""
    straight = text.replace("\u2019", "'").replace("\u2018", "'").lower()
    if straight.isascii():
        return straight
    return "".join(c for c in unicodedata.normalize("NFKD", straight) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the words and numbers of `text` in order, in plain form."""
    return _WORD.findall(plain(text))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the Snowball stem of a plain word."""
    return str(_STEMMER.stemWord(word.removesuffix("'s")))


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text` in order; for the shop's own texts, which it remembers."""
    return list(_stems(text))


@lru_cache(maxsize=30_000)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(text))
