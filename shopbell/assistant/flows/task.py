"""Task: what is being done in a conversation, between two turns. In the log, so it outlives a restart.

A deed is the whole of what a yes will do, amounts included; nothing else is ever carried out. Pure.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

LASTS = timedelta(minutes=10)
"""After so long without a word about it, a yes is no answer to it any more."""
Field = Literal["phone", "email"]


class Redeem(Struct, frozen=True, tag=True, kw_only=True):
    """Set a reward aside."""

    reward: str
    name: str
    cost: int
    """Points it takes; 0 for one that was given."""


class Join(Struct, frozen=True, tag=True, kw_only=True):
    """Make somebody a member."""

    name: str
    phone: str
    purposes: tuple[str, ...] = ()
    """What they agreed to, asked one by one."""
    refused: tuple[str, ...] = ()
    friend: str = ""
    """Referral code of who brought them."""


class Change(Struct, frozen=True, tag=True, kw_only=True):
    """Keep another phone number or e-mail address."""

    field: Field
    value: str


class Consent(Struct, frozen=True, tag=True, kw_only=True):
    """Note a yes or no to purposes."""

    purposes: tuple[str, ...]
    given: bool


class Complain(Struct, frozen=True, tag=True, kw_only=True):
    """Log a complaint."""

    text: str


class CallBack(Struct, frozen=True, tag=True, kw_only=True):
    """Ask the staff to call."""

    number: str
    about: str


class Rate(Struct, frozen=True, tag=True, kw_only=True):
    """Keep how satisfied somebody is, or whether they would recommend the shop."""

    kind: Literal["csat", "nps"]
    score: int
    comment: str = ""


class Remember(Struct, frozen=True, tag=True, kw_only=True):
    """Remember something for the customer."""

    text: str
    agreed: bool = False
    """The consent to it was given in the same breath."""


class Unremember(Struct, frozen=True, tag=True, kw_only=True):
    """Forget one thing that was remembered, or all (number 0)."""

    number: int
    text: str


class Erase(Struct, frozen=True, tag=True, kw_only=True):
    """Erase all that is known of the customer."""


Deed = Redeem | Join | Change | Consent | Complain | CallBack | Rate | Remember | Unremember | Erase


class Task(Struct, frozen=True, kw_only=True):
    """One thing that was begun and needs another word of the customer."""

    flow: str
    """Name of the flow, such as `redeem`."""
    asking: str
    """What was asked last: a slot's name, `confirm`, `sign-in`, or `meant`."""
    question: str
    """As it was asked, to be repeated."""
    since: datetime
    key: str
    """Names the deed, so that it is done once."""
    slots: tuple[tuple[str, str], ...] = ()
    deed: Deed | None = None
    """What a yes does."""
    customer: str = ""
    """Whose it is; another person's yes is none."""
    tries: int = 0
    """Answers in a row that were not understood."""

    def slot(self, name: str) -> str:
        """Return what was said for a slot; empty when nothing was."""
        return dict(self.slots).get(name, "")

    def is_over(self, now: datetime) -> bool:
        """Say whether it was left for too long."""
        return now - self.since > LASTS


class Tasked(Struct, frozen=True, tag=True, kw_only=True):
    """Something was begun in conversation, went a step on, or is over (None)."""

    task: Task | None = None


class Did(Struct, frozen=True, tag=True, kw_only=True):
    """Code did what the customer said yes to."""

    flow: str
    key: str
    """Names the deed in the books."""
    outcome: Literal["done", "refused"] = "done"


def filled(slots: tuple[tuple[str, str], ...], **more: str) -> tuple[tuple[str, str], ...]:
    """Return slots with some of them said anew."""
    return tuple((dict(slots) | more).items())
