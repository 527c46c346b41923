"""What the shop promises its customers: a programme, its versions, levels and rewards."""

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from shopbell.loyalty.conditions import Count, Goods
from shopbell.loyalty.money import minor
from shopbell.loyalty.rules import Id, Points, Rule
from shopbell.loyalty.span import Span, local_day, shift


class PointTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for points in general."""

    name: str = "point"
    """What one is called, in the singular."""
    expires: Span | None = None
    """Lost that long after; default: never."""
    expires_after: Literal["earning", "last-purchase"] = "earning"
    """`earning`: each point has its day; `last-purchase`: all go at once, any purchase keeps them."""
    matures: Span | None = None
    """Usable only that long after the purchase; default: at once."""
    shortfall: Literal["negative", "clamp"] = "negative"
    """Goods come back but their points are spent: the balance goes below zero, or the shop bears it."""
    late_receipts: Span | None = None
    """A forgotten receipt can be added that long; default: never."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds the file is checked against."""

    multiplier: Decimal = Decimal(5)
    """All multiples of one purchase together must stay within this."""


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of membership."""

    id: Id
    name: str = ""
    """As customers know it; empty: the id."""
    start: Count = field(name="from")
    """What must be gathered in the window; of money, in whole units such as pounds."""
    times: Decimal = Decimal(1)
    """Rules of kind spend, visit and item give that multiple."""
    stack: Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")] = "best"
    """How `times` goes together with rules of kind multiply; see there."""
    benefits: tuple[str, ...] = ()
    """Told to customers, one sentence each."""
    points: Points = 0
    """Given on reaching it, once ever; also when it was skipped on the way up."""
    reward: str = ""
    """Given on reaching it, once ever: the id of a `[[version.reward]]`."""

    @property
    def label(self) -> str:
        """The name said to customers."""
        return self.name or self.id


class Tiers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Levels of membership: up at once, down at a review and after grace."""

    by: Literal["points", "spend", "visits"]
    """What is gathered; points are those of purchases, used or not."""
    window: Span | None = None
    """The last so many months or days; this or `calendar`."""
    calendar: Literal["month", "quarter", "year"] | None = None
    """Or the running month, quarter or year; a level then holds to the end of the next one."""
    review: Literal["day", "month", "quarter", "year"] = "day"
    """When falling behind is noticed: on the first day of each."""
    grace: Span | None = None
    """After that, the level is kept this long; default: not at all."""
    base: str = "Member"
    """Name of the level everybody starts at."""
    tier: tuple[Tier, ...]
    """From the lowest to the highest."""


class Reward(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something of the catalogue of rewards."""

    id: Id
    name: str
    cost: Points = 0
    """Points; 0: only rules give it."""
    worth: Decimal
    """What it takes off a bill, or costs the shop."""
    goods: Goods = Goods()
    """What it can be used for; empty: anything but gift cards."""
    points: Points = 0
    """Points it gives when used: a prize of points."""
    money: Decimal = Decimal(0)
    """What it puts on the customer's balance of money when used."""
    stock: Count | None = None
    """How many there are in all; default: no limit."""
    per_customer: Count | None = None
    """How many one customer may have; default: no limit."""
    start: date | None = field(default=None, name="from")
    """First day it can be had."""
    until: date | None = None
    """Last day it can be had."""
    valid: Span | None = None
    """Good that long once it is given; default: for ever."""


class Version(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The terms from a day on, complete in themselves."""

    start: date = field(name="from")
    """First day, on the shop's calendar."""
    points: PointTerms = PointTerms()
    limits: Limits = Limits()
    gift_cards: Goods = Goods()
    """Goods that are money in advance: no rule but `topup` gives anything for them."""
    excluded: Goods = Goods()
    """Other goods that earn nothing."""
    tiers: Tiers | None = None
    rule: tuple[Rule, ...] = ()
    reward: tuple[Reward, ...] = ()


class Terms(Struct, frozen=True, kw_only=True, dict=True):
    """A version with what the shop's settings add; all a judgement needs to know of the shop."""

    club: str
    version: Version
    currency: str
    timezone: str

    @cached_property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.timezone)

    def minor(self, amount: Decimal) -> int:
        """Return minor units of the shop's currency."""
        return minor(amount, self.currency)

    def day(self, moment: datetime) -> date:
        """Return the day on the shop's calendar."""
        return local_day(moment, self.zone)

    def claimable(self, bought: datetime, now: datetime) -> bool:
        """Tell whether a receipt that was not rung up for its customer can still be added."""
        span = self.version.points.late_receipts
        return span is not None and self.day(now) <= shift(self.day(bought), span)

    def reward(self, name: str) -> Reward | None:
        """Return a reward by its id."""
        return next((reward for reward in self.version.reward if reward.id == name), None)

    def tier(self, name: str) -> Tier | None:
        """Return a level by its id; None is the level everybody starts at."""
        tiers = self.version.tiers
        return next((tier for tier in tiers.tier if tier.id == name), None) if tiers else None


class Programme(Struct, frozen=True, kw_only=True):
    """All of `programme.toml`, with the shop's currency and time zone."""

    club: str
    versions: tuple[Version, ...]
    """Oldest first."""
    currency: str
    timezone: str

    def terms_at(self, moment: datetime) -> Terms | None:
        """Return the terms in force; None before the first version."""
        day = local_day(moment, ZoneInfo(self.timezone))
        current = [version for version in self.versions if version.start <= day]
        if not current:
            return None
        return Terms(club=self.club, version=current[-1], currency=self.currency, timezone=self.timezone)
