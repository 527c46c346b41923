"""Mood: whether a customer is losing patience, told from the words alone. Pure.

It decides only who is looked at first and when a person is called: a wrong guess costs a colleague's glance.
"""

import re
from collections.abc import Sequence

LAST = 3
"""Utterances looked at."""
SHOUTED = 3
"""Words in capitals that make shouting."""
MARKS = 3
"""Exclamation marks in a row that make one."""
LONG_ENOUGH = 4
"""Letters from which a repeated message is the same complaint again, not "yes"."""

_ANGRY = re.compile(
    r"\b(ridiculous|useless|rubbish|terrible|awful|pathetic|appalling|disgusting|outrageous|unacceptable|"
    r"furious|fed up|sick of|had enough|waste of (my )?time|worst|joke|scam|stupid|idiots?|"
    r"wtf|ffs|bloody hell|damn(ed)?|crap|bullshit|fuck\w*|shit\w*|"
    r"(not|n't|isn.?t) (helping|helpful|listening|answering)|no help|"
    r"(asked|told|said)( you)?( this| that)? (already|twice|three times|before)|"
    r"for the (second|third|last) time|again and again|do you even)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]{2,}")


def frustrated(said: Sequence[str]) -> bool:
    """Say whether the last of a customer's utterances sound angry, shouted, or are said over and over."""
    last = said[-LAST:]
    if not last:
        return False
    if any(_ANGRY.search(text.replace("’", "'")) for text in last):
        return True
    if _shouts(last[-1]) or "!" * MARKS in last[-1]:
        return True
    same = [" ".join(_WORD.findall(text.lower())) for text in last]
    return len(same) > 1 and len(same[-1]) >= LONG_ENOUGH and same[-1] in same[:-1]


def _shouts(text: str) -> bool:
    words = _WORD.findall(text)
    loud = [word for word in words if word.isupper()]
    return len(loud) >= SHOUTED and 2 * len(loud) > len(words)
