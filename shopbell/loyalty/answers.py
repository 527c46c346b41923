"""What the club answers. Encoded to JSON, the answer to a repeated request is the same bytes each time."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from shopbell.loyalty.award import Withheld
from shopbell.loyalty.effects import Gained, Purse, Spent, Taken
from shopbell.loyalty.explaining import Row
from shopbell.loyalty.statement import Balance


class Recorded(Struct, frozen=True, kw_only=True):
    """A sale is in the books."""

    purchase: int
    """Number of the purchase."""
    source: str
    external_id: str
    customer: str
    """Empty: nobody was known."""
    at: datetime
    amount: int
    """Minor units."""
    gained: tuple[Gained, ...]
    spent: tuple[Spent, ...]
    withheld: tuple[Withheld, ...]
    sentences: tuple[str, ...]
    """For the customer: what was given, what not and why, and the level."""
    purses: tuple[Purse, ...]
    tier: str
    """Name of the level afterwards; empty without levels."""


class Reversed(Struct, frozen=True, kw_only=True):
    """Goods came back, or the sale was undone."""

    reversal: int
    """Number of the return."""
    purchase: int
    source: str
    external_id: str
    kind: Literal["refund", "void"]
    customer: str
    at: datetime
    whole: bool
    """Nothing of the sale is left."""
    taken: tuple[Taken, ...]
    given_back: tuple[Spent, ...]
    """What the sale was paid with."""
    purses: tuple[Purse, ...]


class Imported(Struct, frozen=True, kw_only=True):
    """A file of sales went into the books, all or nothing."""

    sales: int
    """New."""
    returns: int
    """New."""
    repeated: int
    """Known already; nothing was added for them."""
    points: int
    """Points given less points taken back."""


class Account(Struct, frozen=True, kw_only=True):
    """A customer's balances in all units."""

    customer: str
    balances: tuple[Balance, ...]


class Member(Struct, frozen=True, kw_only=True):
    """Where a customer stands."""

    customer: str
    merged_into: str
    """Empty, or the customer who remains."""
    member_since: datetime | None
    tier: str
    """Id of the level; empty: where everybody starts."""
    tier_name: str
    sentence: str
    """The level, and what the next one takes."""
    grace_until: date | None
    benefits: tuple[str, ...]
    stamps: dict[str, int]
    """By rule: stamps on the open card."""
    last_purchase: date | None


class Explained(Struct, frozen=True, kw_only=True):
    """Why a purchase earned what it did, and what became of it."""

    purchase: int
    source: str
    external_id: str
    customer: str
    at: datetime
    version: date
    """First day of the terms that judged it."""
    sentences: tuple[str, ...]
    rows: tuple[Row, ...]
    returns: tuple[Reversed, ...]


class Offer(Struct, frozen=True, kw_only=True):
    """A reward as one customer sees it."""

    reward: str
    name: str
    cost: int
    """Points; 0: only rules give it."""
    owned: int
    """How many the customer was given and can use at no cost."""
    stock: int | None
    """How many are left; None: no limit."""
    until: date | None
    can: bool
    """It can be reserved now."""
    why: str
    """Why not; empty when it can."""


HoldState = Literal["reserved", "redeemed", "released", "undone"]


class Reserved(Struct, frozen=True, kw_only=True):
    """A reward set aside: show the code at the counter."""

    hold: str
    customer: str
    reward: str
    name: str
    unit: str
    points: int
    """What it takes of the unit."""
    code: str
    expires_at: datetime
    """Released by itself from then on."""


class Redeemed(Struct, frozen=True, kw_only=True):
    """What became of a reward that was set aside."""

    hold: str
    customer: str
    reward: str
    state: HoldState
    unit: str
    points: int
    gained: tuple[Gained, ...]
    """What using it gave: a prize of points or money."""
    undo_until: datetime | None
    """Can be undone until then; None: not any more."""
    purses: tuple[Purse, ...]


class Adjusted(Struct, frozen=True, kw_only=True):
    """A correction by hand: done, or waiting for a second person."""

    request: str
    customer: str
    unit: str
    points: int
    reason: str
    actor: str
    at: datetime
    state: Literal["done", "waiting", "refused"]
    decided_by: str = ""
    purses: tuple[Purse, ...] = ()


class Merged(Struct, frozen=True, kw_only=True):
    """Two records of one person became one, or two again."""

    merge: int
    source: str
    target: str
    at: datetime
    by: str
    undone: bool
    moved: tuple[Spent, ...]
    purses: tuple[Purse, ...]


class Joined(Struct, frozen=True, kw_only=True):
    """A customer is in the club."""

    customer: str
    brought_by: str
    gained: tuple[Gained, ...]


class DayDone(Struct, frozen=True, kw_only=True):
    """What the calendar brought."""

    at: datetime
    matured: int
    """Entries; so are the next two."""
    expired: int
    lapsed: int
    released: int
    """Reservations that nobody came for."""
    bonuses: int
    """Birthday, welcome and win-back awards."""
    risen_or_fallen: int
    """Customers whose level changed."""


FlagKind = Literal["shared-card", "top-card", "adjust-then-redeem", "refund-cycling"]


class Flag(Struct, frozen=True, kw_only=True):
    """Something a person should look at."""

    kind: FlagKind
    customer: str
    actor: str
    """Cashier or staff account; empty when none is behind it."""
    count: int
    since: datetime
    until: datetime
    why: str
    """A sentence with the figures."""
