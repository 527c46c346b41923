"""At risk: who tells outreach which regulars are slipping away. The reckoning does."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from msgspec import Struct


class Slipping(Struct, frozen=True, kw_only=True):
    """A regular who stays away."""

    customer: str
    last_visit: date
    why: str
    """One sentence with dates, for the staff."""


class AtRisk(Protocol):
    """Knows who is slipping away. Blocks."""

    def slipping(self) -> Iterable[Slipping]:
        """Return everybody at risk, the most worth first."""
        ...


class Nobody:
    """Knows of nobody: for a shop that was not reckoned yet."""

    def slipping(self) -> Iterable[Slipping]:
        """Return nobody."""
        return ()
