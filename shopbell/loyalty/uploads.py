"""Uploads: files of sales that were sent, tried and kept until somebody takes them in."""

import hashlib
import tempfile
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from shopbell.loyalty.backroom import Backroom, find_recipe
from shopbell.loyalty.entries import Fault
from shopbell.loyalty.errors import SheetRefused
from shopbell.loyalty.intake import Report, read_sales, write_faults
from shopbell.loyalty.recipe import Recipe

MOST_KEPT = 20
"""Files kept; the oldest goes when another comes."""
MOST_SHOWN = 50
"""Faults named in a dry run; the error file has them all."""
_ID_LENGTH = 32


class Place(Struct, frozen=True):
    """Where the shop's own recipes are, and where uploads are kept."""

    shop: Path
    folder: Path


class DryRun(Struct, frozen=True, kw_only=True):
    """What a file holds and what is wrong with it; nothing was taken in."""

    id: str
    """Of the file with its recipe; empty when it was not kept."""
    source: str
    rows: int
    skipped: int
    """Rows and sales that do not count: payments, orders that were never paid."""
    sales: int
    refunds: int
    amount: int
    """Minor units of all sales."""
    members: int
    """Sales whose customer is known."""
    first: datetime | None
    last: datetime | None
    left: int
    """Goods brought back from a sale that was not found; they change nothing."""
    bad: int
    """Faults; above zero: the file is not taken in."""
    faults: tuple[Fault, ...]
    """The first of them."""


def read(room: Backroom, path: Path, recipe: Recipe, now: datetime) -> Report:
    """Read a file as the shop would take it in; changes nothing. Raises `SheetRefused`, `RecipeRefused`."""
    return read_sales(
        path,
        recipe,
        zone=room.zone,
        now=now,
        digits=room.digits,
        resolve=room.customers.resolve,
        books=room.club.books(recipe.source),
    )


def summary(report: Report, ident: str = "") -> DryRun:
    """Return what a person wants to know before taking a file in."""
    times = [sale.at for sale in report.sales]
    return DryRun(
        id=ident,
        source=report.source,
        rows=report.rows,
        skipped=report.skipped,
        sales=len(report.sales),
        refunds=len(report.refunds),
        amount=report.amount,
        members=sum(bool(sale.customer) for sale in report.sales),
        first=min(times, default=None),
        last=max(times, default=None),
        left=len(report.left),
        bad=len(report.faults),
        faults=report.faults[:MOST_SHOWN],
    )


def keep(room: Backroom, place: Place, recipe: str, content: bytes, now: datetime) -> DryRun:
    """Try a file that was sent and keep it for `reread`. Raises `SheetRefused`, `RecipeRefused`."""
    found = find_recipe(place.shop, recipe)
    ident = hashlib.sha256(f"{recipe}\0".encode() + content).hexdigest()[:_ID_LENGTH]
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place.folder / f"{ident}.{recipe}"
    path.touch(0o600)
    path.write_bytes(content)
    try:
        done = summary(read(room, path, found, now), ident)
    except SheetRefused:
        path.unlink()
        raise
    kept = sorted(place.folder.iterdir(), key=lambda each: each.stat().st_mtime)
    for old in kept[:-MOST_KEPT]:
        old.unlink()
    return done


def reread(room: Backroom, place: Place, ident: str, now: datetime) -> Report:
    """Read a kept file again. Raises `SheetRefused` when it is not kept."""
    known = [path for path in place.folder.glob("*.*") if path.name.partition(".")[0] == ident]
    if not known:
        raise SheetRefused("This file is not kept here (any more). Send it again.")
    recipe = find_recipe(place.shop, known[0].name.partition(".")[2])
    return read(room, known[0], recipe, now)


def error_file(room: Backroom, place: Place, ident: str, now: datetime) -> bytes:
    """Return the error file of a kept file. Raises `SheetRefused` when it is not kept."""
    report = reread(room, place, ident, now)
    with tempfile.TemporaryDirectory(prefix="shopbell-") as scratch:
        path = Path(scratch) / "errors.csv"
        write_faults(report, path)
        return path.read_bytes()
