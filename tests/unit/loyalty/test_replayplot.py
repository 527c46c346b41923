"""The replay's plot in plain text."""

from datetime import date

from shopbell.loyalty.comparison import Month, Replay
from shopbell.loyalty.replayplot import WIDTH, plot


def test_bars_share_one_scale() -> None:
    """The greatest cost fills the width, half of it half, and nothing or less has no bar."""
    months = (
        Month(month="2026-01", points_before=1, points_after=2, cost_before=200, cost_after=100),
        Month(month="2026-02", points_before=0, points_after=0, cost_before=0, cost_after=-5),
    )
    found = Replay(
        since=date(2026, 1, 1),
        until=None,
        sales=2,
        points_before=1,
        points_after=2,
        cost_before=200,
        cost_after=95,
        gaining=0,
        losing=1,
        months=months,
        changes=(),
    )
    lines = plot(found, "GBP")
    assert lines[1] == f"2026-01  {'=' * WIDTH} £2.00"
    assert lines[2].count("#") == WIDTH // 2
    assert [line.count("=") + line.count("#") for line in lines[3:]] == [0, 0]
