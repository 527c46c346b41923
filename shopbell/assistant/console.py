"""The console's part of `shop.toml`: canned replies, idle holders, when to call a person."""

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from shopbell.assistant.floor import Idle

Late = Literal["faq", "call-back"]
"""What the customer gets when nobody approved a draft in time."""
Minutes = Annotated[float, Meta(gt=0, le=24 * 60)]
Points = Annotated[int, Meta(ge=0, le=1_000_000)]


class CannedReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply kept ready for staff."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    """What it is found by."""
    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    """What it says."""


class Ghosting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ghost mode: the assistant drafts, staff approve each reply, topic by topic.

    It holds only while somebody is in: by `[staff]`, and with a console open.
    """

    topics: tuple[Annotated[str, Meta(min_length=2, max_length=40)], ...] = ()
    """Files of your answers whose replies are to be approved: `["returns"]` means returns.md; `["all"]`."""
    promote_after: Annotated[int, Meta(ge=1, le=1000)] = 20
    """Replies of a topic accepted unchanged, in a row, after which it needs no approval any more."""
    deadline_s: Annotated[float, Meta(ge=5, le=600)] = 60.0
    """Seconds the customer waits for the approval."""
    late: Late = "faq"
    """What the customer gets when nobody approved in time: `faq`, your own words, or `call-back`."""
    channels: tuple[Annotated[str, Meta(min_length=1, max_length=20)], ...] = ("web",)
    """Where replies wait; nobody should wait in silence on the telephone."""


class Valued(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which customers a person is called for at once, when it is known who they are."""

    tiers: tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...] = ()
    """Levels of the programme, such as `["gold"]`."""
    points: Annotated[int, Meta(ge=1)] | None = None
    """Points on the account from which on; nothing: never for points."""


class AloneMost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points of goodwill that one person may give at once; more takes a second person, a manager or owner."""

    clerk: Points = 50
    """For a clerk."""
    manager: Points = 200
    """For a manager."""
    owner: Points = 1000
    """For the owner."""

    def of(self, role: str) -> int:
        """Return the points of a role."""
        return {"clerk": self.clerk, "manager": self.manager, "owner": self.owner}.get(role, 0)


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
    goodwill: AloneMost = AloneMost()
    """How many points each role may give alone."""
    vip: tuple[str, ...] = ()
    """Ids of levels whose members stand before the others on the floor; empty: the highest level."""
    ghost: Ghosting = Ghosting()
    valued: Valued = Valued()

    @property
    def idle(self) -> Idle:
        """How long a holder may be quiet."""
        return Idle(
            ask_after=timedelta(minutes=self.ask_after_min),
            leave_after=timedelta(minutes=self.leave_after_min),
        )
