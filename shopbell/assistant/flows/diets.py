"""Diets: what a customer cannot or will not eat, read from plain words. Pure."""

import re
from collections.abc import Iterable

from shopbell.loyalty.reckoning.answers import Limits

_ALLERGENS = {
    "lactose": "milk",
    "dairy": "milk",
    "milk": "milk",
    "gluten": "gluten",
    "wheat": "wheat",
    "coeliac": "gluten",
    "celiac": "gluten",
    "nut": "nut",
    "hazelnut": "nut",
    "walnut": "nut",
    "almond": "nut",
    "peanut": "peanut",
    "egg": "egg",
    "soy": "soy",
    "soya": "soy",
    "sesame": "sesame",
    "mustard": "mustard",
    "celery": "celery",
    "fish": "fish",
    "sulphite": "sulphite",
    "lupin": "lupin",
}
"""Word without its plural -> how catalogues name what it is in."""
_SAME = {"gluten": ("gluten", "wheat", "barley", "rye", "oats"), "nut": ("nut", "almond"), "soy": ("soy",)}
"""What else is to be left out with it."""
_WITHOUT = re.compile(
    r"\b(?:no|not|without|avoid\w*|allerg\w+|intoleran\w+|can(?:'?t|not) (?:eat|have|drink)|"
    r"don'?t (?:eat|have|drink|want|like)|hates?|free (?:of|from))\b([^.!?]{0,60})",
    re.IGNORECASE,
)
_FREE = re.compile(r"\b(\w+)[- ](?:free|intoleran\w+|allerg\w+)\b|\b(co?eliac)\b", re.IGNORECASE)
_DIETS = re.compile(r"\b(vegan|vegetarian|halal|kosher)\b", re.IGNORECASE)
_NOT_MINE = re.compile(rf"\b(?:not|n't|no longer)\s+(?:a\s+)?{_DIETS.pattern}", re.IGNORECASE)


def limits_in(texts: Iterable[str]) -> Limits:
    """Return what these words rule out, of the customer's own saying; only what a catalogue may know."""
    diets: dict[str, None] = {}
    bad: dict[str, None] = {}
    for text in texts:
        plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        diets |= dict.fromkeys(word.casefold() for word in _DIETS.findall(_NOT_MINE.sub("", plain)))
        said = [match[1] for match in _WITHOUT.finditer(plain)]
        said += [match[1] or match[2] for match in _FREE.finditer(plain)]
        for word in re.findall(r"[a-z]+", " ".join(said).casefold()):
            known = _ALLERGENS.get(word) or _ALLERGENS.get(word.removesuffix("s"))
            bad |= dict.fromkeys(_SAME.get(known, (known,)) if known else ())
    return Limits(diets=tuple(diets), allergens=tuple(bad))
