"""Parts: the several questions a customer puts into one message."""

import re

from shopbell.knowledge.words import LIGHT, words

MOST = 3
"""Parts looked up beyond the whole; more is a letter, not a question."""

_STARTS = (
    "am are can could did do does have has how how's hows if is may should was were what what's whats when "
    "when's whens where where's wheres which who who's whos why will would"
)
_ASKING = frozenset(
    f"{_STARTS} any anything cost costs looking many much need please price prices want".split()
)
"""A longer part without any of these tells something: "bought two by mistake"."""
_SELF = frozenset("i i'd i'll i'm i've my our we we'd we'll we're we've".split())
_NAMED = 2
"""Words of substance up to which a part only names what it asks for: "kids menu"."""
_END = re.compile(r"[?!;\n]+|\.(?=\s|$)")
_JOIN = re.compile(
    rf"(?:,\s*)?\b(?:and|also|plus|or|but)\b\s+(?:also\s+)?(?=(?:{'|'.join(_STARTS.split())})\b)"
    rf"|,\s*(?=(?:{'|'.join(_STARTS.split())})\b)",
    re.IGNORECASE,
)


def parts(question: str) -> tuple[str, ...]:
    """Return the questions in a message, in order; nothing if there is only one.

    A part is cut at the end of a sentence, or at "and" before a word that opens a question, and
    counts only if it has a word of substance: "hi there!" is none.
    """
    pieces = [piece for sentence in _END.split(question) for piece in _JOIN.split(sentence)]
    found = tuple(dict.fromkeys(piece.strip(" ,.-") for piece in pieces if _has_substance(piece)))
    return found[:MOST] if len(found) > 1 else ()


def asks(part: str, message: str) -> bool:
    """Say whether a part of a message may ask for something itself, rather than tell why another does."""
    said = words(part)
    if any(word in _ASKING for word in said) or re.search(rf"{re.escape(part)}[ ,.-]*\?", message):
        return True
    return not _SELF.intersection(said) and sum(word not in LIGHT for word in said) <= _NAMED


def _has_substance(piece: str) -> bool:
    return any(word not in LIGHT for word in words(piece))
