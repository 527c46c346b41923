"""What the console takes from around it: the time, the zone, keys for its commands."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from msgspec import Struct


class Around(Struct, frozen=True):
    """What the console takes from around it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    zone: tzinfo | None = None
    """In which times are told; None is this machine's own."""
    new_key: Callable[[], str] = lambda: secrets.token_hex(8)
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the sign of life."""
