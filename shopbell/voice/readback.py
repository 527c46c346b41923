"""Read-back: a spoken yes to money or points counts when the amount was heard and the yes was clear. Pure.

The flow that spends asks with the exact amount in its question. A voice adds two ways to go wrong: the
question may be talked over before its amount is heard, and a "yes" may be a noise. Both are asked again here,
with the amount, before the flow hears anything.
"""

import re
from typing import Literal

from msgspec import Struct

CLEAR = 0.55
"""Confidence from which a spoken yes is taken; set by hand: below it Whisper is as often wrong as right."""

_AMOUNT = re.compile(
    r"(?:[£€$]\s?\d[\d,]*(?:\.\d+)?)"
    r"|(?:\d[\d,]*(?:\.\d+)?\s?(?:points?|stamps?|pounds?|euros?|dollars?|pence|cents?|credits?))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(shall|should|do you want|would you like|confirm|is that right|correct|go ahead|yes or no|say yes"
    r"|ok(ay)? to)\b",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(yes|yeah|yep|yup|ya|sure|ok|okay|right|correct|confirm(ed)?|go ahead|do (it|that)|please do|"
    r"that'?s right|absolutely|of course|fine|mm-?hm+|uh-?huh)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Question(Struct, frozen=True):
    """A question that only a clear yes may answer."""

    amounts: tuple[str, ...]
    """As they stand in the reply, such as `200 points`."""


def question(reply: str) -> Question | None:
    """Return the question about money or points that a reply ends with; None when it asks for none."""
    sentences = re.split(r"(?<=[.!?])\s+", reply.strip())
    if not sentences[-1].endswith("?") and not _ASKS.search(sentences[-1]):
        return None
    asking = " ".join(sentences[-2:])
    amounts = tuple(dict.fromkeys(found.group(0) for found in _AMOUNT.finditer(asking)))
    return Question(amounts) if amounts and _ASKS.search(asking) else None


def judge(asked: Question, text: str, confidence: float, *, heard_whole: bool) -> Literal["take", "again"]:
    """Say whether the answer may go on to the flow, or the amount is to be read back once more.

    Anything but a yes always goes on: a no, a question, a change of mind spend nothing.
    """
    if not _YES.match(text):
        return "take"
    named = {_digits(number) for number in _NUMBER.findall(text)}
    known = {_digits(number) for amount in asked.amounts for number in _NUMBER.findall(amount)}
    clear = confidence >= CLEAR and heard_whole and named <= known
    return "take" if clear else "again"


def again(asked: Question) -> str:
    """Return the words that read the amount back."""
    amount = " and ".join(asked.amounts)
    return f"To be sure that I heard you right: {amount}. Is that right? Say yes, {amount}, or say no."


def _digits(number: str) -> str:
    return number.replace(",", "").rstrip(".").removesuffix(".00")
