"""What the reckoning answers. Money is whole minor units of the shop's currency; days are the shop's own."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Kind = Literal["rfm", "tier", "spend", "frequency", "products", "channel", "risk", "rule"]
"""What a computed segment goes by; `rule`: one that the owner wrote in segments.toml."""


class CustomerWorth(Struct, frozen=True, kw_only=True):
    """One customer's figures, as of the last reckoning."""

    customer: str
    day: date
    """They count what was bought before this day."""
    visits: int
    """Days on which something was bought and kept."""
    first: date
    last: date
    """Days of the first and the last visit."""
    spent_minor: int
    """All that was ever paid, less what came back."""
    gap_days: float | None
    """The usual time between two visits: their median; None before the third visit."""
    enough_history: bool
    """False: too few visits; worth and visits ahead are those of customers like this one."""
    clv_minor: int
    """What is expected to be paid within `Reckoning.ahead_days`."""
    low_minor: int
    high_minor: int
    """95 of 100 customers with such a history will pay between these."""
    expected_visits: float
    """Within `Reckoning.ahead_days`."""
    visits_low: int
    visits_high: int
    alive: float
    """Chance that the last visit was not the last for ever, by the customer's own rhythm."""
    returns: float
    """Chance of a visit within `Reckoning.soon_days`."""
    at_risk: bool
    """Was a regular, and is later than the own rhythm allows or more likely gone than not."""
    gone: bool
    """Away so long that it is no news: not on the list of those at risk any more."""
    stake_minor: int
    """What would be paid if the customer came on as before, times the chance of that."""
    why: str
    """One sentence with dates: why at risk, or why not."""
    lost_after: date | None
    lost_before: date | None
    """If lost, then with 95 % between these days; None when not at risk."""
    rfm: str
    """Fifths of recency, frequency and money, 5 the best: `R5F4M3`."""
    segments: tuple[str, ...]
    """Computed segments; those put by hand are in `shopbell.loyalty.segmenting`."""


class Likelihood(Struct, frozen=True, kw_only=True):
    """A parameter that was fitted."""

    name: str
    value: float
    low: float
    high: float
    """Where the log-likelihood profile falls 1.92 below its top: a 95 % interval."""


class HeldOut(Struct, frozen=True, kw_only=True):
    """How far off the same reckoning was, made at an earlier day and compared with what came after."""

    split: date
    """Made with what was bought before this day."""
    days: int
    """Compared with so many days from it on."""
    customers: int
    mae_visits: float
    """Mean absolute error of the visits of a customer."""
    mae_mean: float
    """The same, had everybody been given the average of the days before."""
    predicted_visits: float
    actual_visits: int
    mae_minor: int
    """Mean absolute error of what a customer paid."""
    within: float | None
    """Share of customers whose spending lay within its interval; 0.95 is right. None: not looked at."""
    auc_active: float | None
    """How well the expected visits tell who came from who did not; 0.5 is a coin, 1 is perfect."""
    auc_risk: float | None
    """How well the at-risk order tells who stayed away."""
    auc_recency: float | None
    """The same by nothing but the days since the last visit."""


class Reckoning(Struct, frozen=True, kw_only=True):
    """One night's run."""

    id: int
    at: datetime
    day: date
    """It counts what was bought before this day."""
    customers: int
    """Everybody with a purchase."""
    reckoned: int
    """Of these, who agreed to profiling and so have figures of their own."""
    at_risk: int
    purchases: int
    ahead_days: int
    """Days that worth and expected visits look ahead."""
    soon_days: int
    """Days within which `returns` is a chance."""
    least_visits: int
    """Fewer visits than these are not enough history."""
    parameters: tuple[Likelihood, ...]
    """Empty: too little for a model; then nobody has enough history."""
    held_out: HeldOut | None
    """None: the books are too short to try it on the past."""
    seconds: float
    note: str = ""
    """What the reader should know, such as why there is no model."""


class ComputedSegment(Struct, frozen=True, kw_only=True):
    """A group that a rule makes."""

    name: str
    kind: Kind
    label: str
    """As people read it."""
    rule: str
    """Why somebody is in it, in a sentence."""
    members: int
    clv_minor: int
    """Of its members together."""
    at_risk: int


class Membership(Struct, frozen=True, kw_only=True):
    """A customer's time in a computed segment; always by a rule, never by hand."""

    customer: str
    segment: str
    since: date
    until: date | None
    """First day out of it; None: still in."""
    reason: str
    """Why the customer came in, with the figures of that day."""
    left_because: str = ""
    by: Literal["rule"] = "rule"


class Advice(Struct, frozen=True, kw_only=True):
    """Something to offer, and why."""

    sku: str
    name: str
    category: str
    price_minor: int
    score: float
    """Chance that it goes into this basket, before stock and margin are weighed."""
    together: int
    """Receipts with it and something of the basket or of the customer's usual things."""
    receipts: int
    """Receipts looked at that hold the latter."""
    why: str
    """One sentence that may be told to the customer."""


class Limits(Struct, frozen=True, kw_only=True):
    """What must not be offered."""

    diets: tuple[str, ...] = ()
    """Words that a product's `diet` must hold, such as `vegan`."""
    allergens: tuple[str, ...] = ()
    """Words that a product's `allergens` must not hold, such as `milk`."""
    skus: tuple[str, ...] = ()
    """Articles the customer does not want."""
