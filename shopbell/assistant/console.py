"""The console's part of `shop.toml`: canned replies, idle holders, when to call a person."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct

from shopbell.assistant.floor import Idle

Minutes = Annotated[float, Meta(gt=0, le=24 * 60)]


class CannedReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply kept ready for staff."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    """What it is found by."""
    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    """What it says."""


class Console(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The staff console and the hand-over from assistant to person."""

    ask_after_min: Minutes = 10.0
    """Minutes a member of staff may hold a chat in silence before being asked "are you there?"."""
    leave_after_min: Minutes = 2.0
    """Minutes to answer that; then the assistant takes the chat back."""
    frustration: bool = True
    """Call a person when a customer sounds angry."""
    topics: tuple[Annotated[str, Meta(min_length=2, max_length=40)], ...] = ()
    """Words for which a person is called at once, such as `["allergy", "refund"]`."""
    canned: tuple[CannedReply, ...] = ()
    """Replies kept ready."""

    @property
    def idle(self) -> Idle:
        """How long a holder may be quiet."""
        return Idle(
            ask_after=timedelta(minutes=self.ask_after_min),
            leave_after=timedelta(minutes=self.leave_after_min),
        )
