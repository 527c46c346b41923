"""Answers of `/api/staff/figures`: what the owner is told of the shop, each with its definition. Pure."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Unit = Literal["share", "seconds", "stars", "score", "money", "count"]
"""`share` from 0 to 1, `score` from -100 to 100 (NPS), `money` in minor units."""
Group = Literal["assistant", "people", "customers", "money", "fairness"]


class Measure(Struct, frozen=True, kw_only=True):
    """A value with its interval; it says nothing when there are too few."""

    label: str = ""
    """Which part, such as a channel or a level; empty: the whole."""
    text: str
    """As it is shown: "86 %", or "too few: 3 of 20"."""
    spread: str = ""
    """The interval as it is shown: "79 to 91 %"; empty: none."""
    value: float | None = None
    """None: silent."""
    low: float | None = None
    high: float | None = None
    """Ends of the interval of 95 %; None: open, or none can be given."""
    n: int
    """What it was counted over."""
    silent: str = ""
    """Why there is no value."""


class Figure(Struct, frozen=True, kw_only=True):
    """One figure, with its parts."""

    id: str
    title: str
    group: Group
    unit: Unit
    whole: Measure
    parts: tuple[Measure, ...] = ()
    definition: str
    """What is counted over what, and when."""
    method: str
    """How the interval was made."""
    note: str = ""
    """What must be said beside it, such as that it shows no cause."""
    counted: str = "conversations"
    """What `n` counts."""
    rows: int = 0
    """Rows that the figure can be followed down to."""


class Point(Struct, frozen=True, kw_only=True):
    """One bar or dot of a plot."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


class Series(Struct, frozen=True, kw_only=True):
    """Points that belong together."""

    id: str
    title: str
    name: str = ""
    """Of this series, where a plot shows several."""
    unit: Unit
    points: tuple[Point, ...]


class Assumed(Struct, frozen=True, kw_only=True):
    """A number the owner may set in shop.toml under [figures]."""

    key: str
    value: str
    meaning: str


class Advice(Struct, frozen=True, kw_only=True):
    """One thing to do, and why."""

    what: str
    why: str
    where: str
    """Where it is done, such as a screen of the console."""


class Slipping(Struct, frozen=True, kw_only=True):
    """A customer who may be lost."""

    customer: str
    name: str
    why: str
    """One sentence with dates."""
    worth: str = ""
    """What they may yet bring, as it is shown; empty: not known."""


class Figures(Struct, frozen=True, kw_only=True):
    """All figures of a span of days."""

    shop: str
    currency: str
    since: date
    until: date
    """The last day of the span."""
    made_at: datetime
    figures: tuple[Figure, ...]
    series: tuple[Series, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    made_up: str = ""
    """Set when conversations are the demo's."""
    warnings: tuple[str, ...] = ()
    """Offers that are unequal, and groups that stand in for age."""
    slipping: tuple[Slipping, ...] = ()
    slipping_note: str = ""
    """Why nobody is named, or how sure the list is."""
    advice: tuple[Advice, ...] = ()


class FigureRow(Struct, frozen=True, kw_only=True):
    """One row a figure was counted over."""

    kind: Literal["conversation", "customer", "day"]
    id: str
    name: str = ""
    """Of a customer; of a conversation its channel."""
    at: str = ""
    """ISO date and time, or a date."""
    outcome: str
    """How it was counted."""
    part: str = ""


class FigureRows(Struct, frozen=True, kw_only=True):
    """The rows of one figure, newest first."""

    figure: str
    title: str
    rows: tuple[FigureRow, ...]
    more: int = 0
    """Rows beyond those sent."""


class FigureAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure to follow down to its rows."""

    figure: Annotated[str, Meta(min_length=1, max_length=40)]
    part: Annotated[str, Meta(max_length=80)] = ""
    days: Annotated[int, Meta(ge=1, le=366)] = 28
