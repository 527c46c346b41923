"""Keeping: for how long the shop keeps each kind of data, as its settings say."""

from typing import Annotated

from msgspec import Meta, Struct

Days = Annotated[int, Meta(ge=1, le=3_650)]


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many days data is kept; what is older is removed every night."""

    anonymous: Days = 30
    """Conversations of customers who did not say who they are."""
    conversations: Days = 180
    """Conversations of customers who were recognised."""
    unanswered: Days = 365
    """Questions the shop could not answer, counted from when they were last asked."""
    messages: Days = 30
    """Messages to other programs (webhooks)."""
    uploads: Days = 30
    """Files of sales that were sent to be taken in."""
    sign_ins: Days = 30
    """Tries of customers to sign in, and ended sessions of staff."""
    calls: Days = 90
    """Telephone calls: when, how long, how the line was; what was said goes with the conversation."""
    letters: Days = 400
    """Messages the shop wrote first, and who was held out of them."""
