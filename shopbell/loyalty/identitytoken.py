"""Tokens of the shop's own site: whom its server has signed in, said with a signature. Pure.

A token is `BODY.SIGNATURE`, both base64url without padding; the body is JSON with `aud` (this shop), `sub`
(id, phone number or e-mail address of the customer), `exp` (seconds since 1970) and `jti` (a text used once).
The signature is HMAC-SHA256 over the body as sent. The server is the only place that may hold the key.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from shopbell.loyalty.identityerrors import TokenRefused

LONGEST = timedelta(minutes=10)
"""A token that claims to be good for longer is refused."""
MAX_CHARS = 1_024
_REFUSED = "The shop's site sent a sign-in that cannot be used. Sign in with your number and PIN."


class Claim(Struct, frozen=True, kw_only=True):
    """What the site says."""

    aud: str
    sub: str
    exp: int
    jti: str


def sign(claim: Claim, key: bytes) -> str:
    """Return the token that says this."""
    body = _encode(msgspec.json.encode(claim))
    return f"{body}.{_encode(_seal(body, key))}"


def read(token: str, key: bytes, *, audience: str, now: datetime) -> Claim:
    """Return what a token says; raises `TokenRefused`, the same for every fault."""
    body, _, seal = token[: MAX_CHARS + 1].partition(".")
    # The signature is compared first and in constant time: nothing of a forged body is ever read.
    ours = _encode(_seal(body, key)).encode()
    if len(token) > MAX_CHARS or not hmac.compare_digest(ours, seal.encode(errors="replace")):
        raise TokenRefused(_REFUSED)
    try:
        claim = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Claim)
    except (msgspec.DecodeError, binascii.Error) as error:
        raise TokenRefused(_REFUSED) from error
    left = claim.exp - now.timestamp()
    if claim.aud != audience or not 0 < left <= LONGEST.total_seconds() or not claim.sub or not claim.jti:
        raise TokenRefused(_REFUSED)
    return claim


def _seal(body: str, key: bytes) -> bytes:
    return hmac.new(key, body.encode(errors="replace"), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
