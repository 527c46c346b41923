"""What a customer may send, checked before it goes further. Pure."""

import re

from shopbell.assistant.errors import BadRequest
from shopbell.assistant.wire import MAX_UTTERANCE_CHARS

MAX_KEY_CHARS = 64
MAX_COMMENT_CHARS = 1_000
MOST_STARS = 5

PRINTED = r"[^\s\x00-\x1f\x7f-\x9f]"
"""A message has at least one such character."""
VISIBLE = r"^[!-~]+$"
"""Keys and ids: visible ASCII."""

_KEPT = frozenset("\n\t")
_KEY = re.compile("[!-~]+")


def checked_words(text: str) -> str:
    """Return the message without control characters; raises BadRequest when nothing or too much is left."""
    if len(text) > MAX_UTTERANCE_CHARS:
        msg = (
            f"A message may have {MAX_UTTERANCE_CHARS:,} characters; this one has {len(text):,}. Shorten it."
        )
        raise BadRequest(msg)
    words = _printable(text).strip()
    if not words:
        raise BadRequest("The message is empty.")
    return words


def checked_key(key: str) -> str:
    """Return the key of a message or the id of a reply; raises BadRequest when it is empty or too long."""
    if len(key) > MAX_KEY_CHARS or not _KEY.fullmatch(key):
        msg = f"A key must have 1 to {MAX_KEY_CHARS} visible ASCII characters."
        raise BadRequest(msg)
    return key


def checked_stars(stars: int) -> int:
    """Return the stars; raises BadRequest unless they are one to five."""
    if not 1 <= stars <= MOST_STARS:
        raise BadRequest("Stars are a whole number from 1 to 5.")
    return stars


def checked_comment(comment: str) -> str:
    """Return the comment without control characters; raises BadRequest when it is too long."""
    if len(comment) > MAX_COMMENT_CHARS:
        msg = f"A comment may have {MAX_COMMENT_CHARS:,} characters; this one has {len(comment):,}."
        raise BadRequest(msg)
    return _printable(comment).strip()


def _printable(text: str) -> str:
    """Drop the C0 and C1 controls, which no keyboard sends and some terminals obey."""
    return "".join(c for c in text if c in _KEPT or not (ord(c) < 32 or 127 <= ord(c) < 160))  # noqa: PLR2004 - the ranges of the controls
