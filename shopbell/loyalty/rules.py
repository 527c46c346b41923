"""Every kind of rule of `programme.toml`: one union, told apart by `kind`."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from shopbell.loyalty.conditions import Caps, Count, When
from shopbell.loyalty.span import Span

Id = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""Small letters, digits and hyphens, such as `double-tuesday`."""
Points = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Named(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every rule has."""

    id: Id
    """Stays the same for ever: remainders, caps and the books refer to it."""
    name: str = ""
    """As customers know it; empty: the id."""

    @property
    def label(self) -> str:
        """The name said to customers."""
        return self.name or self.id


class Judged(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that looks at a sale."""

    when: When = When()
    """Conditions; none: always."""
    stack: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")] = "add"
    """`add`: on top of all others; `best`, or the name of a group: only the greatest of those counts."""
    caps: Caps = Caps()
    """The most one customer gets of it."""
    expires: Span | None = None
    """Lost that long after; default: as `points.expires`."""
    matures: Span | None = None
    """Usable only that long after; default: as `points.matures`."""


class Spend(Judged, tag_field="kind", tag="spend", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for money spent."""

    points: Count = 1
    """Given for each `per`."""
    per: Decimal = Decimal(1)
    """Amount of money."""
    count: Literal["exact", "full"] = "exact"
    """`exact`: 7.40 at 10 points per 1.00 is 74; `full`: only whole `per` count, so 70."""
    carry: bool = True
    """What is left over counts at the next purchase; false: it is dropped on each receipt."""


class Visit(Judged, tag_field="kind", tag="visit", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for coming; one visit a day counts."""

    points: Count
    """Given at each `every`th visit."""
    every: Count = 1
    """How many visits it takes."""


class Item(Judged, tag_field="kind", tag="item", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points for buying certain goods, by number."""

    points: Count
    """Given for each `every` pieces."""
    every: Count = 1
    """How many pieces (or kilograms) it takes; what is left over counts next time."""


class Cashback(
    Judged, tag_field="kind", tag="cashback", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A share of what was paid, put on the customer's balance of money."""

    percent: Decimal
    """Of the amount paid."""
    carry: bool = True
    """Parts of the smallest coin count at the next purchase."""


class Stamps(Judged, tag_field="kind", tag="stamps", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A punch card: a stamp for each piece, a reward for a full card; more stamps open the next card."""

    size: Annotated[int, Meta(ge=1, le=1000)]
    """Stamps on a full card."""
    reward: Id
    """Given for a full card; a `[[version.reward]]`."""
    lapses: Span | None = None
    """Stamps are lost that long after the last purchase; default: never."""


class Topup(Judged, tag_field="kind", tag="topup", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gift cards or credit bought: what was paid goes on the customer's balance of money."""

    bonus_percent: Decimal = Decimal(0)
    """On top of what was paid; needs caps."""


class Pack(Judged, tag_field="kind", tag="pack", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Paid in advance: ten coffees, six parcels, a year of membership."""

    passes: Annotated[int, Meta(ge=1, le=1000)]
    """How many are in it."""
    valid: Span | None = None
    """From the purchase; a pause is added to it. Default: for ever."""
    every: Span | None = None
    """One pass comes due that often, as with a subscription; default: used when the customer likes."""
    max_pause: Span | None = None
    """Longest single pause; default: it cannot be paused."""
    refund: Literal["passes", "days", "none"] = "passes"
    """What is given back on leaving: by passes left, by days left, or nothing."""
    segment: str = ""
    """Whoever holds a running one belongs to this segment."""


class Multiply(
    Judged, tag_field="kind", tag="multiply", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A happy hour, a double day, more for a segment: other rules give a multiple."""

    times: Decimal
    """Such as 2 for double; at most two decimals."""
    of: tuple[Id, ...] = ()
    """Rules it multiplies; empty: all of kind spend, visit and item."""
    stack: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")] = "best"
    """`best`, or the name of a group: only the greatest of those counts; `add`: its extra is added."""


class Gain(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that gives points or a reward at an event."""

    points: Points = 0
    """Given once."""
    reward: str = ""
    """Or the id of a `[[version.reward]]`."""
    expires: Span | None = None
    """Lost that long after; default: as `points.expires`, a reward as its `valid`."""


class Welcome(Gain, tag_field="kind", tag="welcome", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Given on joining, once."""


class Birthday(Gain, tag_field="kind", tag="birthday", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Given around the birthday, once a year. 29 February is kept on the 28th in other years."""

    before: Annotated[int, Meta(ge=0, le=60)] = 0
    """Days before the birthday from which it is there."""
    after: Annotated[int, Meta(ge=0, le=60)] = 0
    """Days after the birthday until which it is good."""
    joined: Span | None = None
    """Member at least that long on the birthday."""


class Winback(Gain, tag_field="kind", tag="winback", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Given to a customer who has not bought for long; once for each absence."""

    after: Span
    """Time without a purchase."""
    again: Span = "1 year"
    """Not more often than that."""


class Referral(
    Named, tag_field="kind", tag="referral", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Both sides get something after the friend's first qualifying purchase."""

    friend: Points
    """Points for the one who was brought."""
    referrer: Points
    """Points for the one who brought them."""
    min_spend: Decimal = Decimal(0)
    """Least the friend pays in one purchase; must be above zero."""
    within: Span
    """From joining to that purchase."""
    per_year: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Friends one customer is rewarded for in a calendar year; must be above zero."""
    expires: Span | None = None
    """Lost that long after; default: as `points.expires`."""


class Redemption(
    Named, tag_field="kind", tag="redemption", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Points back for using a reward: so many percent of what it cost."""

    percent: Decimal
    """Of the points spent; rounded down."""
    expires: Span | None = None
    """Lost that long after; default: as `points.expires`."""


Earner = Spend | Visit | Item | Cashback | Stamps | Topup | Pack
"""Rules that look at a sale and give something."""
Bonus = Welcome | Birthday | Winback
"""Rules that look at the calendar."""
Rule = Earner | Multiply | Bonus | Referral | Redemption
