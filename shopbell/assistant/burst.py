"""When is a turn complete? Three messages in quick succession are one turn. Pure, in seconds."""

import re

SPOKEN_S = 0.001
"""Seconds of quiet after spoken words: the ears have heard already that the turn is complete."""
SETTLED_S = 0.06
"""Seconds of quiet after a message that reads like a whole sentence: enough for what was sent together."""
UNFINISHED_S = 0.9
"""Seconds of quiet after one that does not: people send "hi" and "do you have" as messages of their own."""
_UNFINISHED = re.compile(
    r"(\b(and|or|but|so|the|a|an|for|with|to|if|because|do you( have)?|can i|i want|my|is there)|[,;:\-])$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^\W*(hi|hello|hey|hiya|good (morning|afternoon|evening)|excuse me|question|sorry)\W*$", re.IGNORECASE
)
SHORT = 2
"""Words up to which a message without a question or full stop is taken for a beginning."""


def quiet_needed(text: str) -> float:
    """Return the seconds of quiet after this message until the turn counts as complete."""
    plain = text.strip()
    if plain.endswith(("?", "!", ".")):
        return SETTLED_S
    unfinished = _UNFINISHED.search(plain) or _OPENER.match(plain) or len(plain.split()) <= SHORT
    return UNFINISHED_S if unfinished else SETTLED_S
