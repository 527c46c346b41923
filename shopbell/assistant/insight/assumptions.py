"""Assumptions: the `[figures]` part of `shop.toml`, which the owner may set otherwise."""

from typing import Annotated

from msgspec import Meta, Struct

from shopbell.assistant.staffwire.figures import Assumed

Share = Annotated[float, Meta(ge=0, le=1)]


class FiguresSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the figures take for granted: nobody can count it, so you say it."""

    few: Annotated[int, Meta(ge=5, le=1000)] = 20
    """Below so many a figure says nothing."""
    minutes_saved: Annotated[float, Meta(ge=0, le=120)] = 4.0
    """Minutes a person would have spent on a conversation that the assistant settled alone."""
    wage: Annotated[float, Meta(ge=0, le=10_000)] = 15.0
    """What an hour of staff costs, in your currency."""
    margin: Share = 0.6
    """Part of a sale that is left when the goods are paid."""
    credit: Share = 0.1
    """Part of the sales after a conversation that would not have happened without it."""
    credit_hours: Annotated[int, Meta(ge=1, le=720)] = 48
    """Hours after a conversation in which a sale to the same customer counts as one after it."""
    digest: bool = False
    """Write the Monday digest into the data folder, every Monday while the server runs."""

    def listed(self) -> tuple[Assumed, ...]:
        """Return what money figures stand on, as it is shown."""
        return (
            Assumed(key="minutes_saved", value=f"{self.minutes_saved:g} min", meaning=_MEANING[0]),
            Assumed(key="wage", value=f"{self.wage:.2f} an hour", meaning=_MEANING[1]),
            Assumed(key="margin", value=f"{self.margin:.0%}", meaning=_MEANING[2]),
            Assumed(key="credit", value=f"{self.credit:.0%}", meaning=_MEANING[3]),
            Assumed(key="credit_hours", value=f"{self.credit_hours} h", meaning=_MEANING[4]),
            Assumed(key="few", value=f"{self.few}", meaning=_MEANING[5]),
        )


_MEANING = (
    "a person would have spent on a conversation that was settled without one",
    "is what staff costs",
    "of a sale is left when the goods are paid",
    "of the sales after a conversation are put down to it",
    "after a conversation a sale to the same customer counts as after it",
    "is the least from which a figure speaks",
)
