"""What the commands of the programme share: the shop, how answers are printed, how errors are told."""

import contextlib
import getpass
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
import rich_click as click
import sqlalchemy as sa

from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.errors import LoyaltyError, NoSuchCustomer
from shopbell.loyalty.reckoning.recommending import Ware as OnShelf
from shopbell.loyalty.simulation import Ware
from shopbell.storage.database import open_database
from shopbell.storage.errors import StorageError


class Place(Protocol):
    """What the commands need of the machine they run on; the command line hands it over as its context."""

    def shop_dir(self, shop: Path) -> Path:
        """Return where the data of the shop in `shop` is kept."""
        ...

    def about(self, shop: Path) -> About:
        """Return what the shop's settings say; raises ProgrammeError."""
        ...

    def wares(self, shop: Path) -> tuple[Ware, ...]:
        """Return what the shop sells; raises ProgrammeError."""
        ...

    def shelf(self, shop: Path) -> tuple[OnShelf, ...]:
        """Return what the shop can offer now, with stock, diets and allergens; raises ProgrammeError."""
        ...

    def people(self, shop: Path) -> tuple[str, ...]:
        """Return the names of those who have a staff account; raises StorageError."""
        ...

    def converse(self, shop: Path, room: Backroom, seed: int, now: datetime, rest: Callable[[], None]) -> int:
        """Put made-up conversations beside the purchases, resting in between; return how many were new."""
        ...


shop_option = click.option(
    "--shop",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    is_eager=True,  # `--by` asks who works there
    help="The shop's folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def machine_user() -> str:
    """Return who runs the command, as the books name them."""
    return f"{getpass.getuser()} (command line)"


def _known(context: click.Context, _option: click.Parameter, by: str) -> str:
    """Return a name the books may hold: of somebody with an account, or of who runs the command."""
    user = machine_user()
    if by in {"", user}:
        return user
    place: Place = context.obj
    with told(as_json=bool(context.params.get("as_json"))):
        people = place.people(context.params["shop"])
    if by in people:
        return by
    if not people:
        raise click.BadParameter(
            f"Nobody has a staff account yet, so the books name {user}. Leave --by out, "
            "or make accounts with `shopbell staff add`."
        )
    raise click.BadParameter(f"{by[:40]} has no staff account. These have: {', '.join(people)}.")


by_option = click.option(
    "--by", default="", show_default="who runs the command", callback=_known, help="Who the books name."
)
person_option = click.option(
    "--by", required=True, callback=_known, help="Who decides, by their staff account; not who asked."
)


def now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


@contextlib.contextmanager
def opened(place: Place, shop: Path, *, as_json: bool) -> Iterator[Backroom]:
    """Lend the shop's programme; what goes wrong meanwhile is one clear line and exit code 1."""
    with opened_books(place, shop, as_json=as_json) as (room, _):
        yield room


@contextlib.contextmanager
def opened_books(place: Place, shop: Path, *, as_json: bool) -> Iterator[tuple[Backroom, sa.Engine]]:
    """Lend the shop's programme and the database under it, as `opened` does."""
    with told(as_json=as_json):
        engine = open_database(place.shop_dir(shop) / "shop.db")
        try:
            yield open_backroom(engine, shop, place.shop_dir(shop), place.about(shop)), engine
        finally:
            engine.dispose()


@contextlib.contextmanager
def told(*, as_json: bool) -> Iterator[None]:
    """Turn what went wrong into one clear line and exit code 1."""
    try:
        yield
    except (LoyaltyError, StorageError) as fault:
        if as_json:
            print_json({"error": {"code": fault.code, "message": str(fault)}})
        click.echo(f"Error: {fault}", err=True)
        raise SystemExit(1) from None


def print_json(value: object) -> None:
    """Print a value as JSON with indents."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def who(room: Backroom, text: str) -> str:
    """Return the id of whoever has this id, phone number, e-mail address or code; raises NoSuchCustomer."""
    found = room.customers.find(text)
    if found is None:
        return _merged(room, text)
    return found.id


def _merged(room: Backroom, text: str) -> str:
    try:
        return room.customers.get(text).id
    except NoSuchCustomer:
        raise NoSuchCustomer(
            f'Nobody has the id, phone number, e-mail address or code "{text[:60]}". Check it, or join them.'
        ) from None
