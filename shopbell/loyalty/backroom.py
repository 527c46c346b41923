"""The back room: everything of the loyalty programme of one shop, put together."""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty.club import Club
from shopbell.loyalty.customers import Customers
from shopbell.loyalty.errors import RecipeRefused
from shopbell.loyalty.exports import BUILT_IN
from shopbell.loyalty.house import House
from shopbell.loyalty.money import places
from shopbell.loyalty.programmefile import load
from shopbell.loyalty.recipe import Recipe, load_recipe
from shopbell.loyalty.subscriptions import Subscriptions
from shopbell.loyalty.terms import Programme
from shopbell.loyalty.tills import RATE, Tills
from shopbell.loyalty.webhooks import Outbox
from shopbell.storage.buckets import Buckets

RECIPE_FOLDER = "recipes"
"""In the shop's folder: mappings of its own, one TOML file each."""
_KEPT_IN = "club.key"
_SECRET_BYTES = 32


class About(Struct, frozen=True, kw_only=True):
    """What the shop's settings say that the programme needs to know."""

    currency: str
    timezone: str
    region: str
    """Country of phone numbers written without one, such as "GB"."""


class Backroom(Struct, frozen=True, kw_only=True):
    """The services; every call of theirs blocks."""

    about: About
    engine: sa.Engine
    """The database that all of them read and write."""
    programme: Programme
    club: Club
    customers: Customers
    tills: Tills
    subscriptions: Subscriptions
    outbox: Outbox
    secret: bytes
    """The shop's own, from which keys are made; it never leaves the machine."""

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.about.timezone)

    @property
    def digits(self) -> int:
        """Decimals of the shop's currency."""
        return places(self.about.currency)


def open_backroom(
    engine: sa.Engine,
    shop: Path,
    folder: Path,
    about: About,
    *,
    draw: Callable[[int], bytes] = secrets.token_bytes,
    buckets: Buckets | None = None,
) -> Backroom:
    """Put the room together; `folder` is where the shop's data lies.

    Raises ProgrammeError when the shop's programme.toml is missing or wrong.
    """
    if buckets is None:
        buckets = Buckets(RATE, time.monotonic)
    programme = load(shop, currency=about.currency, timezone=about.timezone)
    secret = _secret(folder / _KEPT_IN, draw)
    return Backroom(
        about=about,
        engine=engine,
        secret=secret,
        programme=programme,
        club=Club(engine, programme, house=House(), draw=draw, secret=secret),
        customers=Customers(engine, region=about.region, draw=draw),
        tills=Tills(engine, buckets=buckets, draw=draw),
        subscriptions=Subscriptions(engine, draw=draw),
        outbox=Outbox(engine, jitter=Random().random),  # noqa: S311 - it only spreads retries
    )


def find_recipe(shop: Path, name: str) -> Recipe:
    """Return the built-in recipe of that name, or the mapping `recipes/NAME.toml` of the shop's own.

    Raises RecipeRefused.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    path = shop / RECIPE_FOLDER / f"{name}.toml"
    if not name.replace("-", "").replace("_", "").isalnum() or not path.is_file():
        own = sorted(each.stem for each in (shop / RECIPE_FOLDER).glob("*.toml"))
        known = ", ".join((*sorted(BUILT_IN), *own))
        raise RecipeRefused(
            f'There is no recipe "{name[:40]}" ({known}). '
            f"Write {RECIPE_FOLDER}/NAME.toml in the shop's folder."
        )
    return load_recipe(path)


def _secret(path: Path, draw: Callable[[int], bytes]) -> bytes:
    """Return the shop's own secret, made at the first call; only the owner of the file can read it."""
    with suppress(FileExistsError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        growing = path.with_suffix(f".{os.getpid()}.part")
        growing.touch(0o600)
        growing.write_bytes(draw(_SECRET_BYTES))
        try:
            os.link(growing, path)  # unlike a rename this never replaces what another process just made
        finally:
            growing.unlink()
    return path.read_bytes()
