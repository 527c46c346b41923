"""Call-back: how and when to reach a customer while nobody is in is for the staff to read, not for the model.

A number or address is taken down; so is a time ("tomorrow after three"), once it is known how to reach them.
"""

import re

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.lines import Lines
from shopbell.assistant.turn import Answer, Turn

SUBJECT = "call-back"
_EMAIL = re.compile(r"\S+@\S+\.\w{2,}")
_PHONE = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){5,}")
_DAY = (
    r"to-?day|to-?morrow|to-?night|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week|weekend|"
    r"mornings?|noon|midday|afternoons?|evenings?"
)
_CLOCK = (
    r"\d{1,2}(?:[:.]\d\d)?(?: ?(?:am|pm|h))?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"half|quarter|past|to|o'?clock"
)
_WHEN = re.compile(
    rf"\b(?:{_DAY}|(?:at|after|before|from|around|about|between|until|till|by) (?:{_CLOCK}))\b", re.IGNORECASE
)
_FILLING = re.compile(
    rf"\b(?:{_DAY}|{_CLOCK}|at|after|before|from|around|about|between|until|till|by|and|or|on|in|the|next|early|"
    r"late|later|please|thanks|thank|you|call|calls|ring|phone|me|back|best|any|anytime|time|i'?m|i|am|is|it|"
    r"free|works?|suits?|would|be|better|good|fine|ok|only|not|but|home|there|for)\b|\W+",
    re.IGNORECASE,
)
"""What a message that only says when is made of; "rolls for Saturday morning" is something else."""


class CallBackFlow:
    """Takes down how, and when, to reach a customer who waits for a person."""

    name = SUBJECT

    def __init__(self, hours: OpeningHours, lines: Lines) -> None:
        self._hours = hours
        self._lines = lines

    def answer(self, turn: Turn) -> Answer | None:
        """Return the receipt; None unless the customer waits, nobody is in, and this says how or when."""
        if not turn.waiting or self._hours.staffed_at(turn.now) is not None:
            return None
        if _reaches(turn.text):
            return _answer(
                self._lines.call_back(turn.now),
                "You asked for a person while nobody is in, and left a way to reach you.",
            )
        if "?" in turn.text or not _WHEN.search(turn.text) or _FILLING.sub("", turn.text):
            return None
        if any(_reaches(past.question) for past in turn.history):
            return _answer(
                self._lines.call_back_at(turn.now),
                "You left a way to reach you, and now said when it suits you.",
            )
        return _answer(
            self._lines.call_back_how(),
            "You said when it suits you; nobody knows yet how to reach you.",
        )


def _reaches(text: str) -> bool:
    return bool(_EMAIL.search(text) or _PHONE.search(text))


def _answer(text: str, why: str) -> Answer:
    return Answer(text=text, rung="flow", subject=SUBJECT, why=why, trace=("flow call-back",))
