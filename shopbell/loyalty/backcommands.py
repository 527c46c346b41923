"""Commands of the back room: decisions, merges, the close of the day, the proof of the books."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import rich_click as click

from shopbell.loyalty.answers import Merged, Redeemed
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.opening import (
    Place,
    by_option,
    json_option,
    now,
    opened,
    person_option,
    print_json,
    shop_option,
    who,
)
from shopbell.loyalty.printout import print_adjusted, print_flags, print_redeemed, print_sheet, table
from shopbell.loyalty.verify import Anchor


@click.command()
@click.argument("hold")
@by_option
@shop_option
@json_option
@click.pass_obj
def release(place: Place, hold: str, by: str, shop: Path, as_json: bool) -> None:
    """Put back the reward that was set aside as HOLD."""
    with opened(place, shop, as_json=as_json) as room:
        _print_reward(room.club.release(hold, now(), by=by), as_json=as_json)


@click.command()
@click.argument("hold")
@by_option
@shop_option
@json_option
@click.pass_obj
def undo(place: Place, hold: str, by: str, shop: Path, as_json: bool) -> None:
    """Take back the reward HOLD that was handed out a moment ago."""
    with opened(place, shop, as_json=as_json) as room:
        _print_reward(room.club.undo(hold, now(), by=by), as_json=as_json)


@click.command()
@shop_option
@json_option
@click.pass_obj
def waiting(place: Place, shop: Path, as_json: bool) -> None:
    """List the corrections that wait for a second person."""
    with opened(place, shop, as_json=as_json) as room:
        found = room.club.open_adjustments()
    if as_json:
        print_json(found)
        return
    table(
        ("request", "customer", "points", "unit", "asked by", "reason"),
        [(each.request, each.customer, each.points, each.unit, each.actor, each.reason) for each in found],
    )


@click.command()
@click.argument("request")
@person_option
@shop_option
@json_option
@click.pass_obj
def approve(place: Place, request: str, by: str, shop: Path, as_json: bool) -> None:
    """Make the correction REQUEST, as the second person."""
    with opened(place, shop, as_json=as_json) as room:
        done = room.club.approve(request, by, now())
    if as_json:
        print_json(done)
    else:
        print_adjusted(done)


@click.command()
@click.argument("request")
@person_option
@shop_option
@json_option
@click.pass_obj
def refuse(place: Place, request: str, by: str, shop: Path, as_json: bool) -> None:
    """Refuse the correction REQUEST, as the second person."""
    with opened(place, shop, as_json=as_json) as room:
        done = room.club.refuse(request, by, now())
    if as_json:
        print_json(done)
    else:
        print_adjusted(done)


@click.command()
@click.argument("source")
@click.argument("target")
@by_option
@shop_option
@json_option
@click.pass_obj
def merge(place: Place, source: str, target: str, by: str, shop: Path, as_json: bool) -> None:
    """Move all of customer SOURCE to customer TARGET, who remains."""
    with opened(place, shop, as_json=as_json) as room:
        done = room.club.merge(who(room, source), who(room, target), now(), by=by)
    _print_merge(done, as_json=as_json)


@click.command()
@click.argument("number", type=int)
@by_option
@shop_option
@json_option
@click.pass_obj
def unmerge(place: Place, number: int, by: str, shop: Path, as_json: bool) -> None:
    """Undo the merge with this NUMBER; what was spent meanwhile stays spent."""
    with opened(place, shop, as_json=as_json) as room:
        done = room.club.unmerge(number, now(), by=by)
    _print_merge(done, as_json=as_json)


@click.command("close-day")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, show_default="yesterday", help="YYYY-MM-DD"
)
@by_option
@shop_option
@json_option
@click.pass_obj
def close_day(place: Place, day: datetime | None, by: str, shop: Path, as_json: bool) -> None:
    """Write the sheet of a day, today's as it stands now; a second time it is the same sheet."""
    with opened(place, shop, as_json=as_json) as room:
        today = now().astimezone(room.zone).date()
        chosen = day.replace(tzinfo=UTC).date() if day else today - timedelta(days=1)
        sheet = room.club.close_day(chosen, actor=by, now=now())
        currency = room.about.currency
    if as_json:
        print_json(sheet)
    else:
        print_sheet(sheet, currency)


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
@shop_option
@json_option
@click.pass_obj
def watch(place: Place, days: int, shop: Path, as_json: bool) -> None:
    """Show what looks odd: shared cards, outliers, adjust-then-redeem, refund cycling."""
    with opened(place, shop, as_json=as_json) as room:
        flags = room.club.watch(now(), days=days)
    if as_json:
        print_json(flags)
    else:
        print_flags(flags)


@click.command()
@click.option("--entries", type=click.IntRange(1), default=None, help="As a close sheet prints it.")
@click.option("--hash", "sealed", default="", help="As the same sheet prints it.")
@shop_option
@json_option
@click.pass_obj
def verify(place: Place, entries: int | None, sealed: str, shop: Path, as_json: bool) -> None:
    """Walk the books' chain and sums, and name the first row that is wrong; then exit code 1."""
    with opened(place, shop, as_json=as_json) as room:
        if bool(entries) != bool(sealed):
            raise BadOperation("--entries and --hash go together; both stand on a close sheet.")
        anchor = Anchor(entries=entries, hash=sealed) if entries else None
        proof = room.club.verify(anchor)
    if as_json:
        print_json(proof)
    elif proof.fault:
        fault = proof.fault
        click.echo(f"BROKEN: table {fault.table}, row {fault.row}: {fault.what}.", err=True)
        click.echo(f"{proof.entries:,} entries before it hold. Put back a backup from before.", err=True)
    else:
        click.echo(f"{proof.entries:,} entries and {proof.postings:,} postings hold. Seal: {proof.hash}")
    if proof.fault:
        raise SystemExit(1)


@click.group("ledger")
def ledger_group() -> None:
    """Prove the books of points and money."""


ledger_group.add_command(verify)
BACK_COMMANDS = (release, undo, waiting, approve, refuse, merge, unmerge, close_day, watch, verify)


def _print_reward(done: Redeemed, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        print_redeemed(done)


def _print_merge(done: Merged, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    moved = ", ".join(f"{each.points:,} {each.unit}" for each in done.moved) or "nothing"
    state = "undone" if done.undone else "done"
    click.echo(f"Merge {done.merge} of {done.source} into {done.target}: {state}; moved {moved}.")
