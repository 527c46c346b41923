"""What is answered about packs and segments."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct


class PackState(Struct, frozen=True, kw_only=True):
    """A pack somebody bought, as it stands today."""

    id: str
    """Receipt, line and piece it was bought with."""
    rule: str
    """What is used at the till: `passes:<rule>`."""
    name: str
    state: Literal["running", "paused", "used-up", "over", "left"]
    passes: int
    """How many were bought."""
    left: int
    price: int
    """Minor units paid."""
    bought: date
    valid_until: date | None
    """Last day; None: for ever."""
    next_due: date | None
    """When the next pass comes due by itself; None: used when the customer likes."""
    pause_until: date | None
    give_back: int
    """Minor units to give back if it were left today."""


class Stepped(Struct, frozen=True, kw_only=True):
    """What was done with a pack."""

    customer: str
    step: Literal["use", "skip", "pause", "resume", "leave"]
    pack: PackState
    """As it stands afterwards."""
    give_back: int
    """Minor units to give to the customer now; zero unless the pack was left."""
    at: datetime


class Segmented(Struct, frozen=True, kw_only=True):
    """The segments a customer was put into."""

    customer: str
    segments: tuple[str, ...]
    """All of them; those of running packs come on top."""
    reason: str
    by: str
    at: datetime
