"""Signatures of webhooks: whoever shares the secret can tell that the shop wrote a message, and when.

The header is `t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 (RFC 2104) with the subscription's secret
over the bytes `<unix seconds>.<body>`.
"""

import hashlib
import hmac

HEADER = "Shopbell-Signature"
TOLERANCE_S = 300
"""Seconds a message may be old before it is taken for a replayed one."""


def sign(secret: str, at: int, body: bytes) -> str:
    """Return the header's value for a body sent at `at`, in Unix seconds."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def is_signed(secret: str, header: str, body: bytes, now: int) -> bool:
    """Say whether the header fits the body and is fresh; what a receiver does."""
    stamp, _, _ = header.partition(",")
    at = stamp.removeprefix("t=")
    if not (at.isascii() and at.isdigit() and len(at) < 12) or abs(now - int(at)) > TOLERANCE_S:  # noqa: PLR2004
        return False
    return hmac.compare_digest(header.encode("utf-8", "replace"), sign(secret, int(at), body).encode())
