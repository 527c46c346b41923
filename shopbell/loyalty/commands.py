"""`shopbell loyalty`: what customers have, earn and redeem, from the machine itself."""

from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path

import rich_click as click

from shopbell.loyalty.backcommands import BACK_COMMANDS, ledger_group
from shopbell.loyalty.errors import BadOperation
from shopbell.loyalty.filecommands import FILE_COMMANDS
from shopbell.loyalty.holdingcommands import HOLDING_COMMANDS
from shopbell.loyalty.house import Adjustment
from shopbell.loyalty.keycommands import hooks_group, keys_group
from shopbell.loyalty.money import minor
from shopbell.loyalty.opening import (
    Place,
    by_option,
    json_option,
    machine_user,
    now,
    opened,
    print_json,
    shop_option,
    who,
)
from shopbell.loyalty.printout import (
    print_account,
    print_adjusted,
    print_explained,
    print_history,
    print_recorded,
    print_redeemed,
)
from shopbell.loyalty.reckoning.commands import RECKONING_COMMANDS
from shopbell.loyalty.sale import Line, Sale

__all__ = ["ledger_group", "loyalty_group"]


@click.group(name="loyalty")
def loyalty_group() -> None:
    """Points, cards and rewards: what customers have, and the books behind it."""


@loyalty_group.command()
@click.argument("customer")
@shop_option
@json_option
@click.pass_obj
def balance(place: Place, customer: str, shop: Path, as_json: bool) -> None:
    """Show what CUSTOMER (id, phone, e-mail or code) has, and what will expire."""
    with opened(place, shop, as_json=as_json) as room:
        ident = who(room, customer)
        found, member = room.club.balance(ident, now()), room.club.standing(ident, now())
    if as_json:
        print_json({"account": found, "member": member})
        return
    print_account(found)
    if member.sentence:
        click.echo(member.sentence)


@loyalty_group.command()
@click.argument("customer")
@click.option("--unit", default="", help="Of one unit alone, such as points.")
@click.option("--before", type=click.IntRange(1), default=None, help="Older than this entry.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@shop_option
@json_option
@click.pass_obj
def history(
    place: Place, customer: str, unit: str, before: int | None, limit: int, shop: Path, as_json: bool
) -> None:
    """Show the entries of CUSTOMER, newest first."""
    with opened(place, shop, as_json=as_json) as room:
        found = room.club.history(who(room, customer), unit=unit, before=before, limit=limit)
    if as_json:
        print_json(found)
    else:
        print_history(found)


@loyalty_group.command()
@click.argument("customer")
@click.argument("amount")
@click.option("--category", default="", help="Of the goods, as on receipts.")
@click.option("--sku", default="-", help="The article.")
@click.option("--id", "number", default="", help="The receipt's number: the same again counts once.")
@shop_option
@json_option
@click.pass_obj
def earn(
    place: Place, customer: str, amount: str, category: str, sku: str, number: str, shop: Path, as_json: bool
) -> None:
    """Record a sale of AMOUNT (as on a price tag, 7.40) to CUSTOMER, now."""
    with opened(place, shop, as_json=as_json) as room:
        at = now()
        line = Line(
            id="1",
            sku=sku,
            amount=_minor(amount, room.about.currency),
            categories=(category,) if category else (),
        )
        sale = Sale(
            source="hand",
            external_id=number or f"{at:%Y%m%d-%H%M%S-%f}",
            at=at,
            customer=who(room, customer),
            lines=(line,),
            cashier=machine_user(),
        )
        done = room.club.record_sale(sale, at)
    if as_json:
        print_json(done)
    else:
        print_recorded(done)


@loyalty_group.command()
@click.argument("customer")
@click.argument("reward")
@click.option("--key", default="", help="The same key again sets nothing aside twice.")
@by_option
@shop_option
@json_option
@click.pass_obj
def reserve(place: Place, customer: str, reward: str, key: str, by: str, shop: Path, as_json: bool) -> None:
    """Set REWARD aside for CUSTOMER and print its code."""
    with opened(place, shop, as_json=as_json) as room:
        at = now()
        named = key or f"hand-{at:%Y%m%d-%H%M%S-%f}"
        done = room.club.reserve(who(room, customer), reward, at, key=named, by=by)
    if as_json:
        print_json(done)
        return
    click.echo(f"{done.name} for {done.customer}: code {done.code}, until {done.expires_at:%H:%M} UTC.")


@loyalty_group.command()
@click.argument("code")
@by_option
@shop_option
@json_option
@click.pass_obj
def redeem(place: Place, code: str, by: str, shop: Path, as_json: bool) -> None:
    """Hand out the reward with this CODE, once."""
    with opened(place, shop, as_json=as_json) as room:
        done = room.club.redeem(code, now(), by=by)
    if as_json:
        print_json(done)
    else:
        print_redeemed(done)


@loyalty_group.command(context_settings={"ignore_unknown_options": True})
@click.argument("customer")
@click.argument("points", type=int)
@click.option("--reason", required=True, help="Why; the customer can see it.")
@click.option("--unit", default="points", show_default=True)
@by_option
@shop_option
@json_option
@click.pass_obj
def adjust(
    place: Place,
    customer: str,
    points: int,
    reason: str,
    unit: str,
    by: str,
    shop: Path,
    as_json: bool,
) -> None:
    """Give CUSTOMER so many POINTS, or take them (-20), by hand."""
    with opened(place, shop, as_json=as_json) as room:
        at = now()
        adjustment = Adjustment(
            key=f"hand-{at:%Y%m%d-%H%M%S-%f}",
            customer=who(room, customer),
            unit=unit,
            points=points,
            reason=reason,
            actor=by,
        )
        done = room.club.adjust(adjustment, at)
    if as_json:
        print_json(done)
    else:
        print_adjusted(done)


@loyalty_group.command()
@click.argument("number")
@shop_option
@json_option
@click.pass_obj
def explain(place: Place, number: str, shop: Path, as_json: bool) -> None:
    """Say why the purchase NUMBER (such as till-1/2026-000123) earned what it did."""
    with opened(place, shop, as_json=as_json) as room:
        source, slash, external_id = number.partition("/")
        if not slash:
            raise BadOperation(
                f"{number} names no purchase. Write till and receipt, such as till-1/2026-000123."
            )
        found = room.club.explain(source, external_id)
    if as_json:
        print_json(found)
    else:
        print_explained(found)


def _minor(amount: str, currency: str) -> int:
    try:
        found = minor(Decimal(amount), currency)
    except (InvalidOperation, ValueError, OverflowError):
        found = -1
    if found < 0:
        raise BadOperation(f"{amount} is no amount of {currency}. Write it as on a price tag, such as 7.40.")
    return found


def _commands() -> None:
    groups = (BACK_COMMANDS, FILE_COMMANDS, HOLDING_COMMANDS, RECKONING_COMMANDS)
    for command in (*chain.from_iterable(groups), keys_group, hooks_group):
        loyalty_group.add_command(command)


_commands()
