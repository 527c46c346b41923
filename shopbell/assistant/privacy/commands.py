"""`shopbell privacy`: what a customer may ask for, and how long the shop keeps what it knows."""

from pathlib import Path

import rich_click as click

from shopbell.assistant.privacy.backups import share_list
from shopbell.assistant.privacy.certificate import printed
from shopbell.assistant.privacy.erasure import CERTIFICATES, Place, erase
from shopbell.assistant.privacy.export import collect, write_export
from shopbell.assistant.privacy.keeping import Retention
from shopbell.assistant.privacy.opening import Machine, now, opened, shop_option, told
from shopbell.assistant.privacy.prove import prove
from shopbell.assistant.privacy.retention import past_sweeps, sweep_now
from shopbell.assistant.privacy.wordings import PURPOSES, adopt_wordings, load_wordings, tally
from shopbell.assistant.settings import Settings, load
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.commands import ACTOR
from shopbell.loyalty.customers import Customers
from shopbell.loyalty.errors import NoSuchCustomer
from shopbell.storage.database import reading


@click.group("privacy")
def privacy_group() -> None:
    """Show, hand out and erase what the shop keeps about people."""


@privacy_group.command("export")
@click.argument("customer")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write."
)
@shop_option
@click.pass_obj
def export_all(here: Machine, customer: str, out: Path, shop: Path) -> None:
    """Write everything about CUSTOMER (id, phone, e-mail or code) as JSON and as a page."""
    with opened(here, shop) as (place, settings):
        ident = _who(place, settings, customer)
        done = collect(place.engine, ident, settings.shop.name, now())
        made = write_export(done, out)
        AuditLog(place.engine, now).write(ACTOR, "customer-exported", ident)
    for path in made:
        click.echo(f"wrote {path}")
    click.echo(
        f"{sum(len(one.rows) for one in done.sections)} records. Hand them over, then delete the folder."
    )


@privacy_group.command("erase")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shop_option
@click.pass_obj
def erase_one(here: Machine, customer: str, yes: bool, shop: Path) -> None:
    """Erase CUSTOMER (id, phone, e-mail or code) from everything; this cannot be undone."""
    with opened(here, shop) as (place, settings):
        ident = _who(place, settings, customer)
        if not yes:
            click.confirm(f"Erase customer {ident} for good? Their points are lost", abort=True)
        done = erase(place, ident, now(), by=ACTOR)
        share_list(place)
    click.echo(printed(done), nl=False)
    click.echo(f"\nThis certificate is kept in {place.folder / CERTIFICATES}.")
    if not done.gone:
        raise SystemExit(1)


@privacy_group.command("consents")
@shop_option
@click.pass_obj
def show_consents(here: Machine, shop: Path) -> None:
    """Show what customers are asked, and how many said yes and no."""
    with opened(here, shop) as (place, _):
        words = load_wordings(shop)
        adopt_wordings(place.engine, words, now())
        with reading(place.engine) as db:
            counted = {one.purpose: one for one in tally(db)}
    click.echo(f"Version {words.version}. Every purpose is off until the customer says yes.")
    for purpose in PURPOSES:
        one = counted[purpose]
        click.echo(f"{purpose:<12} {one.yes:>5} yes {one.no:>5} no   {words.of(purpose).text}")


@privacy_group.command("retention")
@click.option("--now", "at_once", is_flag=True, help="Remove what is too old at once, not tonight.")
@shop_option
@click.pass_obj
def show_retention(here: Machine, at_once: bool, shop: Path) -> None:
    """Show for how long data is kept and what was removed lately."""
    with opened(here, shop) as (place, settings):
        if at_once:
            sweep_now(place, settings.retention, now().astimezone(settings.zone))
        sweeps = past_sweeps(place.engine)
    for name in Retention.__struct_fields__:
        click.echo(f"{name:<14} {getattr(settings.retention, name):>5} days")
    for one in sweeps:
        told = ", ".join(f"{count} {kind}" for kind, count in one.removed.items() if count)
        click.echo(f"{one.day}  removed {told or 'nothing: all was young enough'}")
    if not sweeps:
        click.echo("Nothing was removed so far; the server does it once a day.")


@privacy_group.command("prove")
@click.option(
    "--seconds",
    type=click.IntRange(1, 3_600),
    default=60,
    show_default=True,
    help="To wait once the models are loaded; less than 60 proves little.",
)
@shop_option
@click.pass_obj
def prove_all(here: Machine, seconds: int, shop: Path) -> None:
    """Do a day's work on a copy of the shop in a sealed network, and tell what tried to leave it."""
    with told():
        load(shop)
        click.echo("The shop works a day in a network without a way out. This takes some minutes.")
        done = prove(here.data_dir, shop, seconds)
    for one in done.attempts:
        click.echo(f"tried to leave: {one.kind:<5} {one.to}")
    if done.attempts:
        click.echo(f"{len(done.attempts)} attempts to leave the machine.", err=True)
        raise SystemExit(1)
    click.echo("What tried to leave: nothing. 0 names asked for, 0 connections, 0 datagrams.")


def _who(place: Place, settings: Settings, text: str) -> str:
    region = settings.shop.country or "GB"
    customers = Customers(place.engine, region=region, draw=place.draw)
    found = customers.find(text)
    if found is None:
        raise NoSuchCustomer(f'Nobody has the id, phone, e-mail or code "{text[:60]}".')
    return found.id
