"""Understanding "and on Sunday?": a turn that leans on the one before is completed from it. Pure."""

import re

from shopbell.assistant.conversation import Exchange

_LEANS = re.compile(
    r"^\W*((and|or|but|also|plus|what about|how about|what if)\b)|"
    r"\b(it|its|it's|that|that's|those|these|they|them|this one|that one|the same|one|ones|there|then)\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^\W*(and|or|but|so|also|plus|ok|okay|what about|how about|what if)\b\W*", re.IGNORECASE
)
SHORT = 3
"""Words up to which an utterance without a verb of its own is read as leaning on the last turn."""


def leans(text: str) -> bool:
    """Say whether the text needs the turn before to be understood."""
    return bool(_LEANS.search(text)) or len(text.split()) <= SHORT


def last_question(history: tuple[Exchange, ...]) -> str:
    """Return the last question that was about something, or an empty text."""
    return next((x.question for x in reversed(history) if x.question and x.rung != "rule"), "")


def completed(text: str, history: tuple[Exchange, ...]) -> str:
    """Return the text with the last question it leans on in front, or the text alone."""
    last = last_question(history) if leans(text) else ""
    return f"{last.rstrip(' ?!.')} - {_OPENER.sub('', text)}" if last else text
