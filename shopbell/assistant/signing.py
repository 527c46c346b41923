"""What a customer's page says to sign in and out, and what it is told. Part of the wire; pure.

None of it is kept: number, PIN and code go to the door alone, never into a log or a prompt.
"""

from typing import Literal

from msgspec import Struct


class SignIn(Struct, frozen=True, tag="sign_in", tag_field="type", forbid_unknown_fields=True):
    """Prove who you are. Answered by `Identity`, or by `Trouble`."""

    __pii__ = ("account", "secret", "token")
    key: str
    account: str = ""
    """Phone number, e-mail address or membership number; empty with a card."""
    secret: str = ""
    """PIN, one-time code, or the text of the card's QR code."""
    token: str = ""
    """Made by the shop's own site, instead of the two."""


class SendCode(Struct, frozen=True, tag="send_code", tag_field="type", forbid_unknown_fields=True):
    """Send me a one-time code by e-mail, if this account has an address."""

    __pii__ = ("account",)
    key: str
    account: str


class SetPin(Struct, frozen=True, tag="set_pin", tag_field="type", forbid_unknown_fields=True):
    """This is my PIN from now on; only who is signed in may choose one."""

    __pii__ = ("pin",)
    key: str
    pin: str


class SignOut(Struct, frozen=True, tag="sign_out", tag_field="type", forbid_unknown_fields=True):
    """Nobody is known any more."""


class Identity(Struct, frozen=True, tag="identity", tag_field="type", kw_only=True):
    """Who the server takes the customer for from now on; never a name, a number or a code."""

    seq: int
    level: Literal["anonymous", "claimed", "verified", "vouched"]


SigningFrame = SignIn | SendCode | SetPin | SignOut
