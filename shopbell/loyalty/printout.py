"""Printouts: what `shopbell loyalty` shows in a terminal."""

from collections.abc import Iterable, Sequence

import rich_click as click

from shopbell.loyalty.answers import Account, Adjusted, Explained, Flag, Recorded, Redeemed
from shopbell.loyalty.closing import CloseSheet
from shopbell.loyalty.money import money
from shopbell.loyalty.statement import Lot, Movement
from shopbell.loyalty.uploads import DryRun

Cell = str | int


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print rows under their head; numbers stand to the right."""
    lines = [list(head)]
    numbers = [True] * len(head)
    for row in rows:
        lines.append([f"{cell:,}" if isinstance(cell, int) else cell for cell in row])
        numbers = [so_far and isinstance(cell, int) for so_far, cell in zip(numbers, row, strict=True)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            f"{cell:>{width}}" if right else f"{cell:<{width}}"
            for cell, width, right in zip(line, widths, numbers, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def print_account(account: Account) -> None:
    """Print what a customer has."""
    table(
        ("unit", "available", "pending", "held", "next to expire"),
        [
            (each.unit, each.available, each.pending, each.held, _expiry(each.lots))
            for each in account.balances
        ],
    )
    if not account.balances:
        click.echo(f"{account.customer} has nothing yet.")


def print_history(movements: Sequence[Movement]) -> None:
    """Print the entries of an account."""
    table(
        ("entry", "when", "what", "unit", "change", "why"),
        [
            (
                each.seq,
                f"{each.at:%Y-%m-%d %H:%M}",
                each.kind,
                each.unit,
                each.available + each.pending + each.held,
                each.reason or each.rule,
            )
            for each in movements
        ],
    )


def print_recorded(done: Recorded) -> None:
    """Print what a sale earned."""
    click.echo(f"Recorded {done.source}/{done.external_id}.")
    for sentence in done.sentences:
        click.echo(f"  {sentence}")


def print_redeemed(done: Redeemed) -> None:
    """Print what became of a reward."""
    click.echo(f"{done.reward} of {done.customer}: {done.state} ({done.points:,} {done.unit}).")


def print_adjusted(done: Adjusted) -> None:
    """Print what became of a correction."""
    words = {
        "done": "done.",
        "waiting": f"waits for a second person: shopbell loyalty approve {done.request} --by NAME",
        "refused": f"refused by {done.decided_by}.",
    }
    click.echo(f"{done.points:+,} {done.unit} for {done.customer}: {words[done.state]}")


def print_explained(found: Explained) -> None:
    """Print why a purchase earned what it did."""
    click.echo(
        f"{found.source}/{found.external_id}, {found.at:%Y-%m-%d %H:%M}, {found.customer or 'nobody known'}"
    )
    for sentence in found.sentences:
        click.echo(f"  {sentence}")
    table(
        ("rule", "line", "points", "unit", "why"),
        [(row.rule, row.line, row.points, row.unit, row.why) for row in found.rows],
    )
    for back in found.returns:
        click.echo(f"{back.kind} {back.external_id}, {back.at:%Y-%m-%d %H:%M}:")
        for taken in back.taken:
            click.echo(f"  {taken.why}")


def print_sheet(sheet: CloseSheet, currency: str) -> None:
    """Print the close of a day."""
    click.echo(f"{sheet.day}: {sheet.entries_of_day:,} entries of the day, {sheet.entries:,} in all.")
    table(
        ("unit", "issued", "redeemed", "expired", "taken back", "by hand", "owed to customers", "in money"),
        [
            (
                each.unit,
                each.issued,
                each.redeemed,
                each.expired,
                each.clawed_back,
                each.adjusted,
                each.liability,
                "-" if each.liability_money is None else money(each.liability_money, currency),
            )
            for each in sheet.units
        ],
    )
    for each in sheet.units:
        if each.breakage_estimate:
            click.echo(f"{each.unit}: about {each.breakage_estimate:,} of them will never be used.")
    click.echo(f"Seal of the last entry: {sheet.hash or '-'}")
    click.echo(f"Keep it: shopbell ledger verify --entries {sheet.entries} --hash {sheet.hash}")


def print_dry_run(found: DryRun, currency: str) -> None:
    """Print what a file of sales holds."""
    span = f", {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}" if found.first and found.last else ""
    click.echo(
        f"{found.source}: {found.rows:,} rows, {found.sales:,} sales ({found.members:,} of known customers) "
        f"of {money(found.amount, currency)}{span}, {found.refunds:,} returns, {found.skipped:,} skipped."
    )
    if found.left:
        click.echo(
            f"{found.left:,} rows of goods brought back belong to no sale that is known; they change nothing."
        )
    for fault in found.faults:
        click.echo(f"row {fault.row}, {fault.column or 'the row'}: {fault.reason} {fault.remedy}")
    if found.bad:
        click.echo(f"{found.bad:,} rows cannot be read, so nothing is taken in.")


def print_flags(flags: Sequence[Flag]) -> None:
    """Print what a person should look at."""
    for flag in flags:
        click.echo(f"{flag.kind:<20} {flag.customer:<12} {flag.actor:<12} {flag.why}")
    if not flags:
        click.echo("Nothing looks odd.")


def _expiry(lots: Sequence[Lot]) -> str:
    days = sorted((lot.expires_at, lot.points) for lot in lots if lot.expires_at is not None)
    return f"{days[0][1]:,} on {days[0][0]:%Y-%m-%d}" if days else ""
