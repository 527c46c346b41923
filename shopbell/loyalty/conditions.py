"""Which goods and which moments a rule is for, as written in `programme.toml`."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Span = Annotated[str, Meta(pattern=r"^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$")]
"""A time of day, such as `16:00-18:00`."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class Goods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set of goods; a line is in it when its category or its article number is named."""

    categories: tuple[str, ...] = ()
    """As on the receipt; capitals do not matter."""
    skus: tuple[str, ...] = ()
    """Article numbers; `*` stands for anything, as in `DRK-*`."""


class When(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions of a rule; all that are written must hold."""

    categories: tuple[str, ...] = ()
    """Only goods of these categories; empty: all goods."""
    skus: tuple[str, ...] = ()
    """Only these article numbers, besides the categories; `*` stands for anything."""
    except_categories: tuple[str, ...] = ()
    """Not goods of these categories."""
    except_skus: tuple[str, ...] = ()
    """Not these article numbers."""
    min_spend: Decimal = Decimal(0)
    """Least amount paid for the goods the rule is for."""
    weekdays: tuple[Weekday, ...] = ()
    """Only on these days, such as `["tue"]`."""
    hours: tuple[Span, ...] = ()
    """Only within these times on the shop's clock; the end is not included."""
    start: date | None = field(default=None, name="from")
    """First day."""
    until: date | None = None
    """Last day."""
    tiers: tuple[str, ...] = ()
    """Only members of these levels."""
    segments: tuple[str, ...] = ()
    """Only members of one of these segments."""


class Caps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most one rule gives one customer."""

    day: Count | None = None
    """On one day of the shop's calendar."""
    week: Count | None = None
    """From Monday to Sunday."""
    month: Count | None = None
    """In one calendar month."""
    year: Count | None = None
    """In one calendar year."""
    total: Count | None = None
    """Ever."""

    def limits(self) -> tuple[tuple[str, int], ...]:
        """Return (kind of period, most) of the caps that are set."""
        pairs = ((kind, getattr(self, kind)) for kind in ("day", "week", "month", "year", "total"))
        return tuple((kind, most) for kind, most in pairs if most is not None)
