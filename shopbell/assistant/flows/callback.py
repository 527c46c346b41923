"""Call-back: a number or address left while nobody is in is for the staff to answer, not for the model."""

import re

from shopbell.assistant.calendar import OpeningHours
from shopbell.assistant.lines import Lines
from shopbell.assistant.turn import Answer, Turn

SUBJECT = "call-back"
_EMAIL = re.compile(r"\S+@\S+\.\w{2,}")
_PHONE = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){5,}")


class CallBackFlow:
    """Takes down how to reach a customer who waits for a person."""

    name = SUBJECT

    def __init__(self, hours: OpeningHours, lines: Lines) -> None:
        self._hours = hours
        self._lines = lines

    def answer(self, turn: Turn) -> Answer | None:
        """Return the receipt; None unless the customer waits, nobody is in, and this can reach somebody."""
        if not turn.waiting or self._hours.staffed_at(turn.now) is not None:
            return None
        if not (_EMAIL.search(turn.text) or _PHONE.search(turn.text)):
            return None
        return Answer(
            text=self._lines.call_back(turn.now),
            rung="flow",
            subject=SUBJECT,
            why="You asked for a person while nobody is in, and left a way to reach you.",
            trace=("flow call-back",),
        )
