"""Hand-over: when code calls a person although nobody asked for one. Pure, but for the clock passed in."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from shopbell.assistant.console import Console
from shopbell.assistant.conversation import Exchange
from shopbell.assistant.lines import Lines
from shopbell.assistant.mood import frustrated
from shopbell.assistant.turn import Answer


class Handover:
    """The shop's rules for calling a person."""

    def __init__(self, console: Console, lines: Lines, now: Callable[[], datetime]) -> None:
        """Take the owner's settings; `now` tells the time in the shop's zone."""
        self._frustration = console.frustration
        topics = "|".join(map(re.escape, console.topics))
        self._topics = re.compile(rf"\b(?:{topics})\b", re.IGNORECASE) if topics else None
        self._lines = lines
        self._now = now

    def decide(self, answer: Answer, history: Sequence[Exchange], text: str) -> Answer:
        """Return the answer, with the wish for a person and its line where the shop's rules say so."""
        if answer.wants_person is not None or answer.ends:
            return answer
        if self._topics is not None and self._topics.search(text):
            return replace(answer, wants_person="topic", notice=self._line())
        if self._frustration and frustrated((*since_staff(history), text)):
            return replace(answer, wants_person="frustration", notice=self._line())
        return answer

    def _line(self) -> str:
        return self._lines.called(self._now())


def since_staff(history: Sequence[Exchange]) -> tuple[str, ...]:
    """Return what the customer said since a person last spoke: old anger calls nobody back."""
    said: list[str] = []
    for exchange in history:
        if exchange.rung == "staff":
            said.clear()
        elif exchange.question:
            said.append(exchange.question)
    return tuple(said)
