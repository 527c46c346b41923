"""Hold-out: who gets nothing of a campaign, drawn once and for all from campaign and customer. Pure."""

import hashlib
import hmac
from typing import Literal

Arm = Literal["treated", "held"]
_RANGE = 2**64


def draw(secret: bytes, campaign: str, customer: str, share: float) -> Arm:
    """Return in which group a customer is; the same for ever, and nobody's guess without the secret."""
    digest = hmac.new(secret, f"{campaign}\x00{customer}".encode(), hashlib.sha256).digest()
    return "held" if int.from_bytes(digest[:8]) < share * _RANGE else "treated"
