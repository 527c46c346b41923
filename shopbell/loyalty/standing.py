"""Everything about one customer that rules need to know, as one value."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct


class Activity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer did on one day of the shop's calendar."""

    spent: int = 0
    """Minor units."""
    points: int = 0
    """Points earned by purchases."""
    visits: int = 0
    """Purchases that did not come back whole; the day counts once."""


class Referred(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who brought this customer, and whether that was rewarded."""

    by: str
    """Customer id."""
    at: datetime
    """When the friend joined."""
    paid: bool = False
    rewarded: tuple[date, ...] = ()
    """Days on which the referrer was rewarded for others; whoever judges looks them up."""


class PackHeld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pack somebody bought: its passes and its time."""

    id: str
    """Receipt and line it was bought with."""
    rule: str
    """Id of the `pack` rule."""
    passes: int
    """How many were bought."""
    used: int = 0
    """Passes used; a skipped one is not."""
    refunded: int = 0
    """Passes given back for money."""
    price: int
    """Minor units paid."""
    bought: date
    valid_until: date | None = None
    """Last day; None: for ever."""
    next_due: date | None = None
    """When the next pass comes due by itself; None: used when the customer likes."""
    paused: date | None = None
    """Since when; None: running."""
    pause_until: date | None = None
    """Day on which it goes on by itself."""
    closed: bool = False
    """Left and refunded."""

    @property
    def left(self) -> int:
        """Passes that can still be used."""
        return 0 if self.closed else self.passes - self.used - self.refunded


class Standing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One customer's state; never changed, only replaced."""

    customer: str
    member_since: datetime | None = None
    """None: not a member."""
    birthday: tuple[int, int] | None = None
    """Month and day; the year is nobody's business."""
    segments: tuple[str, ...] = ()
    first_purchase: date | None = None
    last_purchase: date | None = None
    activity: Mapping[date, Activity] = {}
    """By day, as far back as the levels look."""
    tier: str = ""
    """Id of the level; empty: where everybody starts."""
    grace_until: date | None = None
    """The level is lost at the first review from this day on, unless regained."""
    reviewed: date | None = None
    """Last day on which the level was looked at."""
    entered: tuple[str, ...] = ()
    """Levels whose entry was rewarded."""
    carried: Mapping[str, int] = {}
    """By rule and its measure: parts of a point left over; below zero after a refund."""
    stamps: Mapping[str, int] = {}
    """By rule: stamps on the open card."""
    visited: Mapping[str, date] = {}
    """By rule: last day that counted as a visit."""
    gained: Mapping[str, Mapping[str, int]] = {}
    """By rule with caps, then by day, week, month, year or `total`: what it gave."""
    bonuses: Mapping[str, date] = {}
    """By rule: the day for which a bonus was last given."""
    referred: Referred | None = None
    packs: tuple[PackHeld, ...] = ()
