"""Commands that run the whole shop: serve it, ask it, talk with it, look it over, begin a new one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

import msgspec
import rich_click as click
from litestar.types import ControllerRouterHandler

from shopbell.assistant import newshop, terminal
from shopbell.assistant.bootstrap import Here, House, open_house, shop_findings
from shopbell.assistant.callcommand import call_command
from shopbell.assistant.deferred import load
from shopbell.assistant.doctor import Finding, examine
from shopbell.assistant.errors import AssistantError
from shopbell.assistant.privacy.backupage import backup_finding
from shopbell.assistant.settings import Settings
from shopbell.assistant.web.app import create_app
from shopbell.assistant.web.errors import CannotListen
from shopbell.assistant.web.server import own_names, run
from shopbell.knowledge.errors import KnowledgeError
from shopbell.loyalty.errors import LoyaltyError
from shopbell.models.errors import ModelsError
from shopbell.storage.errors import StorageError
from shopbell.storage.precedence import going_first

_FAILURES = (AssistantError, KnowledgeError, LoyaltyError, ModelsError, StorageError, CannotListen)
_Failure = AssistantError | KnowledgeError | LoyaltyError | ModelsError | StorageError | CannotListen
_shop = click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 opens it to the shop's network."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.pass_obj
def serve(here: Here, folder: Path, host: str, port: int) -> None:
    """Serve the shop in FOLDER: the chat page, the kiosk, the widget and the HTTP interface."""
    with _told(as_json=False), contextlib.suppress(KeyboardInterrupt), going_first():
        asyncio.run(_serve(here, folder, host, port))


async def _serve(here: Here, folder: Path, host: str, port: int) -> None:
    async with open_house(here, folder, watch=True) as house, _voices(here, house, folder) as voices:
        names = own_names(host)
        app = create_app(
            house.conversations,
            house.settings,
            folder,
            hosts=names,
            staff=house.staff,
            loyalty=house.loyalty,
            more=voices.handlers(),
        )
        code = await house.staff.office.first_code()
        await run(app, host, port, ready=lambda url: _ready(house, url, code))


class _Voices(Protocol):
    """What the room of voices gives the web server; it stands above this one, so it is loaded by name."""

    def handlers(self) -> Sequence[ControllerRouterHandler]: ...


def _voices(here: Here, house: House, folder: Path) -> AbstractAsyncContextManager[_Voices]:
    place = load("shopbell.voice.parlour:Place")(
        data=here.data_dir,
        folder=here.shop_dir(folder),
        conversations=house.conversations,
        settings=house.settings,
        library=house.library,
        shop=folder,
        staff=house.staff,
        loyalty=house.loyalty,
    )
    opened = load("shopbell.voice.phone.opening:open_voices")(place)
    return cast("AbstractAsyncContextManager[_Voices]", opened)


def _ready(house: House, url: str, code: str) -> None:
    click.echo(f"{house.settings.shop.name} answers at {url}   (Ctrl-C stops it)")
    if code:
        click.echo("Nobody may use the staff console yet. Whoever opens this link, once and within a day,")
        click.echo(f"becomes the owner: {url}/staff#{code}")


@click.command()
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


@click.command()
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


@click.group(invoke_without_command=True)
@_shop
@_json
@click.pass_context
def doctor(context: click.Context, shop: Path, as_json: bool) -> None:
    """Look at machine, models, settings, knowledge and disk, and say what to do."""
    if context.invoked_subcommand is None:
        _examine(context.obj, shop, as_json=as_json)


doctor.add_command(call_command, "call")


def _examine(here: Here, shop: Path, *, as_json: bool) -> None:
    findings = examine(shop, here.data_dir, lambda settings: _shop_and_backup(here, shop, settings))
    if as_json:
        _print_json({"findings": findings})
    else:
        signs = {"ok": "ok  ", "warn": "note", "bad": "BAD "}
        for finding in findings:
            click.echo(f"{signs[finding.level]}  {finding.area:<10} {finding.text}")
    if any(finding.level == "bad" for finding in findings):
        raise SystemExit(1)


def _shop_and_backup(here: Here, shop: Path, settings: Settings) -> Iterator[Finding]:
    yield from shop_findings(here, shop, settings)
    yield backup_finding(here.shop_dir(shop), datetime.now(UTC))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new shop in FOLDER, small and complete, to write your own words into."""
    with _told(as_json=False):
        for path in newshop.make(folder):
            click.echo(f"made {path}")
        click.echo(f"Edit these, then: shopbell serve {folder}")


@asynccontextmanager
async def _house(here: Here, shop: Path, wait: float) -> AsyncIterator[House]:
    async with open_house(here, shop, watch=False) as house:
        await house.model_settled(wait)
        yield house


@contextlib.contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into one clear line and exit code 1."""
    failed: list[_Failure] = []
    try:
        yield
    except* _FAILURES as group:  # alone, or out of the tasks of an open shop
        failed += _leaves(group)
    for error in failed:
        if as_json:
            _print_json({"error": {"code": error.code, "message": str(error)}})
        click.echo(f"Error: {error}", err=True)
    if failed:
        raise SystemExit(1) from None


def _leaves(group: BaseExceptionGroup[_Failure]) -> Iterator[_Failure]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
