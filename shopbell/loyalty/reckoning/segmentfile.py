"""Read `reckoning.toml`: the owner's own segments, and what is earned on goods. A shop need not have one."""

import codecs
import re
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shopbell.loyalty.errors import ReckoningRefused
from shopbell.loyalty.reckoning.answers import Kind

NAME = "reckoning.toml"
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
_RESERVED: tuple[Kind, ...] = ("rfm", "tier", "spend", "frequency", "products", "channel", "risk")


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is in a segment: all that is written must hold."""

    visits_from: Count | None = None
    """Visits in the last 12 months, at least."""
    visits_to: Count | None = None
    """At most."""
    spent_from: Decimal | None = None
    """Paid in the last 12 months, at least, as on a price tag."""
    spent_to: Decimal | None = None
    away_from: Count | None = None
    """Days since the last visit, at least."""
    away_to: Count | None = None
    known_from: Count | None = None
    """Days since the first visit, at least."""
    known_to: Count | None = None
    worth_from: Decimal | None = None
    """Expected in the next 12 months, at least."""
    categories: tuple[str, ...] = ()
    """Bought something of one of these in the last 12 months."""
    skus: tuple[str, ...] = ()
    """Bought one of these articles; `*` stands for anything."""
    times: Annotated[int, Meta(ge=1, le=1000)] = 1
    """On so many receipts, for `categories` and `skus`."""
    tiers: tuple[str, ...] = ()
    """Ids of levels of programme.toml."""
    channels: tuple[str, ...] = ()
    """Mostly buys through one of these: names of tills or shops as on receipts."""
    segments: tuple[str, ...] = ()
    """Was put into one of these by hand."""
    at_risk: bool | None = None


class Segment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A segment that the owner wrote."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    label: Annotated[str, Meta(min_length=1, max_length=80)]
    when: When


class Wishes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file."""

    segment: tuple[Segment, ...] = ()
    margins: dict[str, Share] = {}
    """Category, as in the catalogue -> what is earned of its price, from 0 to 1."""


def load_wishes(shop: Path) -> Wishes:
    """Return what the file in the shop's folder says, nothing when there is none. Raises ReckoningRefused."""
    path = shop / NAME
    try:
        body = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError:
        return Wishes()
    except OSError as fault:
        raise ReckoningRefused(f"{path}: cannot be read: {fault.strerror}. Check its rights.") from fault
    try:
        found = msgspec.toml.decode(body, type=Wishes)
    except UnicodeDecodeError as fault:
        raise ReckoningRefused(f"{path}: is not UTF-8 text. Save it as UTF-8.") from fault
    except msgspec.DecodeError as fault:
        raise ReckoningRefused(_explain(path, str(fault))) from fault
    _check(path, found)
    return found


def fits(pattern: str, sku: str) -> bool:
    """Say whether an article is meant by a pattern; capitals do not matter."""
    return fnmatchcase(sku.casefold(), pattern.casefold())


def _check(path: Path, wishes: Wishes) -> None:
    names = [each.name for each in wishes.segment]
    for each in wishes.segment:
        if names.count(each.name) > 1:
            raise ReckoningRefused(f"{path}: two segments are called {each.name}. Give each its own name.")
        if each.name.split("-")[0] in _RESERVED:
            raise ReckoningRefused(
                f"{path}: segment {each.name}: names that begin with {each.name.split('-')[0]}- are made by "
                "the shop itself. Choose another."
            )
        if each.when == When():
            raise ReckoningRefused(
                f"{path}: segment {each.name}: `when` is empty, so all would be in it. Write a condition."
            )


def _explain(path: Path, message: str) -> str:
    where = re.search(r" - at `\$\.?(.*?)`$", message)
    what = re.sub(r" - at `.*`$", "", message)
    what = re.sub(r"^Object contains unknown field `(.*)`$", r"there is no key \1 here", what)
    what = re.sub(r"^Object missing required field `(.*)`$", r"key \1 is missing", what)
    return f"{path}: {f'key {where[1]}: ' if where else ''}{what}. See docs/owner.md, Segments of your own."
