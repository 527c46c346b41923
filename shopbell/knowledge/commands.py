"""`shopbell knowledge`: what the shop knows, how well it finds it, and what it could not answer."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec
import rich_click as click

from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.errors import KnowledgeError
from shopbell.knowledge.evaluate import evaluate_files
from shopbell.knowledge.expiry import WITHIN_DAYS, expiring_passages
from shopbell.knowledge.gaps import forget_gap, list_gaps
from shopbell.knowledge.library import Library
from shopbell.knowledge.printout import (
    print_eval,
    print_gaps,
    print_golden,
    print_json,
    print_problems,
    print_retrieval,
)
from shopbell.knowledge.problem import Problem, Severity
from shopbell.models.errors import ModelsError
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError


class Place(Protocol):
    """What the commands need of the machine they run on; the command line hands it over as its context."""

    def embedder(self) -> Embedder:
        """Return the embedding model."""
        ...

    def shop_dir(self, shop: Path) -> Path:
        """Return where the data of the shop in `shop` is kept."""
        ...

    def open_library(self, shop: Path) -> Library:
        """Open the knowledge of the shop in `shop` as the server does."""
        ...


class IngestReport(msgspec.Struct, frozen=True):
    """What `ingest --json` prints."""

    passages: int
    products: int
    problems: tuple[Problem, ...]


class ExpiryLine(msgspec.Struct, frozen=True):
    """One fact that ends soon, as `expiring --json` prints it."""

    id: str
    title: str
    source: str
    valid_until: str


_shop = click.option(
    "--shop",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.group(name="knowledge")
def knowledge_group() -> None:
    """Read, search and test what the shop knows, and see what is missing."""


@knowledge_group.command()
@_shop
@_json
@click.pass_obj
def ingest(place: Place, shop: Path, as_json: bool) -> None:
    """Read the shop's files and say what is wrong with them."""
    with _told(as_json=as_json), contextlib.closing(place.open_library(shop)) as library:
        report = IngestReport(len(library.passages), len(library.catalogue), library.problems)
    if as_json:
        print_json(report)
    else:
        print_problems(report.problems)
        click.echo(f"{report.passages} passages, {report.products} products of them.")
    if any(problem.severity is Severity.ERROR for problem in report.problems):
        raise SystemExit(1)


@knowledge_group.command()
@_shop
@_json
@click.option("--all", "show_all", is_flag=True, help="Show the green questions too.")
@click.pass_obj
def check(place: Place, shop: Path, as_json: bool, show_all: bool) -> None:
    """Ask the questions of golden.csv and show which find what they should."""
    with _told(as_json=as_json), contextlib.closing(place.open_library(shop)) as library:
        report = library.check()
    if as_json:
        print_json(report)
    else:
        print_golden(report, show_all=show_all)
    if not report.rows or any(problem.severity is Severity.ERROR for problem in report.problems):
        raise SystemExit(1)


@knowledge_group.command(name="eval")
@click.option(
    "--docs", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of docs.jsonl."
)
@click.option(
    "--queries", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A .jsonl of queries."
)
@_json
@click.pass_obj
def evaluate(place: Place, docs: Path, queries: Path, as_json: bool) -> None:
    """Measure the search on an outside set, beside BM25 and MiniLM alone."""
    with _told(as_json=as_json), tempfile.TemporaryDirectory(prefix="shopbell-eval-") as scratch:
        report = evaluate_files(docs, queries, place.embedder(), Path(scratch))
    if as_json:
        print_json(report)
    else:
        print_eval(report)


@knowledge_group.command()
@_shop
@_json
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 5_000), help="Groups shown.")
@click.option("--forget", type=int, default=None, metavar="ID", help="Drop a group that has been dealt with.")
@click.pass_obj
def gaps(place: Place, shop: Path, as_json: bool, limit: int, forget: int | None) -> None:
    """List what customers asked and the shop could not answer, most asked first."""
    with _told(as_json=as_json):
        engine = open_database(place.shop_dir(shop) / "shop.db")
        try:
            if forget is not None and not forget_gap(engine, forget):
                raise KnowledgeError(
                    f"There is no group {forget}. See their numbers with `shopbell knowledge gaps`."
                )
            found = list_gaps(engine, limit)
        finally:
            engine.dispose()
    if as_json:
        print_json(found)
    else:
        print_gaps(found)


@knowledge_group.command()
@click.argument("question")
@_shop
@_json
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50), help="Passages shown.")
@click.pass_obj
def search(place: Place, question: str, shop: Path, as_json: bool, limit: int) -> None:
    """Show what the shop's knowledge holds for QUESTION, and how sure it is."""
    with _told(as_json=as_json), contextlib.closing(place.open_library(shop)) as library:
        found = library.search(question, limit=limit)
    if as_json:
        print_json(found)
    else:
        print_retrieval(found)


@knowledge_group.command()
@_shop
@_json
@click.option(
    "--within", default=WITHIN_DAYS, show_default=True, type=click.IntRange(0, 3_650), help="Days ahead."
)
@click.pass_obj
def expiring(place: Place, shop: Path, as_json: bool, within: int) -> None:
    """List facts that will soon be out of date and retire themselves."""
    with _told(as_json=as_json), contextlib.closing(place.open_library(shop)) as library:
        ending = expiring_passages(library.passages, library.today(), within)
    lines = [ExpiryLine(each.id, each.title, each.source, str(each.valid_until)) for each in ending]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        click.echo(f"{line.valid_until}  {line.source}  {line.title}")
    if not lines:
        click.echo(f"Nothing ends within {within} days.")


@contextlib.contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into one clear line and exit code 1."""
    try:
        yield
    except (KnowledgeError, ModelsError, StorageError) as fault:
        if as_json:
            print_json({"error": {"code": fault.code, "message": str(fault)}})
        click.echo(f"Error: {fault}", err=True)
        raise SystemExit(1) from None
