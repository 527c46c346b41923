"""Answers of `/api/staff/customers`: the counter card, rewards, goodwill and twins."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from shopbell.assistant.staffwire.customers import Secret


class CustomerRow(Struct, frozen=True, kw_only=True):
    """A customer in a list."""

    customer: str
    name: str
    phone: str
    email: str
    tier: str
    points: int
    last_visit: date | None = None


class CustomerRows(Struct, frozen=True, kw_only=True):
    """Who was found, by name."""

    rows: tuple[CustomerRow, ...]
    more: bool = False
    """There are others: say more of the name."""


class Purse(Struct, frozen=True, kw_only=True):
    """Something the customer has."""

    name: str
    amount: str
    note: str = ""
    """Such as "20 of them pending"."""


class VisitRow(Struct, frozen=True, kw_only=True):
    """A purchase."""

    day: date
    amount: str
    things: tuple[str, ...]


class ConsentRow(Struct, frozen=True, kw_only=True):
    """The last word on one purpose."""

    purpose: str
    given: bool
    day: date


class RewardRow(Struct, frozen=True, kw_only=True):
    """A reward as this customer can have it."""

    reward: str
    name: str
    cost: int
    """Points; 0 where one was given."""
    can: bool
    why: str = ""


class HoldRow(Struct, frozen=True, kw_only=True):
    """A reward that is set aside."""

    hold: str
    customer: str
    name: str
    """Of the customer."""
    reward: str
    """Its name."""
    points: int
    state: Literal["reserved", "redeemed", "released", "undone"]
    until: datetime
    """Reserved until then; once handed out, until then it can be undone."""
    code: str = ""
    """To be read out or written down; only in the answer to `SetAside`."""
    points_left: int | None = None


class ComplaintRow(Struct, frozen=True, kw_only=True):
    """A complaint that nobody has settled."""

    number: int
    day: date
    text: str
    wanted: str = ""
    """What would make it good."""


class MergeRow(Struct, frozen=True, kw_only=True):
    """A record that was joined to this one."""

    merge: int
    source: str
    name: str
    day: date
    by: str


class Patron(Struct, frozen=True, kw_only=True):
    """The counter card of a customer."""

    customer: str
    name: str
    tier: str
    standing: str
    """The level and what the next one takes, in a sentence."""
    vip: bool
    member_since: date | None
    phone: str
    email: str
    birthday: str
    """Day and month; the year is masked."""
    birthday_in: int | None
    """Days until the next one; 0: today."""
    points: int
    purses: tuple[Purse, ...]
    visits: tuple[VisitRow, ...]
    """Newest first."""
    usual: tuple[str, ...]
    complaints: tuple[ComplaintRow, ...]
    """Open ones, the newest first."""
    consents: tuple[ConsentRow, ...]
    rewards: tuple[RewardRow, ...]
    holds: tuple[HoldRow, ...]
    merges: tuple[MergeRow, ...]
    most: int
    """Points that who looks may give alone at once."""


class Revealed(Struct, frozen=True, kw_only=True):
    """What was masked."""

    field: Secret
    text: str


class Awarded(Struct, frozen=True, kw_only=True):
    """Points that were given, or that wait for a second person."""

    request: str
    customer: str
    name: str
    points: int
    reason: str
    by: str
    at: datetime
    state: Literal["done", "waiting", "refused"]
    decided_by: str = ""
    points_now: int | None = None


class Requests(Struct, frozen=True, kw_only=True):
    """What waits for a second person, the oldest first."""

    requests: tuple[Awarded, ...]


class MergePreview(Struct, frozen=True, kw_only=True):
    """What would be joined; nothing was changed."""

    source: CustomerRow
    target: CustomerRow
    joined: tuple[Purse, ...]
    """What the one who remains would have."""
    standing: str
    withdrawn: tuple[str, ...] = ()
    """Purposes of consent that would end, because the other record said no."""


class Merged(Struct, frozen=True, kw_only=True):
    """Two records are one, or two again."""

    merge: int
    source: str
    target: str
    undone: bool
