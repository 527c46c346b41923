"""Entries: what a parser finds in a file, before it is cut into passages."""

from datetime import date

from msgspec import Struct

from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Problem

SLUG_LENGTH = 60
"""Characters of a slug at most."""


class Entry(Struct, frozen=True, kw_only=True):
    """A question with its answer, or a piece of running text under its heading."""

    title: str
    text: str
    line: int
    """Where it stands in its file; see `Problem.line`."""
    anchor: str = ""
    """The owner's own anchor; empty: the slug of the title."""
    kind: Kind = Kind.FAQ
    also_asked: tuple[str, ...] = ()
    topic: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


class Reading(Struct, frozen=True):
    """All that a parser got out of one file."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


def slug(text: str) -> str:
    """Return `text` as an anchor: lower case, anything else than letters and digits one hyphen."""
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    return "-".join(words)[:SLUG_LENGTH].strip("-")


def wordings(text: str) -> tuple[str, ...]:
    """Split `a; b; c` into its wordings, without empty ones and repeats."""
    return tuple(dict.fromkeys(part for raw in text.split(";") if (part := " ".join(raw.split()))))


def day(text: str) -> date | None:
    """Read a date written as 2026-12-24; empty is None.

    Raises ValueError with a message for the owner.
    """
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip()[:10] if text.strip()[10:] == " 00:00:00" else text.strip())
    except ValueError:
        raise ValueError(
            f'"{text.strip()[:40]}" is no date. Write it as year-month-day, such as 2026-12-24.'
        ) from None
