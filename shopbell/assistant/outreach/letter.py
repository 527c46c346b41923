"""Letter: one message the shop writes first, as it is drafted, decided on and sent. Pure data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from shopbell.assistant.outreach.holdout import Arm
from shopbell.assistant.outreach.plan import Trigger, Way
from shopbell.assistant.outreach.tables import State


class Letter(Struct, frozen=True, kw_only=True):
    """A message, or the note that a customer was held out and got none."""

    id: str
    trigger: Trigger
    campaign: str
    customer: str
    arm: Arm
    state: State
    way: Way
    """`email` or `visit`."""
    subject: str
    body: str
    template: str
    """The words as the shop wrote them, with their slots."""
    facts: Mapping[str, str]
    why: str
    drawn_at: datetime
    until: datetime
    """Nothing is sent after that."""
    due_at: datetime
    """Looked at again from then on."""
    attempts: int
    basis: str
    """The lawful basis as it was when it went; empty before."""
    decided_by: str
    """Who released or refused it; `rule`: the owner's rule did."""
    outcome: str
    reached_at: datetime | None
    """When it was sent or shown."""

    @property
    def __pii__(self) -> tuple[str, ...]:
        """Fields that tell of somebody."""
        return ("subject", "body", "facts", "why")


class Parcel(Struct, frozen=True, kw_only=True):
    """A letter on its way to the mail server."""

    letter: Letter
    address: str

    @property
    def __pii__(self) -> tuple[str, ...]:
        """Fields that tell of somebody."""
        return ("address",)


class Outcome(Struct, frozen=True, kw_only=True):
    """What the mail server said."""

    kind: Literal["sent", "again", "bounced", "unsure"]
    """`again`: not taken, surely; `unsure`: nobody knows whether it was taken."""
    code: int
    """SMTP reply code; 0: there was none."""
    words: str


RULE = "rule"
"""Who decided where the owner's rule did."""
