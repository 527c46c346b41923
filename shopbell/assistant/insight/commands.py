"""`shopbell report`: the figures of a week in a file, and the Monday digest."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import msgspec
import rich_click as click

from shopbell.assistant.errors import AssistantError
from shopbell.assistant.insight.book import FigureBook
from shopbell.assistant.insight.digest import digest_text
from shopbell.assistant.insight.opening import figure_book, programme_of
from shopbell.assistant.insight.report import write_digest, write_report
from shopbell.assistant.insight.sources import Span
from shopbell.assistant.insight.trends import sunday
from shopbell.assistant.settings import load
from shopbell.assistant.staffwire.figures import Figures
from shopbell.assistant.staffwire.visible import visible
from shopbell.loyalty.errors import LoyaltyError
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError

_shop = click.option(
    "--shop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_until = click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    show_default="the last Sunday",
    help="Last day, YYYY-MM-DD.",
)
_days = click.option(
    "--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many days."
)


class Machine(Protocol):
    """Where the shops' data lies."""

    def shop_dir(self, shop: Path) -> Path:
        """Return the folder of this shop's data."""
        ...


@click.group("report")
def report_group() -> None:
    """Figures of the shop in a file: the week, and the Monday digest."""


@report_group.command("week")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="A .html, .pdf or .json file.",
)
@_until
@_days
@_shop
@click.pass_obj
def week(here: Machine, out: Path, until: datetime | None, days: int, shop: Path) -> None:
    """Write all figures of the last week, each with its definition and interval, as a page, PDF or JSON."""
    with _opened(here, shop) as (book, accent):
        write_report(_figures(book, until, days), out, accent=accent)
    click.echo(f"wrote {out}")


@report_group.command("digest")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="A .txt, .html, .pdf or .json file; without it, it is printed.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@_until
@_days
@_shop
@click.pass_obj
def digest(
    here: Machine, out: Path | None, as_json: bool, until: datetime | None, days: int, shop: Path
) -> None:
    """Say on one page who is slipping away, what the assistant saved and earned, and five things to do."""
    with _opened(here, shop) as (book, accent):
        found = _figures(book, until, days)
        if out is not None:
            write_digest(found, out, accent=accent)
    if out is not None:
        click.echo(f"wrote {out}")
    elif as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        click.echo(visible(digest_text(found)))


def _figures(book: FigureBook, until: datetime | None, days: int) -> Figures:
    now = datetime.now(UTC).astimezone(book.about.zone)
    last: date = until.date() if until else sunday(now.date())
    return book.figures(Span.ending(last, days, book.about.zone), now)


@contextmanager
def _opened(here: Machine, shop: Path) -> Iterator[tuple[FigureBook, str]]:
    try:
        settings = load(shop)
        engine = open_database(here.shop_dir(shop) / "shop.db")
        try:
            yield figure_book(engine, settings, programme_of(shop, settings)), settings.web.accent
        finally:
            engine.dispose()
    except (AssistantError, LoyaltyError, StorageError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None
