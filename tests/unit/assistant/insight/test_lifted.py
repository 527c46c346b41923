"""What messages brought: counted by hand, and silent while no campaign has enough."""

import pytest

from shopbell.assistant.insight.lifted import NONE, lifted
from shopbell.assistant.outreach.lift import Lift, Span
from tests.fakes.talks import FIVE, part


def campaign(name: str, extra: Span | None) -> Lift:
    return Lift(
        campaign=name,
        treated=90,
        held=10,
        sent=90,
        came_treated=45,
        came_held=4,
        extra=extra,
        note="Too few.",
    )


def test_campaigns_add_up() -> None:
    """Nine more and six more make fifteen more; their intervals of 4 and 3 on each side make 5."""
    found = lifted([campaign("win-back", Span(9, 5, 13)), campaign("welcome", Span(6, 3, 9))], FIVE)
    whole = found.figure.whole
    assert (whole.value, whole.low, whole.high) == pytest.approx((15, 10, 20))
    assert part(found, "welcome").value == 6


def test_without_enough_nothing_is_said() -> None:
    """A campaign of too few is named with its reason; alone it gives no figure."""
    found = lifted([campaign("win-back", None)], FIVE)
    assert found.figure.whole.silent == NONE
    assert part(found, "win-back").silent == "Too few"
