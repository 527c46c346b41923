"""What can go wrong when somebody says who they are.

LoyaltyError
`- SignInRefused      the sign-in did not succeed; never says which part was wrong
   |- SignInTooFast   too many tries in a short time
   |- SignInLocked    too many wrong tries: only a code from the shop opens it
   |- TokenRefused    the shop's site sent a token that cannot be used
   `- PinRefused      the PIN to be kept is easily guessed
"""

from shopbell.loyalty.errors import LoyaltyError


class SignInRefused(LoyaltyError):
    """The sign-in did not succeed; never says whether the account is known."""

    code = "sign-in"


class SignInTooFast(SignInRefused):
    """Too many tries in a short time."""

    code = "sign-in-too-fast"


class SignInLocked(SignInRefused):
    """Too many wrong tries: only a code from the shop opens the account."""

    code = "sign-in-locked"


class TokenRefused(SignInRefused):
    """The shop's own site sent a token that cannot be used."""

    code = "sign-in-token"


class PinRefused(SignInRefused):
    """A PIN that cannot be kept."""

    code = "pin-refused"
