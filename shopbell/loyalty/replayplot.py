"""What a replay shows: a table of gains and losses, and a plot of the months in plain text."""

import rich_click as click

from shopbell.loyalty.comparison import Change, Replay
from shopbell.loyalty.money import money
from shopbell.loyalty.printout import table

WIDTH = 40
"""Characters of the longest bar."""
_SHOWN = 10
"""Customers named on either side."""


def print_replay(found: Replay, currency: str) -> None:
    """Print what other rules would have given and cost."""
    until = f" to {found.until}" if found.until else ""
    click.echo(f"{found.sales:,} sales from {found.since}{until}, returns taken off")
    table(
        ("", "as it was", "replayed", "difference"),
        [
            (
                "points",
                f"{found.points_before:>12,}",
                f"{found.points_after:>12,}",
                f"{found.points_after - found.points_before:>+12,}",
            ),
            (
                "cost",
                f"{money(found.cost_before, currency):>12}",
                f"{money(found.cost_after, currency):>12}",
                f"{_change(found.cost_after - found.cost_before, currency):>12}",
            ),
        ],
    )
    click.echo(f"{found.gaining:,} customers gain, {found.losing:,} lose.")
    click.echo()
    for line in plot(found, currency):
        click.echo(line)
    gains = sorted(found.changes, key=lambda each: each.cost_before - each.cost_after)
    _print_changes("gain most", gains[:_SHOWN], currency)
    _print_changes("lose most", gains[::-1][:_SHOWN], currency)


def plot(found: Replay, currency: str) -> list[str]:
    """Return two bars of cost for each month: `=` as it was, `#` replayed, on one scale."""
    most = max((max(each.cost_before, each.cost_after) for each in found.months), default=0)
    lines = [f"cost by month   = as it was   # replayed   longest bar {money(most, currency)}"]
    for each in found.months:
        lines.append(f"{each.month}  {_bar('=', each.cost_before, most)} {money(each.cost_before, currency)}")
        lines.append(f"         {_bar('#', each.cost_after, most)} {money(each.cost_after, currency)}")
    return lines


def _bar(mark: str, value: int, most: int) -> str:
    length = round(WIDTH * max(value, 0) / most) if most else 0
    return (mark * length).ljust(WIDTH)


def _change(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{money(amount, currency)}"


def _print_changes(words: str, changes: list[Change], currency: str) -> None:
    up = words.startswith("gain")
    rows = [
        (each.customer, each.points_before, each.points_after, _change(difference, currency))
        for each in changes
        if (difference := each.cost_after - each.cost_before) and (difference > 0) == up
    ]
    if rows:
        click.echo()
        table((words, "points before", "points after", "in money"), rows)
