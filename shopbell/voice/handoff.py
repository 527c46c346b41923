"""Hand-off: a code with which a customer goes on on their own phone. Once, and for five minutes. Pure."""

import hmac
from collections.abc import Callable

from msgspec import Struct

from shopbell.storage.buckets import Clock

HOLDS_S = 300.0
"""Seconds a code holds."""
MOST = 64
"""Codes that are open at once, all kiosks together; the oldest gives way."""


class Pass(Struct, frozen=True, kw_only=True):
    """What the phone is given."""

    conversation: str
    token: str


class _Open(Struct, frozen=True):
    handed: Pass
    until: float
    taken: Callable[[], None]


class Handoffs:
    """All open codes; they live in memory only."""

    def __init__(self, *, clock: Clock, new_code: Callable[[], str]) -> None:
        """Take the clock and a maker of unguessable codes."""
        self._clock = clock
        self._new_code = new_code
        self._open: dict[str, _Open] = {}

    def offer(self, handed: Pass, taken: Callable[[], None]) -> str:
        """Return a code for the conversation; an earlier one of it holds no more. `taken` is told once."""
        self.withdraw(handed.conversation)
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        code = self._new_code()
        self._open[code] = _Open(handed, self._clock() + HOLDS_S, taken)
        return code

    def withdraw(self, conversation: str) -> None:
        """Let the codes of a conversation hold no more."""
        self._open = {c: one for c, one in self._open.items() if one.handed.conversation != conversation}

    def take(self, code: str) -> Pass | None:
        """Return what the code is for, once; None when it is unknown, used or too old."""
        now = self._clock()
        self._open = {c: one for c, one in self._open.items() if one.until > now}
        found = next((c for c in self._open if hmac.compare_digest(c.encode(), code.encode())), None)
        if found is None:
            return None
        one = self._open.pop(found)
        one.taken()
        return one.handed

    def __len__(self) -> int:
        return len(self._open)
