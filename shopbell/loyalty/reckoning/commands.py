"""`shopbell loyalty reckon` and what shows its figures: worth, at-risk, groups, recommend."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import rich_click as click

from shopbell.loyalty.backroom import Backroom
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.money import money
from shopbell.loyalty.opening import Place, json_option, now, opened_books, print_json, shop_option, who
from shopbell.loyalty.printout import table
from shopbell.loyalty.reckoning.answers import CustomerWorth, Limits, Reckoning
from shopbell.loyalty.reckoning.reading import (
    read_at_risk,
    read_members,
    read_memberships,
    read_reckoning,
    read_segments,
    read_worth,
    read_worths,
)
from shopbell.loyalty.reckoning.recommending import Wanted
from shopbell.loyalty.reckoning.suggesting import may_profile, suggest
from shopbell.loyalty.reckoning.telling import told_hold_out, told_run
from shopbell.storage.database import reading

_LIMIT = click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
_DAY = click.DateTime(["%Y-%m-%d"])
NOT_YET = "Nothing was reckoned yet. Run `shopbell loyalty reckon`; the server does it every night."
UNPROFILED = "They did not agree to profiling, so this is what anybody would be offered at this hour."
NOBODY = "Nobody to show: figures of their own have only customers who agreed to profiling and came before."


@click.command(name="reckon")
@click.option("--day", type=_DAY, default=None, help="Count what was bought before this day; default: today.")
@shop_option
@json_option
@click.pass_obj
def reckon_command(place: Place, day: datetime | None, shop: Path, as_json: bool) -> None:
    """Reckon worth, who slips away, groups and what goes together, now; the server does it every night."""
    from shopbell.loyalty.reckoning.night import reckon  # noqa: PLC0415 - scipy takes a while to import

    with opened_books(place, shop, as_json=as_json) as (room, engine):
        done = reckon(engine, shop, room.about, now(), day=day.date() if day else None)
    if as_json:
        print_json(done)
        return
    for line in told_run(done):
        click.echo(line)


@click.command()
@click.argument("customer", required=False)
@_LIMIT
@shop_option
@json_option
@click.pass_obj
def worth(place: Place, customer: str | None, limit: int, shop: Path, as_json: bool) -> None:
    """Show what customers, or CUSTOMER, are expected to pay in the next 12 months."""
    with opened_books(place, shop, as_json=as_json) as (room, engine), reading(engine) as db:
        run = read_reckoning(db)
        if customer:
            one = read_worth(db, who(room, customer))
            found: tuple[CustomerWorth, ...] = (one,) if one else ()
        else:
            found = read_worths(db, limit=limit)
        _show(room, run, found, as_json=as_json)


@click.command(name="at-risk")
@_LIMIT
@shop_option
@json_option
@click.pass_obj
def at_risk(place: Place, limit: int, shop: Path, as_json: bool) -> None:
    """List who is slipping away and why, the most at stake first."""
    with opened_books(place, shop, as_json=as_json) as (room, engine), reading(engine) as db:
        run, found = read_reckoning(db), read_at_risk(db, limit=limit)
        _show(room, run, found, as_json=as_json)


@click.command()
@click.argument("group", required=False)
@click.option("--of", "customer", default="", help="The groups that a customer is and was in.")
@_LIMIT
@shop_option
@json_option
@click.pass_obj
def groups(place: Place, group: str | None, customer: str, limit: int, shop: Path, as_json: bool) -> None:
    """List the groups that rules make, or the members of GROUP; `segments` is for those made by hand."""
    with opened_books(place, shop, as_json=as_json) as (room, engine), reading(engine) as db:
        if customer or group:
            owner = who(room, customer) if customer else ""
            members = read_memberships(db, owner) if owner else read_members(db, group or "", limit=limit)
            if as_json:
                print_json(members)
                return
            heads = ("customer", "group", "since", "until", "why")
            rows = [(m.customer, m.segment, str(m.since), str(m.until or "-"), m.reason) for m in members]
            table(heads, rows)
            return
        found, run = read_segments(db), read_reckoning(db)
    if as_json:
        print_json(found)
        return
    currency = room.about.currency
    heads = ("group", "what", "members", "at risk", "12 months ahead")
    table(heads, [(s.name, s.label, s.members, s.at_risk, money(s.clv_minor, currency)) for s in found])
    click.echo("Made by rules, every night, of customers who agreed to profiling.")
    for line in told_hold_out(run, currency) if run else (NOT_YET,):
        click.echo(line)


@click.command()
@click.argument("customer", required=False)
@click.option(
    "--with", "basket", multiple=True, help="An article in the basket, by its SKU; can be repeated."
)
@click.option("--diet", multiple=True, help="Only what is marked so in the catalogue, such as vegan.")
@click.option("--without", multiple=True, help="Nothing with this allergen, such as milk.")
@click.option("--limit", type=click.IntRange(1, 50), default=3, show_default=True)
@shop_option
@json_option
@click.pass_obj
def recommend(
    place: Place,
    *,
    customer: str | None,
    basket: tuple[str, ...],
    diet: tuple[str, ...],
    without: tuple[str, ...],
    limit: int,
    shop: Path,
    as_json: bool,
) -> None:
    """Say what goes with a basket, or with what CUSTOMER usually buys, at this hour; and why."""
    with opened_books(place, shop, as_json=as_json) as (room, engine), reading(engine) as db:
        ident = who(room, customer) if customer else ""
        wanted = Wanted(
            basket=basket,
            at=now().astimezone(room.zone),
            limits=Limits(diets=diet, allergens=without),
        )
        found = suggest(db, shop, place.shelf(shop), wanted, customer=ident, limit=limit)
        unknown = bool(ident) and not basket and not may_profile(db, ident)
        currency = room.about.currency
    if as_json:
        print_json(found)
        return
    if not found:
        raise BadOperation(f"Nothing to recommend. {NOT_YET} Also check the limits, and the stock.")
    if unknown:
        click.echo(UNPROFILED)
    for each in found:
        click.echo(f"{each.name} ({each.sku}), {money(each.price_minor, currency)}\n  {each.why}")


def _show(
    room: Backroom,
    run: Reckoning | None,
    found: Sequence[CustomerWorth],
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json({"reckoning": run, "customers": found})
        return
    if run is None:
        click.echo(NOT_YET)
        return
    currency = room.about.currency
    heads = ("customer", "name", "12 months ahead", "95 of 100 between", "visits", "comes soon", "groups")
    rows = [
        (
            each.customer,
            room.customers.get(each.customer).name,
            money(each.clv_minor, currency) + ("" if each.enough_history else " *"),
            f"{money(each.low_minor, currency)} - {money(each.high_minor, currency)}",
            f"{each.expected_visits:.1f}",
            f"{each.returns:.0%}",
            each.rfm,
        )
        for each in found
    ]
    if not rows:
        click.echo(NOBODY)
        return
    table(heads, rows)
    for each in found:
        click.echo(f"{each.customer}: {each.why}")
    if any(not each.enough_history for each in found):
        click.echo("* Not enough history: the figures of customers like this one.")
    for line in told_hold_out(run, currency):
        click.echo(line)


RECKONING_COMMANDS = (reckon_command, worth, at_risk, groups, recommend)
