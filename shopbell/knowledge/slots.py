"""Slots: days, dates, numbers, names and negations of a question, held against a passage.

Two questions that differ in one such word look alike to any similarity, and have different
answers; so words are given verbatim only where the passage speaks of the same.
"""

import re
from itertools import pairwise

from shopbell.knowledge.lexical import LIGHT_STEMS, Asked, wordings_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.words import stems, words

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = {form: n for n, day in enumerate(_WEEK) for form in (day, f"{day}s", day[:3])} | {
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
_GROUPS = {
    "weekday": range(5),
    "weekdays": range(5),
    "weekend": range(5, 7),
    "weekends": range(5, 7),
    "daily": range(7),
    "everyday": range(7),
}
_EVERY_DAY = re.compile(r"\b(?:every|any|each|all|seven|7)\s+days?\b|\ball week\b")
_SPAN = re.compile(r"\b([a-z]{3,9})\s*(?:-|\u2013|to|until|till|through)\s*([a-z]{3,9})\b")
_SEASONS = frozenset(
    "january february march april june july august september october november december christmas xmas "
    "boxing easter halloween valentine valentines bank holiday holidays tomorrow tonight yesterday".split(),
)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
_REFUSED = frozenset({"no", "not", "non", "never", "without", "except", "free"})


def unsupported(question: str, asked: Asked, passage: Passage, names: frozenset[str]) -> bool:
    """Say whether the question speaks of something of which the passage does not.

    `names` holds the stems that name things of the shop, such as the words of product names.
    """
    text = "\n".join((*wordings_of(passage), passage.text))
    return (
        not days(question) <= days(text)
        or not _seasons(question) <= _seasons(text)
        or not numbers(question) <= numbers(text)
        or (_refuses(question) and not _refuses(text))
        or _names_another(asked, text, names)
    )


def days(text: str) -> set[int]:
    """Return the days of the week named in a text, Monday 0, spans such as "Mon to Fri" filled in."""
    low = text.lower()
    found = {_DAYS[word] for word in words(low) if word in _DAYS and word != "sat"}
    found |= {day for word in words(low) for day in _GROUPS.get(word, ())}
    if _EVERY_DAY.search(low):
        return set(range(7))
    for first, last in _SPAN.findall(low):
        if first in _DAYS and last in _DAYS:
            found |= {day % 7 for day in range(_DAYS[first], _DAYS[first] + _length(first, last))}
    return found


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, in figures; "one" is as often a pronoun and is left out."""
    figures = set(re.findall(r"\d+(?:[.,]\d+)*", text))
    return figures | {_NUMBERS[word] for word in words(text) if word in _NUMBERS}


def _length(first: str, last: str) -> int:
    return (_DAYS[last] - _DAYS[first]) % 7 + 1


def _seasons(text: str) -> set[str]:
    return {word.replace("xmas", "christmas").rstrip("s") for word in words(text) if word in _SEASONS}


def _refuses(text: str) -> bool:
    """Say whether a text negates; "don't you..." at the start only asks politely."""
    found = words(text)
    return any(word in _REFUSED for word in found) or any(
        after.endswith("n't") and before for before, after in pairwise(["", *found])
    )


def _names_another(asked: Asked, text: str, names: frozenset[str]) -> bool:
    held = set(stems(text))
    return any(
        not any(option in held for option, _ in term.options)
        for term in asked.terms
        if any(option in names and option not in LIGHT_STEMS for option, _ in term.options)
    )
