"""`shopbell phone`: how the line stands, and the last calls."""

import secrets
import time
from pathlib import Path
from typing import Protocol

import msgspec
import rich_click as click

from shopbell.assistant.callbook import Call, CallBook, masked
from shopbell.assistant.callingback import dialable
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.settings import load
from shopbell.loyalty.casebook import Casebook
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError
from shopbell.voice.phone.dialfile import ASKED, LOOK_S, Dial, answered, ask
from shopbell.voice.phone.registrar import Standing
from shopbell.voice.phone.standing import noted

_shop = click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
PATIENCE_S = 10.0
"""Seconds for the server to take a wish."""
_OFF = Standing(state="off", text="the telephone is switched off. Set phone.enabled in shop.toml")
_UNSERVED = Standing(state="off", text="the shop was not served yet. Start it with: shopbell serve")


class _Here(Protocol):
    def shop_dir(self, shop: Path) -> Path: ...


@click.group()
def phone_group() -> None:
    """How the shop's telephone stands, and its calls."""


@phone_group.command()
@_shop
@_json
@click.pass_obj
def status(here: _Here, shop: Path, as_json: bool) -> None:
    """Say whether the telephone is registered, and else what to do."""
    try:
        settings = load(shop)
    except AssistantError as error:
        raise click.ClickException(str(error)) from error
    found = noted(here.shop_dir(shop)) if settings.phone.enabled else None
    standing = found.standing if found else (_UNSERVED if settings.phone.enabled else _OFF)
    if as_json:
        _print_json({"state": standing.state, "text": standing.text, "since": found.at if found else None})
    else:
        since = f" (since {found.at:%Y-%m-%d %H:%M})" if found else ""
        click.echo(f"{standing.state}{since}: {standing.text}")
    if settings.phone.enabled and standing.state != "registered":
        raise SystemExit(1)


@phone_group.command()
@_shop
@_json
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many.")
@click.pass_obj
def calls(here: _Here, shop: Path, as_json: bool, last: int) -> None:
    """List the last calls, newest first; `shopbell doctor call ID` says more of one."""
    try:
        found = CallBook(open_database(here.shop_dir(shop) / "shop.db")).latest(last)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _print_json({"calls": found})
        return
    for call in found:
        click.echo(_line(call))
    if not found:
        click.echo("No calls yet.")


@phone_group.command()
@click.argument("number", metavar="[ID]", type=click.IntRange(1), required=False)
@_shop
@click.pass_obj
def dial(here: _Here, number: int | None, shop: Path) -> None:
    """Call back the customer of ID, who asked for it: first your telephone rings. Without ID: list them."""
    folder = here.shop_dir(shop)
    if number is None:
        _list_wishes(folder)
        return
    mark = secrets.token_hex(8)
    ask(folder, Dial(number, mark))
    for _ in range(round(PATIENCE_S / LOOK_S)):
        time.sleep(LOOK_S)
        found = answered(folder, mark)
        if found is not None:
            click.echo(found.text, err=not found.done)
            raise SystemExit(0 if found.done else 1)
    (folder / ASKED).unlink(missing_ok=True)
    raise click.ClickException(
        "The telephone does not answer: nobody was called. Is the shop served? See: shopbell phone status"
    )


def _list_wishes(folder: Path) -> None:
    try:
        cases = Casebook(open_database(folder / "shop.db")).open()
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    wishes = [case for case in cases if case.kind == "call-back" and dialable(case.wanted)]
    for case in reversed(wishes):
        when = f"{case.at.astimezone():%Y-%m-%d %H:%M}"
        click.echo(f"{case.number:>4}  {when}  {masked(case.wanted):<8} {case.text}".rstrip())
    if not wishes:
        click.echo("Nobody is to be called back.")


def _line(call: Call) -> str:
    when = call.began_at.astimezone()
    how = f"{call.seconds:.0f} s, {call.ended}" if call.outcome == "answered" else ""
    return f"{call.id}  {when:%Y-%m-%d %H:%M}  {call.caller:<8} {call.outcome:<9} {how}".rstrip()


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
