"""Postman: what the doorman asks of outreach: a one-time code by e-mail, and a word for who just came in."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from shopbell.loyalty.identity import Issued

Greeting = Callable[[str], Awaitable[str]]
"""Gives the note that waits for a customer who just signed in; empty for none."""


class Postman(Protocol):
    """Sends a customer a one-time code."""

    async def send_code(self, address: str, code: Issued) -> None:
        """Send it; raises OSError when that cannot be done now."""
        ...
