"""The keysmith: what staff, who see the customer, can do so that the customer can be known."""

from collections.abc import Callable
from datetime import datetime

from shopbell.assistant.doorman import Gate
from shopbell.loyalty.identity import Issued
from shopbell.storage.worker import Worker


class Keysmith:
    """Makes one-time codes and cards, and opens locked accounts."""

    def __init__(self, gate: Gate, *, database: Worker, now: Callable[[], datetime]) -> None:
        self._gate = gate
        self._database = database
        self._now = now

    async def issue_code(self, customer: str, *, by: str) -> Issued:
        """Make a one-time code to be read out; an earlier one ends, and a lock opens.

        Raises NoSuchCustomer.
        """
        issued = await self._database.call(self._gate.keyring.issue_code, customer, self._now(), by=by)
        await self.unlock(customer)
        return issued

    async def issue_card(self, customer: str) -> str:
        """Make the text of a card's QR code; an earlier card ends. Raises NoSuchCustomer."""
        return await self._database.call(self._gate.keyring.issue_card, customer, self._now())

    async def unlock(self, customer: str) -> None:
        """Let a PIN be tried again that was wrong too often."""
        name = await self._database.call(self._gate.keyring.named, customer)
        await self._database.call(self._gate.tries.reset, name, self._now())
