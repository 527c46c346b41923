"""The command line: every verb is a thin call into a service."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
import rich_click as click

from shopbell import __version__
from shopbell.assistant import logs, newshop, terminal
from shopbell.assistant.bootstrap import Here, House, open_house, shop_findings
from shopbell.assistant.doctor import examine
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.staff.commands import audit_group, staff_group
from shopbell.assistant.web.app import create_app
from shopbell.assistant.web.errors import CannotListen
from shopbell.assistant.web.server import own_names, run
from shopbell.knowledge.commands import knowledge_group
from shopbell.knowledge.errors import KnowledgeError
from shopbell.loyalty.commands import ledger_group, loyalty_group
from shopbell.loyalty.errors import LoyaltyError
from shopbell.models.commands import models_group
from shopbell.models.errors import ModelsError
from shopbell.models.files import data_folder
from shopbell.storage.errors import StorageError
from shopbell.storage.quiet import silence
from shopbell.tui.commands import console_command

_FAILURES = (AssistantError, KnowledgeError, LoyaltyError, ModelsError, StorageError, CannotListen)
_shop = click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shopbell")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SHOPBELL_DATA",
    default=lambda: data_folder(os.environ, Path.home()),
    show_default="your data folder",
    help="Where models, index and conversations are kept.",
)
@click.pass_context
def main(context: click.Context, data: Path) -> None:
    """Shopbell: an assistant of its own for a small shop."""
    silence(os.environ)
    logs.configure(sys.stderr)
    context.obj = Here(data)


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 opens it to the shop's network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.pass_obj
def serve(here: Here, folder: Path, host: str, port: int) -> None:
    """Serve the shop in FOLDER: the chat page, the widget and the HTTP interface."""
    with _told(as_json=False), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(here, folder, host, port))


async def _serve(here: Here, folder: Path, host: str, port: int) -> None:
    async with open_house(here, folder, watch=True) as house:
        names = own_names(host)
        app = create_app(
            house.conversations, house.settings, folder, hosts=names, staff=house.staff, loyalty=house.loyalty
        )
        code = await house.staff.office.first_code()
        await run(app, host, port, ready=lambda url: _ready(house, url, code))


def _ready(house: House, url: str, code: str) -> None:
    click.echo(f"{house.settings.shop.name} answers at {url}   (Ctrl-C stops it)")
    if code:
        click.echo("Nobody may use the staff console yet. Whoever opens this link, once and within a day,")
        click.echo(f"becomes the owner: {url}/staff#{code}")


@main.command()
@click.argument("question")
@_shop
@_json
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for the model to start.")
@click.pass_obj
def ask(here: Here, question: str, shop: Path, as_json: bool, wait: float) -> None:
    """Ask the shop one QUESTION and print the reply, its rung and its sources."""
    with _told(as_json=as_json):
        asyncio.run(_ask(here, question, shop, as_json, wait))


async def _ask(here: Here, question: str, shop: Path, as_json: bool, wait: float) -> None:
    async with _house(here, shop, wait) as house:
        reply = await house.conversations.answer(question)
    if as_json:
        _print_json(
            {
                "reply": reply.text,
                "rung": reply.rung,
                "sources": [{"id": s.id, "title": s.title, "text": s.text} for s in reply.sources],
                "timings": reply.timings,
                "why": reply.why,
            }
        )
        return
    click.echo(reply.text)
    for source in reply.sources:
        click.echo(f"  from {source.source or source.id}: {source.title}")
    click.echo(f"  ({reply.rung}, {reply.timings.total_s:.2f} s)")


@main.command()
@_shop
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait for the model to start.")
@click.pass_obj
def chat(here: Here, shop: Path, wait: float) -> None:
    """Talk with the shop in this terminal."""
    with _told(as_json=False), contextlib.suppress(KeyboardInterrupt, EOFError):
        asyncio.run(_chat(here, shop, wait))


async def _chat(here: Here, shop: Path, wait: float) -> None:
    async with _house(here, shop, wait) as house:
        opened = await house.conversations.open("terminal")
        async with aclosing(house.conversations.follow(opened.conversation)) as frames:
            await terminal.talk(house.conversations, opened.conversation, frames)


@main.command()
@_shop
@_json
@click.pass_obj
def doctor(here: Here, shop: Path, as_json: bool) -> None:
    """Look at machine, models, settings, knowledge and disk, and say what to do."""
    findings = examine(shop, here.data_dir, lambda settings: shop_findings(here, shop, settings))
    if as_json:
        _print_json({"findings": findings})
    else:
        signs = {"ok": "ok  ", "warn": "note", "bad": "BAD "}
        for finding in findings:
            click.echo(f"{signs[finding.level]}  {finding.area:<10} {finding.text}")
    if any(finding.level == "bad" for finding in findings):
        raise SystemExit(1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new shop in FOLDER, small and complete, to write your own words into."""
    with _told(as_json=False):
        for path in newshop.make(folder):
            click.echo(f"made {path}")
        click.echo(f"Edit these, then: shopbell serve {folder}")


main.add_command(knowledge_group)
main.add_command(loyalty_group)
main.add_command(ledger_group)
main.add_command(models_group)
main.add_command(staff_group)
main.add_command(audit_group)
main.add_command(console_command)


@asynccontextmanager
async def _house(here: Here, shop: Path, wait: float) -> AsyncIterator[House]:
    async with open_house(here, shop, watch=False) as house:
        await house.model_settled(wait)
        yield house


@contextlib.contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into one clear line and exit code 1."""
    try:
        yield
    except _FAILURES as error:
        if as_json:
            _print_json({"error": {"code": error.code, "message": str(error)}})
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


if __name__ == "__main__":
    main()
