"""What the ledger can be asked to do, and what it answers.

`key` names the request for ever: the same key with the same request is answered as the first time, with
another request it is refused. `at` says when it was asked and is no part of what was asked, so a retry may
carry a later one. Times have a zone.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

Key = Annotated[str, Meta(min_length=1, max_length=200, pattern="^[^~]")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Points = Annotated[int, Meta(gt=0, le=2**53 - 1)]


class Operation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="operation"):
    """What every operation says."""

    key: Key
    """Unique for ever; may not begin with "~", which the ledger keeps for its own entries."""
    at: datetime
    actor: str = ""
    """Who did it: a staff account, a till, or nothing for the shop itself."""
    reason: str = ""
    rule: str = ""
    line: str = ""
    """The receipt line it is for."""


class Accrue(Operation, frozen=True, kw_only=True, tag="accrue"):
    """Points earned: a new lot."""

    owner: Name
    unit: Name
    points: Points
    matures_at: datetime | None = None
    """Pending until then; None: usable at once."""
    expires_at: datetime | None = None
    """Lost from then on; None: never."""


class Spend(Operation, frozen=True, kw_only=True, tag="spend"):
    """Points redeemed at once, oldest first."""

    owner: Name
    unit: Name
    points: Points


class Hold(Operation, frozen=True, kw_only=True, tag="hold"):
    """Points set aside for a reward: no longer spendable, nor lost by expiry while they are held."""

    owner: Name
    unit: Name
    points: Points


class RedeemHold(Operation, frozen=True, kw_only=True, tag="redeem"):
    """The reward was handed out: what was held is redeemed."""

    hold: Name
    """The key of the hold."""


class ReleaseHold(Operation, frozen=True, kw_only=True, tag="release"):
    """The reward was not wanted: what was held goes back to its lots."""

    hold: Name


class GiveBack(Operation, frozen=True, kw_only=True, tag="give_back"):
    """Spent points returned to the lots they came from, with their old expiry; what was burnt last, first."""

    spend: Name
    """The key of the `Spend` or `RedeemHold`."""
    points: Points | None = None
    """None: all that was not given back before."""
    owner: str = ""
    """Who gets them; empty: who spent them. After a merge, the customer who remains."""


class ClawBack(Operation, frozen=True, kw_only=True, tag="claw_back"):
    """Earned points taken back: from their own lot, then from other lots, oldest first.

    Points of the lot that expired are gone already and are not taken twice.
    """

    accrual: Name
    """The key of the `Accrue`."""
    points: Points | None = None
    """None: all that was not taken back before."""
    shortfall: Literal["clamp", "negative"] = "clamp"
    """What the lots do not cover is forgiven, or is owed and repaid from what is earned later."""
    owner: str = ""
    """From whom; empty: who earned them. After a merge, the customer who remains."""


class Adjust(Operation, frozen=True, kw_only=True, tag="adjust"):
    """A correction by hand; `reason` and `actor` must be given."""

    owner: Name
    unit: Name
    points: Annotated[int, Meta(ge=-(2**53 - 1), le=2**53 - 1)]
    """Above zero: a new lot. Below: taken oldest first. Never zero."""
    expires_at: datetime | None = None


class Transfer(Operation, frozen=True, kw_only=True, tag="transfer"):
    """All of one unit that one customer has, lots and holds as they are, to another."""

    source: Name
    target: Name
    unit: Name


class UndoTransfer(Operation, frozen=True, kw_only=True, tag="undo_transfer"):
    """What is left of the lots that a transfer moved, back to where it was; what was spent stays spent."""

    transfer: Name


class Rate(Struct, frozen=True, kw_only=True):
    """What one of a unit costs the shop."""

    unit: Name
    money: Decimal
    """Minor units of the shop's currency per one."""


class CloseDay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="close_day"):
    """The end of a business day; its key is the day."""

    day: date
    at: datetime
    """The end of the day, or now while it goes on: what matures or expires by then is on the sheet."""
    rates: tuple[Rate, ...] = ()
    actor: str = ""


Request = (
    Accrue | Spend | Hold | RedeemHold | ReleaseHold | GiveBack | ClawBack | Adjust | Transfer | UndoTransfer
)
"""Any operation of a customer's account."""

Kind = Literal[
    "accrue",
    "adjust",
    "spend",
    "hold",
    "redeem",
    "release",
    "give_back",
    "claw_back",
    "transfer",
    "undo_transfer",
    "mature",
    "expire",
    "repay",
    "close",
]
"""Kinds of entries; the ledger writes the last four by itself."""


class Receipt(Struct, frozen=True, kw_only=True):
    """What an operation did; encoded to JSON it is the same bytes each time it is asked for."""

    seq: int
    """Number of the entry."""
    key: str
    kind: Kind
    owner: str
    """Whose account; of a transfer, who gets it."""
    unit: str
    points: int
    """How many the entry is about, without sign."""
    shortfall: int = 0
    """How many of them no lot covered."""
    available: int
    """What `owner` can spend afterwards; below zero when points are owed."""
    pending: int
    held: int
    at: datetime
