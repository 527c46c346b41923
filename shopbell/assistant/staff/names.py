"""Names of the staff: what customers and colleagues see. Pure."""

import unicodedata

from shopbell.assistant.errors import BadRequest

LONGEST = 40
_ALSO = frozenset(" .'-’")


def checked_name(name: str) -> str:
    """Return the name as it is kept; raises BadRequest for one that is none."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(plain) <= LONGEST or not plain[0].isalpha():
        raise BadRequest(f"A name has 1 to {LONGEST} characters and begins with a letter.")
    if not all(letter.isalnum() or letter in _ALSO for letter in plain):
        raise BadRequest("A name holds letters, digits, spaces, dots, hyphens and apostrophes only.")
    return plain


def key_of(name: str) -> str:
    """Return what tells two members apart: upper and lower case do not."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
