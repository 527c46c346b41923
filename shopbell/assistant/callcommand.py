"""`shopbell doctor call`: one call, looked over."""

from pathlib import Path
from typing import Protocol

import msgspec
import rich_click as click

from shopbell.assistant.callbook import Call, CallBook
from shopbell.assistant.calldoctor import diagnose
from shopbell.assistant.store import EventLog
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError

_SIGNS = {"ok": "ok  ", "warn": "note", "bad": "BAD "}


class _Here(Protocol):
    def shop_dir(self, shop: Path) -> Path: ...


@click.command()
@click.argument("name", metavar="ID")
@click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def call_command(here: _Here, name: str, shop: Path, as_json: bool) -> None:
    """Say what went wrong in the call ID: slow, silent, misheard, cut. `shopbell phone calls` lists them."""
    try:
        engine = open_database(here.shop_dir(shop) / "shop.db")
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    call = CallBook(engine).find(name)
    if call is None:
        raise click.ClickException(
            f"No call, or more than one, is called {name!r}. See: shopbell phone calls"
        )
    entries = EventLog(engine).read(call.conversation, 0) if call.conversation else []
    findings = diagnose(call, [entry.event for entry in entries])
    if as_json:
        body = msgspec.json.encode({"call": call, "findings": findings})
        click.echo(msgspec.json.format(body, indent=2).decode())
        return
    click.echo(_summary(call))
    for finding in findings:
        click.echo(f"{_SIGNS[finding.level]}  {finding.area:<10} {finding.text}")


def _summary(call: Call) -> str:
    line = call.quality
    when = f"{call.began_at.astimezone():%Y-%m-%d %H:%M}"
    how = f"{call.seconds:.0f} s, {call.codec}, {call.ended}" if call.outcome == "answered" else call.outcome
    figures = (
        f"lost {line.lost_percent:.1f} %, jitter {line.jitter_ms:.0f} ms, caller {line.loudness_db:.0f} dB, "
        f"both at once {line.talk_over_s:.1f} s, {len(call.turns)} turns"
    )
    return f"Call {call.id} from {call.caller} at {when}: {how}\n      {figures}"
