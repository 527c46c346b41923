"""What is answered of the nightly reckoning, each with an example."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from shopbell.loyalty.reckoning.answers import Advice, ComputedSegment, CustomerWorth, HeldOut, Membership

_WORTH = {
    "customer": "c0042",
    "visits": 31,
    "first": "2025-03-12",
    "last": "2026-10-24",
    "gap_days": 7.0,
    "clv_minor": 18_400,
    "low_minor": 4_200,
    "high_minor": 38_100,
    "at_risk": True,
    "why": "Came about every 7 days, 31 times since 12 March 2025; was due about 31 October 2026, and has "
    "been away for 29 days, since 24 October 2026.",
    "rfm": "R2F5M4",
}
_ADVICE = {
    "sku": "CAK-CROI",
    "name": "Almond croissant",
    "price_minor": 380,
    "together": 212,
    "receipts": 904,
    "why": "Flat white, which you have, and Almond croissant go together: of 904 receipts with the first, "
    "212 (23 %) had both.",
}


class Standing(Struct, frozen=True, kw_only=True):
    """How the figures were made, to be shown beside them."""

    day: date
    """They count what was bought before this day."""
    ahead_days: int
    """Days that worth looks ahead."""
    least_visits: int
    """With fewer, worth is that of customers like this one."""
    held_out: HeldOut | None
    """How far off the same reckoning was, tried on the past; None: the books are too short for that."""
    note: str


class Worths(Struct, frozen=True, kw_only=True):
    """Customers with their figures; only those who agreed to profiling."""

    reckoned: Standing | None
    """None: nothing was reckoned yet; the server does it every night."""
    customers: Annotated[Sequence[CustomerWorth], Meta(examples=[[_WORTH]])]


class Worth(Struct, frozen=True, kw_only=True):
    """One customer's figures."""

    reckoned: Standing | None
    worth: Annotated[CustomerWorth | None, Meta(examples=[_WORTH])]
    """None: no purchase, no consent to profiling, or not reckoned yet."""


class Groups(Struct, frozen=True, kw_only=True):
    """The groups that rules make."""

    reckoned: Standing | None
    groups: Annotated[
        Sequence[ComputedSegment],
        Meta(examples=[[{"name": "risk-slipping", "label": "Slipping away", "members": 12}]]),
    ]


class Members(Struct, frozen=True, kw_only=True):
    """Who is or was in a group, since when, and why."""

    members: Annotated[
        Sequence[Membership],
        Meta(examples=[[{"customer": "c0042", "segment": "risk-slipping", "since": "2026-11-16"}]]),
    ]


class Suggested(Struct, frozen=True, kw_only=True):
    """What to offer, the best first; each with a reason that may be told to the customer."""

    personal: bool
    """By what the customer usually buys; else what anybody would be offered."""
    suggestions: Annotated[Sequence[Advice], Meta(examples=[[_ADVICE]])]
