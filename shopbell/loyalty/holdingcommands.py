"""Commands about packs and segments."""

from datetime import date, datetime
from pathlib import Path
from typing import get_args

import rich_click as click

from shopbell.loyalty.money import money
from shopbell.loyalty.opening import (
    Place,
    by_option,
    json_option,
    now,
    opened,
    print_json,
    shop_option,
    who,
)
from shopbell.loyalty.packsteps import PackRequest, Step
from shopbell.loyalty.printout import table

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("customer")
@shop_option
@json_option
@click.pass_obj
def packs(place: Place, customer: str, shop: Path, as_json: bool) -> None:
    """List the prepaid packs and subscriptions of CUSTOMER."""
    with opened(place, shop, as_json=as_json) as room:
        found = room.club.holdings.packs(who(room, customer), now())
        currency = room.about.currency
    if as_json:
        print_json(found)
        return
    table(
        ("pack", "what", "state", "left", "of", "until", "next", "back if left today"),
        [
            (
                *(each.id, each.name, each.state, each.left, each.passes),
                *(_day(each.valid_until), _day(each.next_due), money(each.give_back, currency)),
            )
            for each in found
        ],
    )


@click.command()
@click.argument("step", type=click.Choice(get_args(Step)))
@click.argument("customer")
@click.argument("pack")
@click.option("--passes", type=click.IntRange(1, 1000), default=1, show_default=True, help="Used at once.")
@click.option("--until", type=_DAY, default=None, help="Last day of a pause.")
@click.option("--key", default="", help="The same key again does it once.")
@by_option
@shop_option
@json_option
@click.pass_obj
def pack(
    place: Place,
    *,
    step: Step,
    customer: str,
    pack: str,
    passes: int,
    until: datetime | None,
    key: str,
    by: str,
    shop: Path,
    as_json: bool,
) -> None:
    """Use, skip, pause, resume or leave PACK of CUSTOMER; `packs` lists them."""
    with opened(place, shop, as_json=as_json) as room:
        at = now()
        request = PackRequest(
            key=key or f"hand-{at:%Y%m%d-%H%M%S-%f}",
            customer=who(room, customer),
            pack=pack,
            step=step,
            passes=passes,
            until=until.date() if until else None,
            by=by,
        )
        done = room.club.holdings.step(request, at)
        currency = room.about.currency
    if as_json:
        print_json(done)
        return
    click.echo(f"{done.pack.name}: {done.pack.state}, {done.pack.left} of {done.pack.passes} left.")
    if done.give_back:
        click.echo(f"Give {money(done.give_back, currency)} back.")


@click.command()
@click.argument("customer")
@click.argument("segments", nargs=-1)
@click.option("--none", "emptied", is_flag=True, help="Take the customer out of all.")
@click.option("--reason", default="", help="Why; it is kept with the change.")
@by_option
@shop_option
@json_option
@click.pass_obj
def segments(
    place: Place,
    *,
    customer: str,
    segments: tuple[str, ...],
    emptied: bool,
    reason: str,
    by: str,
    shop: Path,
    as_json: bool,
) -> None:
    """Show the SEGMENTS of CUSTOMER, or put them into these and no others."""
    if segments and emptied:
        raise click.UsageError("Name segments, or say --none.")
    with opened(place, shop, as_json=as_json) as room:
        ident, holdings = who(room, customer), room.club.holdings
        if segments or emptied:
            holdings.set_segments(ident, segments, reason, now(), by=by)
        found = holdings.segments(ident)
    if as_json:
        print_json(found)
        return
    table(
        ("since", "segments", "by", "reason"),
        [(_day(each.at.date()), ", ".join(each.segments) or "none", each.by, each.reason) for each in found],
    )


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else "-"


HOLDING_COMMANDS = (packs, pack, segments)
