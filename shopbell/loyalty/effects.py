"""Effects: what an operation gave, used up, took back and left."""

from datetime import datetime

from msgspec import Struct


class Purse(Struct, frozen=True, kw_only=True):
    """What somebody has of one unit after it was done."""

    customer: str
    unit: str
    """`points`, `money` (minor units), `stamps:<rule>`, `passes:<rule>`, `reward:<id>`."""
    available: int
    pending: int
    held: int


class Gained(Struct, frozen=True, kw_only=True):
    """What one rule gave."""

    customer: str
    """The buyer, or who brought them."""
    unit: str
    points: int
    rule: str
    line: str
    why: str
    """The customer's sentence."""
    matures_at: datetime | None
    expires_at: datetime | None


class Spent(Struct, frozen=True, kw_only=True):
    """What was used up, or given back."""

    unit: str
    points: int
    reward: str = ""
    """Id of the reward it was for."""


class Taken(Struct, frozen=True, kw_only=True):
    """What was taken back of one award."""

    customer: str
    unit: str
    points: int
    shortfall: int
    """How many of them were spent already: owed, or forgiven, as the programme says."""
    rule: str
    line: str
    why: str
