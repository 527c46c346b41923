"""Forms of `/api/staff/customers` about signing in: codes to read out, cards to print."""

from datetime import datetime

from msgspec import Struct


class SignInCode(Struct, frozen=True, kw_only=True):
    """A one-time code, to be read out to the customer."""

    code: str
    ends_at: datetime


class LoyaltyCard(Struct, frozen=True, kw_only=True):
    """A customer's card."""

    text: str
    svg: str
    """Its QR code."""
