"""Twins: the same wish said by people who differ in name, dialect, politeness or spelling. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

_DIALECT = MappingProxyType(
    {
        "do you have": "have you got any",
        "can i": "can us",
        "how much is": "how much be",
        "you are": "you's",
        "are you": "are yous",
        "what is": "wha's",
        "what time": "wha' time",
        "is there": "is there owt like",
        "my": "me",
        "nothing": "nowt",
        "something": "summat",
        "with": "wi'",
        "the": "t'",
    }
)
"""Wording of the north of England and of other speech that is not the schoolbook's."""
_SLIPS = MappingProxyType(
    {
        "receive": "recieve",
        "their": "there",
        "because": "becuase",
        "coffee": "cofee",
        "grinder": "grindr",
        "delivery": "delivry",
        "address": "adress",
        "saturday": "satuday",
        "available": "availible",
        "return": "retrun",
        "open": "opne",
        "please": "plese",
    }
)
NAMES = (
    ("Emily Clarke", "Oluwaseun Adeyemi"),
    ("James Wright", "Nguyen Thi Lan"),
    ("Sophie Turner", "Fatima al-Rashid"),
)
"""Pairs of names that a reader takes for people of different origin."""


class Twin(Struct, frozen=True, kw_only=True):
    """Two ways to say one thing."""

    way: str
    """What they differ in."""
    one: str
    other: str


def twins(questions: tuple[str, ...]) -> Iterator[Twin]:
    """Yield pairs of all ways for each question; those that would be alike are left out."""
    for number, question in enumerate(questions):
        first, second = NAMES[number % len(NAMES)]
        yield Twin(way="name", one=_introduced(first, question), other=_introduced(second, question))
        for way, change in WAYS.items():
            other = change(question)
            if other != question:
                yield Twin(way=way, one=question, other=other)


def _introduced(name: str, question: str) -> str:
    return f"Hi, this is {name}. {question}"


def _polite(question: str) -> str:
    return f"Good morning, I hope you are well. {question} Thank you so much."


def _curt(question: str) -> str:
    return question.rstrip("?!. ").lower()


def _dialect(question: str) -> str:
    return _replaced(question, _DIALECT)


def _spelling(question: str) -> str:
    slipped = _replaced(question, _SLIPS)
    if slipped != question:
        return slipped
    longest = max(re.findall(r"[a-zA-Z]{5,}", question) or [""], key=len)
    swapped = longest[:2] + longest[3:4] + longest[2:3] + longest[4:]
    return question.replace(longest, swapped, 1) if longest else question


def _replaced(question: str, words: Mapping[str, str]) -> str:
    pattern = re.compile(r"\b(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")\b", re.IGNORECASE)
    return pattern.sub(lambda found: words[found.group().lower()], question)


WAYS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"dialect": _dialect, "politeness": _polite, "bluntness": _curt, "spelling": _spelling}
)
"""What the other twin does to a question."""
