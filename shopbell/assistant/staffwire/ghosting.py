"""Forms of `/api/staff/ghost`: which replies wait for approval, and how they were judged."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Topic = Annotated[str, Meta(min_length=1, max_length=300)]


class GhostTopic(Struct, frozen=True, kw_only=True):
    """How one topic of ghost mode stands."""

    topic: str
    in_a_row: int = 0
    """Drafts accepted unchanged since the last that was not."""
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    lapsed: int = 0
    """Drafts that nobody judged in time."""
    promoted_at: datetime | None = None
    """Since when its replies need no approval; None while they do."""


class GhostReport(Struct, frozen=True, kw_only=True):
    """Ghost mode as the owner set it, and how its topics stand."""

    topics: tuple[GhostTopic, ...] = ()
    """Nothing: ghost mode is off."""
    everything: bool = False
    """Every topic needs approval until it is promoted, also those not in the list yet."""
    promote_after: int
    deadline_s: float


class TopicName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic, by its name."""

    topic: Topic
