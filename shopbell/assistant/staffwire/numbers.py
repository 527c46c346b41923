"""The form of `/api/staff/numbers`: one day in figures."""

from collections.abc import Mapping

from msgspec import Struct


class Trade(Struct, frozen=True, kw_only=True):
    """What the till told of one day, less what came back, and what became of points."""

    sales: int
    amount: str
    """Paid, all sales together, with the currency."""
    known: int
    """Sales of which the customer is known."""
    known_amount: str
    issued: int
    """Points given."""
    redeemed: int
    """Points spent."""


class RungNumbers(Struct, frozen=True, kw_only=True):
    """One rung today."""

    rung: str
    replies: int
    median_s: float
    """Seconds to the first word."""
    p95_s: float


class Numbers(Struct, frozen=True, kw_only=True):
    """One day in figures, in the shop's zone. `assistant.numbers` says how each is counted."""

    day: str
    conversations: int
    customer_messages: int
    rungs: tuple[RungNumbers, ...]
    handovers: int
    """Times a person was wanted."""
    waiting_median_s: float
    """Seconds from the wish to the person, of those who got one."""
    waiting_longest_s: float
    unserved: int
    """Wishes for a person that no person answered."""
    thumbs_up: int
    thumbs_down: int
    stars: float
    """Mean; 0 for none."""
    stars_given: int
    resolved: int
    """Conversations answered without a person wanted, no thumb down, and the last turn not failed."""
    by_hour: tuple[int, ...]
    """Conversations begun in each hour of the day."""
    drafts: Mapping[str, int]
    """Suggested replies: accepted, edited, rejected."""
    trade: Trade | None = None
    """None for a shop without a loyalty programme: no till tells it anything."""
