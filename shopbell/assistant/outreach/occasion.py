"""Occasion: one reason to write to one customer, with the facts that code has looked up. Pure."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from shopbell.assistant.outreach.plan import Trigger

MARKETING, PROFILING = "marketing", "profiling"
NEEDS: Mapping[Trigger, tuple[str, ...]] = {
    "welcome": (MARKETING,),
    "birthday": (MARKETING,),
    "reward_near": (MARKETING,),
    "points_expiring": (MARKETING,),
    "win_back": (MARKETING, PROFILING),
    "after_purchase": (MARKETING, PROFILING),
    "service_recovery": (MARKETING,),
}
"""Purposes that the customer must have agreed to; who is chosen by what they buy was grouped by it."""
COMMON = ("name", "shop", "club", "assistant")
FACTS: Mapping[Trigger, tuple[str, ...]] = {
    "welcome": ("points",),
    "birthday": ("birthday",),
    "reward_near": ("points", "missing", "reward"),
    "points_expiring": ("expiring", "expires_on", "points"),
    "win_back": ("last_visit",),
    "after_purchase": ("thing", "bought_on"),
    "service_recovery": ("told_on",),
}
"""What a template may name besides `COMMON`; every one is there on its occasion."""
LABELS: Mapping[Trigger, str] = {
    "welcome": "Welcome",
    "birthday": "Birthday",
    "reward_near": "Reward near",
    "points_expiring": "Points expiring",
    "win_back": "Win-back",
    "after_purchase": "After a purchase",
    "service_recovery": "After a complaint",
}


class Occasion(Struct, frozen=True, kw_only=True):
    """Why one customer may be written to now."""

    trigger: Trigger
    customer: str
    key: str
    """The same occasion again has the same: it is used once for ever."""
    facts: Mapping[str, str]
    why: str
    """A sentence for the staff."""
    until: datetime
    """Nothing is sent after that: its day is over."""

    @property
    def name(self) -> str:
        """The occasion's own, unique in the shop."""
        return f"{self.trigger}:{self.customer}:{self.key}"


def campaign_of(occasion: Occasion, now: datetime) -> str:
    """Return what the hold-out is drawn for: trigger and year, so that nobody is left out for ever."""
    return f"{occasion.trigger}-{now.year}"
