"""Known: who the customer of a conversation is, how that is known, and for how long it holds. Pure.

anonymous -> claimed (said only: reveals nothing) -> verified (proven by PIN, code, card or the shop's site)
-> vouched (said by staff, who see them). What is private is answered from verified on.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

IDLE = timedelta(minutes=15)
"""Without a word for so long nobody is verified any more."""

Why = Literal["", "asked", "goodbye", "idle", "left", "changed"]


class Recognised(Struct, frozen=True, tag=True, kw_only=True):
    """Who the customer is from now on, and how that is known; never a code or a PIN."""

    customer: str
    """Id of the customer; empty: nobody is known any more."""
    level: Literal["claimed", "verified", "vouched"] = "verified"
    """`claimed` is only said, `verified` is proven, `vouched` was said by staff."""
    name: str = ""
    """Of the member of staff who vouched."""
    how: Literal["", "pin", "code", "card", "site", "staff", "number"] = ""
    why: Why = ""
    """Why nobody is known any more."""


class Known(Struct, frozen=True, kw_only=True):
    """Somebody who said who they are."""

    customer: str
    level: str
    how: str
    since: datetime
    seen_at: datetime
    """When they last said something."""

    @property
    def is_verified(self) -> bool:
        """Whether it was proven, or staff vouched for it."""
        return bool(self.customer) and self.level in {"verified", "vouched"}


def known_by(event: Recognised, at: datetime) -> Known | None:
    """Return who is known after the event; None for nobody."""
    if not event.customer:
        return None
    return Known(customer=event.customer, level=event.level, how=event.how, since=at, seen_at=at)


def holding(known: Known | None, now: datetime) -> Known | None:
    """Return who is known if that holds at `now`, else None."""
    return None if known is None or now - known.seen_at > IDLE else known


def parting(known: Known | None, why: Why) -> tuple[Recognised, ...]:
    """Return the event after which nobody is known, if somebody is and there is a reason."""
    return (Recognised(customer="", why=why),) if known is not None and why else ()
