"""What judging a sale yields: what a rule gives, what it withheld, and why."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct


class Award(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one rule gives for one sale, or for one line of it."""

    rule: str
    """Id of the rule that gives it."""
    unit: str
    """What is counted: `points`, `money`, `stamps:<card>`, `passes:<pack>`, `reward:<name>`."""
    points: Annotated[int, Meta(gt=0)]
    """How many of the unit; of `money`, minor units."""
    line: str = ""
    """The receipt line it is for; empty for the whole sale."""
    matures_at: datetime | None = None
    """Pending until then; None: usable at once."""
    expires_at: datetime | None = None
    """Lost from then on; None: never."""
    why: str
    """The customer's sentence, with the arithmetic."""


class Withheld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule did not give, and why."""

    rule: str
    """Id of the rule."""
    line: str = ""
    """The receipt line; empty for the whole sale."""
    why: str
    """The customer's sentence."""
    told: bool = True
    """Worth saying to the customer; false: for the owner's table only."""
