"""Forms of `/api/staff/customers`: who a customer is and what the counter may do for them.

Phone number, e-mail address and year of birth come masked; `Reveal` tells one of them, for a reason that is
written down. Money comes as it is said ("£7.40").
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Ident = Annotated[str, Meta(min_length=1, max_length=80)]
Key = Annotated[str, Meta(min_length=1, max_length=64)]
"""Made by the console; the same again does nothing twice."""
Reason = Annotated[str, Meta(min_length=3, max_length=300)]
Points = Annotated[int, Meta(ge=1, le=10**9)]
Secret = Literal["phone", "email", "birthday"]
"""What comes masked."""


class FindCustomer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of a name, a phone number or its last four digits, an e-mail address, a card's number or code."""

    text: Annotated[str, Meta(min_length=2, max_length=254)]


class CustomerId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer."""

    customer: Ident


class Reveal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Show what is masked; the reason is written down."""

    customer: Ident
    field: Secret
    reason: Reason


class Recognise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the customer of a conversation is, as staff knows; empty: nobody any more."""

    conversation: Key
    customer: Annotated[str, Meta(max_length=80)] = ""


class Award(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points as goodwill."""

    key: Key
    customer: Ident
    points: Points
    reason: Reason


class Decide(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Yes or no to what a colleague asked for."""

    request: Annotated[str, Meta(min_length=1, max_length=150)]
    approve: bool


class SetAside(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reward to set aside for a customer."""

    key: Key
    customer: Ident
    reward: Ident


class RewardCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reward that was set aside, by its code or its hold."""

    code: Ident


class Pair(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two records of one person."""

    source: Ident
    """Goes."""
    target: Ident
    """Remains."""


class Unmerge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merge to undo."""

    merge: Annotated[int, Meta(ge=1, le=2**53)]


class Settle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complaint that was seen to."""

    number: Annotated[int, Meta(ge=1, le=2**53)]
