"""Wishes to be called back, as callers leave them: in few words, with what they are about and the number."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime

from shopbell.loyalty.casebook import Case, Casebook
from shopbell.storage.worker import Worker
from shopbell.voice.digits import digits_in
from shopbell.voice.phrases import topic

MOST_CHARS = 140
SHORTEST_NUMBER = 7
"""Digits of a telephone number that somebody says."""
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_WORDS = "double|triple|treble|zero|oh|one|two|three|four|five|six|seven|eight|nine|hundred|thousand"
_DIGIT = rf"(?:\b(?:{_WORDS})\b|\d)"
_SPOKEN = re.compile(rf"{_DIGIT}(?:[\s,.()/-]*{_DIGIT})+", re.IGNORECASE)


class BackDesk:
    """Puts wishes down where staff find them."""

    def __init__(self, cases: Casebook, worker: Worker, now: Callable[[], datetime]) -> None:
        """Take the book, and the thread that it blocks."""
        self._cases = cases
        self._worker = worker
        self._now = now

    async def ask(self, conversation: str, number: str, about: str) -> None:
        """Put down that somebody is to be called back."""
        case = Case(
            key=f"phone:{secrets.token_hex(8)}",
            kind="call-back",
            conversation=conversation,
            at=self._now(),
            text=summary(about),
            wanted=said_number(about) or number,
        )
        await self._worker.call(self._cases.add, case)

    async def asked(self, number: int) -> Case | None:
        """Return the open case of this number."""
        found = await self._worker.call(self._cases.open)
        return next((case for case in found if case.number == number), None)


def summary(message: str) -> str:
    """Return what a message is about, and its beginning: whole sentences where they fit."""
    about, kept = topic(message), ""
    for sentence in _SENTENCE.split(message.strip()):
        if kept and len(kept) + len(sentence) >= MOST_CHARS:
            break
        kept = f"{kept} {sentence}".strip()
    kept = kept if len(kept) <= MOST_CHARS else f"{kept[: MOST_CHARS - 1].rstrip()}\u2026"
    return f"{about.capitalize()}: {kept}" if about and kept else kept


def said_number(message: str) -> str:
    """Return the telephone number that is said in a message, in digits or words; empty for none."""
    found = (digits_in(match.group()) for match in _SPOKEN.finditer(message))
    return max((one for one in found if len(one) >= SHORTEST_NUMBER), key=len, default="")
