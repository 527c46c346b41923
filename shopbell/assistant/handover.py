"""Hand-over: when code calls a person although nobody asked for one. Pure, but for the clock passed in."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.console import Console
from shopbell.assistant.conversation import Conversation, Exchange
from shopbell.assistant.lines import Lines
from shopbell.assistant.mood import frustrated
from shopbell.assistant.turn import Answer

PROVEN = ("verified", "vouched")
"""How it must be known who a customer is: a number that was only typed calls nobody."""


class Worth(Struct, frozen=True, kw_only=True):
    """What a customer has with the shop."""

    tier: str = ""
    """Id of the level."""
    points: int = 0
    """On the account."""


Ask = Callable[[str], Awaitable[Worth | None]]
"""Tells of a customer's id what they have; None when nobody has it."""


class Handover:
    """The shop's rules for calling a person."""

    def __init__(self, console: Console, lines: Lines, now: Callable[[], datetime]) -> None:
        """Take the owner's settings; `now` tells the time in the shop's zone."""
        self._frustration = console.frustration
        topics = "|".join(map(re.escape, console.topics))
        self._tiers = frozenset(tier.casefold() for tier in console.valued.tiers)
        self._points = console.valued.points
        self._ask: Ask | None = None
        self._topics = re.compile(rf"\b(?:{topics})\b", re.IGNORECASE) if topics else None
        self._lines = lines
        self._now = now

    def know(self, ask: Ask) -> None:
        """Learn from now on what a customer has: without it nobody is called for who they are."""
        self._ask = ask

    async def worth(self, state: Conversation) -> Worth | None:
        """Return what a customer has who is proven to be who they say; None when that calls nobody.

        Nobody is called twice for it, nor when a person was there already.
        """
        rules = self._tiers or self._points is not None
        if self._ask is None or not rules or state.attended or state.known not in PROVEN:
            return None
        return await self._ask(state.customer)

    def decide(
        self, answer: Answer, history: Sequence[Exchange], text: str, worth: Worth | None = None
    ) -> Answer:
        """Return the answer, with the wish for a person and its line where the shop's rules say so."""
        if answer.wants_person is not None or answer.ends:
            return answer
        if self._topics is not None and self._topics.search(text):
            return replace(answer, wants_person="topic", notice=self._line())
        if worth is not None and self._is_valued(worth):
            return replace(answer, wants_person="valued", notice=self._line())
        if self._frustration and frustrated((*since_staff(history), text)):
            return replace(answer, wants_person="frustration", notice=self._line())
        return answer

    def _is_valued(self, worth: Worth) -> bool:
        enough = self._points is not None and worth.points >= self._points
        return enough or worth.tier.casefold() in self._tiers

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
