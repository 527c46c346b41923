"""Commands that take files or make much: import, replay, simulate."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import rich_click as click

from shopbell.loyalty import demo, uploads
from shopbell.loyalty.backroom import Backroom, find_recipe
from shopbell.loyalty.errors import ImportRefused
from shopbell.loyalty.intake import write_faults
from shopbell.loyalty.opening import Place, json_option, now, opened, print_json, shop_option, told
from shopbell.loyalty.people import MOST
from shopbell.loyalty.printout import print_dry_run
from shopbell.loyalty.programmefile import load
from shopbell.loyalty.recipe import load_recipe
from shopbell.loyalty.reckoning.apart import Premises, reckon_here
from shopbell.loyalty.replayplot import print_replay
from shopbell.loyalty.simulation import Year, simulate
from shopbell.models.meter import meter
from shopbell.storage.breather import Breather
from shopbell.storage.database import open_database

T = TypeVar("T")
_DUTY = 0.25
"""Share of its time that a year is being loaded in while the shop is open."""
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("file", type=_file)
@click.option("--recipe", default="", help="square, shopify, woocommerce, lightspeed, or one in recipes/.")
@click.option("--mapping", type=_file, default=None, help="A mapping of your own, instead of a recipe.")
@click.option("--dry-run", is_flag=True, help="Say what it holds and what is wrong; take nothing in.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write bad rows here."
)
@shop_option
@json_option
@click.pass_obj
def import_file(
    place: Place,
    file: Path,
    recipe: str,
    mapping: Path | None,
    dry_run: bool,
    errors: Path | None,
    shop: Path,
    as_json: bool,
) -> None:
    """Take the sales of FILE (CSV or XLSX) into the books: all or nothing, and never twice."""
    if bool(recipe) == bool(mapping):
        raise click.UsageError("Name either a --recipe or a --mapping.")
    with opened(place, shop, as_json=as_json) as room:
        at = now()
        found = load_recipe(mapping) if mapping else find_recipe(shop, recipe)
        report = uploads.read(room, file, found, at)
        if errors and report.faults:
            write_faults(report, errors)
        if not as_json:
            print_dry_run(uploads.summary(report), room.about.currency)
        if dry_run:
            if as_json:
                print_json(uploads.summary(report))
            raise SystemExit(1 if report.faults else 0)
        if report.faults and not as_json:
            raise ImportRefused(
                f"{len(report.faults)} rows are bad. See them with --dry-run --errors FILE.csv."
            )
        events = report.accepted()
        done = room.club.import_all(_counted(events, len(events), meter("sales")), at)
    if as_json:
        print_json(done)
        return
    click.echo(
        f"Taken in: {done.sales:,} sales and {done.returns:,} returns, {done.points:+,} points; "
        f"{done.repeated:,} were known already."
    )


@click.command()
@click.argument("programme", type=_file)
@click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day, YYYY-MM-DD."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Last day.")
@shop_option
@json_option
@click.pass_obj
def replay(
    place: Place, programme: Path, since: datetime, until: datetime | None, shop: Path, as_json: bool
) -> None:
    """Judge past sales by the rules of PROGRAMME: what it would have cost, who gains, who loses."""
    with opened(place, shop, as_json=as_json) as room:
        other = load(programme, currency=room.about.currency, timezone=room.about.timezone)
        first = since.replace(tzinfo=UTC).date()
        found = room.club.replay(other, first, until.replace(tzinfo=UTC).date() if until else None)
        currency = room.about.currency
    if as_json:
        print_json(found)
    else:
        print_replay(found, currency)


def _load(room: Backroom, folder: Path, made: Year, what: str, rest: Callable[[], None]) -> demo.Loaded:
    engine = open_database(folder / "shop.db")
    try:
        return demo.load_year(room, engine, made, progress=meter(what), rest=rest)
    finally:
        engine.dispose()


@click.command("simulate")
@click.option(
    "--into",
    "shop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The shop's folder; its catalogue is what is sold.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same year.")
@click.option(
    "--year", type=click.IntRange(2000, 2100), default=None, show_default="the latest that is nearly whole"
)
@click.option("--customers", type=click.IntRange(1, MOST), default=450, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=366, help="Only the last so many days of it.")
@click.option("--first-start", is_flag=True, hidden=True, help="Go on where it was left; nothing when done.")
@json_option
@click.pass_obj
def simulate_year(
    place: Place,
    shop: Path,
    seed: int,
    year: int | None,
    customers: int,
    days: int,
    first_start: bool,
    as_json: bool,
) -> None:
    """Put a made-up year of customers and sales into a shop, for trying things out."""
    with told(as_json=as_json):
        wares = place.wares(shop)
    with opened(place, shop, as_json=as_json) as room:
        folder = place.shop_dir(shop)
        if first_start and room.customers.search("") and not demo.is_filling(folder):
            return
        demo.mark_filling(folder, filling=True)
        at = now()
        chosen = year or demo.default_year(at.astimezone(room.zone).date())
        made = _made(simulate(seed, chosen, wares, zone=room.zone, customers=customers), days, at)
        rest = Breather(_DUTY).rest if first_start else _no_rest
        done = _load(room, folder, made, f"sales of {chosen}", rest)
        room.club.daily(at)
        talks = place.converse(shop, room, seed, at, rest)
        demo.mark_filling(folder, filling=False)
        reckon_here(Premises(database=folder / "shop.db", shop=shop.resolve(), about=room.about), at)
    if as_json:
        print_json(done)
        return
    click.echo(
        f"{done.customers:,} customers, {done.sales:,} sales, {done.returns:,} returns, "
        f"{done.points:,} points; {done.repeated:,} were there already. {talks:,} conversations, made up too."
    )


def _no_rest() -> None:
    """Nobody else is there."""


def _made(year: Year, days: int, at: datetime) -> Year:
    last = min(at, year.events[-1].at)
    return demo.span(year, max(last - timedelta(days=days), year.events[0].at), last)


FILE_COMMANDS = (import_file, replay, simulate_year)


def _counted(items: Iterable[T], total: int, tell: Callable[[int, int], None]) -> Iterator[T]:
    for number, item in enumerate(items, 1):
        yield item
        tell(number, total)
