"""Secrets typed where they do not belong: a PIN or code in a message is masked before it is kept. Pure."""

import re

MASK = "\N{BULLET}" * 6
"""What stands in the log instead; nobody types it."""
CAUGHT = (
    "That looked like a PIN or a code, so I have covered it and did not read or keep it. Nobody from the "
    "shop ever asks for it in a message. Please type it under \N{LEFT DOUBLE QUOTATION MARK}Sign in"
    "\N{RIGHT DOUBLE QUOTATION MARK} only."
)
_NUMBER = r"(?<![\w.,:/+-])\d(?:[ \-]?\d){3,7}(?![\w:/]|[.,-]\d)"
"""4 to 8 digits that are no part of a price, a date, a time or a longer number."""
_SAID = re.compile(
    r"\b(pin|pins|passcode|pass ?code|password|one[- ]time code|(log|sign)[ -]?in code|security code)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\W*(?:(?:it'?s|its|is|my|the|code|here|use|this|number)\W+){0,4}" + _NUMBER + r"\W*", re.IGNORECASE
)
_CARD = re.compile(r"SBC1-[0-9a-f]{8,}", re.IGNORECASE)
_OTHER = re.compile(r"\b(order|receipt|invoice|ticket|ref|reference|sku|points?|post ?code)\b", re.IGNORECASE)


def masked(text: str) -> str:
    """Return the message with every PIN, one-time code or card text in it covered."""
    text = _CARD.sub(MASK, text)
    alone = _ALONE.fullmatch(text) and _length(text) in {6, 8}
    if (alone or _SAID.search(text)) and not (_OTHER.search(text) and not _SAID.search(text)):
        return re.sub(_NUMBER, MASK, text)
    return text


def _length(text: str) -> int:
    return sum(c.isdigit() for c in text)
