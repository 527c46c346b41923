"""What judging a sale, or goods that come back, says: awards, their arithmetic, and the standing after."""

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from shopbell.loyalty.award import Award, Withheld
from shopbell.loyalty.standing import Standing


class Share(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of an award rests on one receipt line."""

    line: str
    weight: int
    """In the award's own measure; the line's part of the sum is its part of the award."""


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An award, and what is needed to take it back in part."""

    award: Award
    customer: str
    """Whom it goes to."""
    shares: tuple[Share, ...] = ()
    carry: str = ""
    """Remainder it changed, a key of `Standing.carried`; empty: none."""
    weight: int = 0
    """What was added to the remainder, before whole points were taken out."""
    step: int = 1
    """Remainder that makes `gain` points."""
    gain: int = 1
    caps: bool = False
    """It counted against caps."""
    counts: bool = False
    """It counts towards levels by points."""


class Carried(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sale that gave no whole point, but more of a remainder."""

    carry: str
    """Key of `Standing.carried`."""
    weight: int
    shares: tuple[Share, ...]


class Exchange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A full card turned into its reward, or (after a return) back into stamps."""

    rule: str
    unit: str
    """Such as `stamps:coffee-card`."""
    points: int
    """How many of the unit are used up; what one reward takes is `points / award.points`."""
    award: Award
    """The reward given for them."""


class Bought(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt line as it was judged."""

    id: str
    quantity: Decimal
    paid: int
    """Minor units, discounts on the whole receipt shared out."""
    amount: int
    """Minor units as on the receipt; what is given back is told in these."""
    counts: bool = True
    """It counts towards levels by spend."""


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be remembered of a judgement to take it back, wholly or in part."""

    version: date
    """First day of the version that judged."""
    customer: str
    at: datetime
    day: date
    lines: tuple[Bought, ...]
    member: bool = False
    """Judged; false: nothing was given and there is nothing to undo."""
    given: tuple[Given, ...] = ()
    carried: tuple[Carried, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    spent: int = 0
    """Minor units that counted towards levels."""
    points: int = 0
    """Points that counted towards levels."""
    visited: tuple[str, ...] = ()
    """Rules for which this was the day's visit."""
    tier_before: str = ""
    tier_after: str = ""
    packs: tuple[str, ...] = ()
    """Ids of the packs that were opened."""
    referral: bool = False
    """It was the friend's qualifying purchase."""


class Judgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sale gives, withholds and changes."""

    facts: Facts
    withheld: tuple[Withheld, ...] = ()
    standing_after: Standing

    @property
    def awards(self) -> tuple[Award, ...]:
        """What the buyer gets, rewards of full cards included."""
        own = [given.award for given in self.facts.given if given.customer == self.facts.customer]
        return (*own, *(exchange.award for exchange in self.facts.exchanges))


class Returned(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a receipt line has come back so far."""

    line: str
    quantity: Decimal = Decimal(0)
    amount: int = 0
    """Minor units, as on the receipt."""


class Take(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is taken back of one award."""

    rule: str
    customer: str
    unit: str
    points: int
    """Above zero; all takes of an award add up to the award."""
    line: str = ""
    award: int
    """Position of the award in `Facts.given`; -1: given with another purchase, and found by its rule."""
    why: str
    """The customer's sentence, with the arithmetic."""


class Undone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goods that came back undo."""

    takes: tuple[Take, ...] = ()
    reopened: tuple[Exchange, ...] = ()
    """Rewards to take back; their stamps are on the card again."""
    returned: tuple[Returned, ...]
    """All that has come back so far; goes into the next `judge_return`."""
    standing_after: Standing


class Due(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bonuses that the calendar brings."""

    awards: tuple[Award, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    standing_after: Standing


class Lapse(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything of a unit that is lost because the customer has not bought for long."""

    unit: str
    on: date
    """First day without it."""
    why: str
