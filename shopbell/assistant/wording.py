"""Wording: content words, their stems, sentences and names of a text, the same way for every check."""

import re
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9£$€])|\n+")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|St|No|Rd|approx|incl|vs|etc|e\.g|i\.e|a\.m|p\.m|[A-Z])\.$", re.IGNORECASE
)
FUNCTION_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being below
    both but by can could did do does doing down during each either else even every few for from
    further get gets give given had has have having he her here hers him his how i if in into is it
    its itself just like made make many may me might more most much must my name named near no nor
    not of off on once only or other our ours out over own please same shall she should so some such
    than that the their theirs them then there these they this those through to too under until up
    upon us use used very was we were what when where which while who whom whose why will with
    within would yes you your yours ok okay thanks thank hi hello sure sorry well let tell know 'm
    're 's 've 'll 'd n't im ive dont doesnt cant
    """.split()
)
"""Words that carry no fact of their own."""
NEGATIONS = frozenset(
    """
    no not never none nobody nothing neither nor without cannot unable hardly unless except
    excluding refuse refused denied lack lacked fail failed stop stopped non
    """.split()
)
"""Words that turn a statement round; `n't` counts too."""


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case, in order, apostrophes straightened."""
    return [found.lower().replace("’", "'") for found in _WORD.findall(text)]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the Snowball stem of one lower-case word, possessive dropped."""
    stemmed: str = _stemmer().stemWord(word.removesuffix("'s"))
    return stemmed


def stems(text: str) -> list[str]:
    """Return the stems of the content words of `text`, in order, repeats kept."""
    return [stem(word) for word in words(text) if is_content(word)]


def is_content(word: str) -> bool:
    """Say whether a lower-case word carries a fact."""
    return word not in FUNCTION_WORDS and not word.endswith("n't") and (len(word) > 1 or word.isdigit())


def sentences(text: str) -> list[str]:
    """Split `text` at sentence ends and line breaks; abbreviations and initials do not end one."""
    parts: list[str] = []
    start = 0
    for cut in _SENTENCE.finditer(text):
        head = text[start : cut.start()]
        if "\n" in cut.group() or not _ABBREVIATION.search(head):
            parts.append(text[start : cut.end()].strip())
            start = cut.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def names(text: str) -> list[str]:
    """Return the capitalised words of `text` that do not open a sentence, lower case, in order."""
    found: list[str] = []
    for sentence in sentences(text):
        tokens = _WORD.findall(sentence)
        found += [
            token.lower().replace("’", "'").removesuffix("'s")
            for token in tokens[1:]
            if token[0].isupper() and token.lower() not in FUNCTION_WORDS
        ]
    return found


def is_negated(text: str) -> bool:
    """Say whether an odd number of words turn `text` round; the "no" that opens an answer does not count."""
    said = words(text)
    if said and said[0] in {"yes", "no"}:
        said = said[1:]
    return sum(word in NEGATIONS or word.endswith("n't") for word in said) % 2 == 1


def overlap(part: Iterable[str], whole: Iterable[str]) -> float:
    """Return the share of `part` found in `whole`, in [0, 1]; 1 for nothing."""
    wanted, have = set(part), set(whole)
    return len(wanted & have) / len(wanted) if wanted else 1.0


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")
