"""The tables of outreach, as migration 0016 creates them. Times are ISO text in UTC."""

from typing import Literal

import sqlalchemy as sa

from shopbell.storage.columns import texts, where, whole
from shopbell.storage.database import metadata

State = Literal[
    "held",
    "waiting",
    "released",
    "sending",
    "sent",
    "shown",
    "unsure",
    "bounced",
    "failed",
    "refused",
    "stopped",
]
"""`held`: in the group that gets nothing. `waiting`: for a person. `released`: may go. `sending`: on its way
this moment. `unsure`: on its way when the program was stopped or the line broke; never sent again. `bounced`:
the mail server refused it for good. `failed`: not taken after many tries. `stopped`: it may not go now."""
COUNTED: tuple[State, ...] = ("sending", "sent", "shown", "unsure")
"""What the customer got, or may have got: these count against the cap."""

letter_table = sa.Table(
    "outreach_letter",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("occasion", sa.Text, nullable=False, unique=True),
    *texts("trigger", "campaign", "customer", "arm", "state", "way", "subject", "body", "template"),
    *texts("facts", "why", "drawn_at", "until", "due_at"),
    sa.Column("attempts", whole, nullable=False),
    *texts("basis", "address", "decided_by", "outcome"),
    sa.Column("reached_at", sa.Text),
    sa.Index("ix_outreach_letter_customer", "customer", "state"),
    sa.Index("ix_outreach_letter_drawn", "drawn_at"),
    sa.Index("ix_outreach_letter_due", "due_at", **where("state = 'released'")),
    sqlite_strict=True,
)
try_table = sa.Table(
    "outreach_try",
    metadata,
    sa.Column("seq", whole, primary_key=True, autoincrement=True),
    sa.Column("letter", sa.Text, sa.ForeignKey("outreach_letter.id"), nullable=False, index=True),
    *texts("at"),
    sa.Column("code", whole, nullable=False),  # SMTP reply code; 0: there was none
    *texts("words"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
