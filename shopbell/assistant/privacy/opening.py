"""What the commands of privacy and backup share: the shop's data, and how errors are told."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import rich_click as click

from shopbell.assistant.errors import AssistantError
from shopbell.assistant.privacy.erasure import Place
from shopbell.assistant.privacy.gaps import Embed
from shopbell.assistant.settings import Settings, load
from shopbell.knowledge.embedding import Embedder
from shopbell.loyalty.errors import LoyaltyError
from shopbell.models.errors import ModelsError
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError

shop_option = click.option(
    "--shop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The shop's folder.",
)


class Machine(Protocol):
    """Where the shops' data lies, and the embedder if it is at hand."""

    @property
    def data_dir(self) -> Path:
        """The folder of models and of all shops' data."""
        ...

    def shop_dir(self, shop: Path) -> Path:
        """Return the folder of this shop's data."""
        ...

    def embedder(self) -> Embedder:
        """Return the embedder. Raises ModelsError when its files are not here."""
        ...


@contextmanager
def opened(here: Machine, shop: Path) -> Iterator[tuple[Place, Settings]]:
    """Lend the shop's data and settings; what goes wrong is one clear line and exit code 1."""
    with told():
        settings = load(shop)
        folder = here.shop_dir(shop)
        engine = open_database(folder / "shop.db")
        try:
            yield (
                Place(engine=engine, folder=folder, shop=shop, draw=secrets.token_bytes, embed=_embed(here)),
                settings,
            )
        finally:
            engine.dispose()


@contextmanager
def told() -> Iterator[None]:
    """Turn what went wrong into one clear line and exit code 1."""
    try:
        yield
    except (AssistantError, LoyaltyError, StorageError) as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(1) from None


def _embed(here: Machine) -> Embed | None:
    try:
        return here.embedder().embed
    except ModelsError:
        return None


def now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)
