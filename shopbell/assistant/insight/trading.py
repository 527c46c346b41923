"""Trading: repeat purchases, members' share, points redeemed and lost, worth by level. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from shopbell.assistant.insight.counting import DRAWN, STUDENT, Case, Counted, Kind, Saying
from shopbell.assistant.insight.intervals import ratio_span
from shopbell.assistant.staffwire.figures import FigureRow, Measure
from shopbell.loyalty import kpis
from shopbell.loyalty.takings import Member, Purse, Taking

REPEAT_DAYS = 90
"""Days in which somebody should have come twice."""
_REPEAT = Kind(
    id="repeat",
    title="Came again",
    group="customers",
    definition="Customers who bought on at least two days, over all known customers who bought, in the "
    "last 90 days. The parts are levels of the programme as they are now.",
    counted="customers",
)
_MEMBERS = Kind(
    id="members",
    title="Members' share of sales",
    group="customers",
    definition="What members paid over what everybody paid, less what came back, in the span shown.",
    method=f"{DRAWN}; days are drawn",
    counted="days",
)
_REDEEMED = Kind(
    id="redemption",
    title="Points redeemed",
    group="customers",
    definition="Points redeemed over points issued, in the last 365 days.",
    method=f"{DRAWN}; customers are drawn",
    counted="customers",
)
_BREAKAGE = Kind(
    id="breakage",
    title="Points lost (breakage)",
    group="customers",
    definition="Points that expired, over points that came to an end (expired or redeemed), in the last "
    "365 days. Low while the programme is young: points must grow old to expire.",
    method=f"{DRAWN}; customers are drawn",
    counted="customers",
)
_WORTH = Kind(
    id="clv",
    title="What a customer is worth ahead",
    group="customers",
    unit="money",
    definition="What the nightly reckoning expects a customer to pay in the time it looks ahead: the "
    "mean of those who agreed to be reckoned. The parts are levels.",
    method=f"{STUDENT}, over customers; it leaves out how unsure each customer's own figure is",
    counted="customers",
)


class Worth(Struct, frozen=True):
    """What the reckoning expects of one customer."""

    customer: str
    minor: int


class Books(Struct, frozen=True, kw_only=True):
    """What the books say."""

    span: Sequence[Taking]
    """Sales of the span shown."""
    quarter: Sequence[Taking]
    """Sales of the last 90 days."""
    purses: Mapping[str, Purse]
    members: Mapping[str, Member]
    worth: Sequence[Worth] = ()
    worth_note: str = ""
    """Why there is none."""
    names: Mapping[str, str] = {}
    """Level -> as customers know it; "" is where everybody starts."""


def trading(books: Books, saying: Saying) -> Iterable[Counted]:
    """Return the figures of trade with known customers."""
    came = kpis.repeaters(books.quarter)
    last = {sale.customer: sale.day for sale in books.quarter}
    yield _REPEAT.rate(
        saying,
        [
            Case(_row(books, who, last[who], "came again" if again else "came once"), again)
            for who, again in came.items()
        ],
    )
    yield _members(books, saying)
    yield _points(_REDEEMED, kpis.redemption(books.purses), books, saying)
    yield _points(_BREAKAGE, kpis.breakage(books.purses), books, saying)
    yield _worth(books, saying)


def _members(books: Books, saying: Saying) -> Counted:
    days = kpis.members_share(books.span)
    ours, everybody = zip(*days.values(), strict=True) if days else ((), ())
    need = min(saying.few, 5)  # a week has seven days, and each holds many sales
    whole = _ratio(saying, ours, everybody, need)
    rows = (
        FigureRow(
            kind="day",
            id=day.isoformat(),
            at=day.isoformat(),
            outcome=f"{saying.text(mine, 'money')} of {saying.text(total, 'money')}",
        )
        for day, (mine, total) in days.items()
    )
    return _MEMBERS.of(whole, (), rows)


def _ratio(saying: Saying, tops: Sequence[int], bottoms: Sequence[int], need: int) -> Measure:
    if len(tops) < need or not sum(bottoms):
        return saying.silent("", len(tops), need)
    return saying.measure("", sum(tops) / sum(bottoms), ratio_span(tops, bottoms), len(tops), "share")


def _points(kind: Kind, pairs: Sequence[tuple[int, int]], books: Books, saying: Saying) -> Counted:
    whole = _ratio(saying, [top for top, _ in pairs], [bottom for _, bottom in pairs], saying.few)
    rows = (
        _row(books, who, None, f"{one.issued} issued, {one.redeemed} redeemed, {one.expired} expired")
        for who, one in books.purses.items()
        if one.expired or one.redeemed or (one.issued and kind is _REDEEMED)
    )
    return kind.of(whole, (), rows)


def _worth(books: Books, saying: Saying) -> Counted:
    if not books.worth:
        return _WORTH.of(saying.silent("", 0, why=books.worth_note or f"too few: 0 of {saying.few}"))
    tiers: dict[str, list[float]] = defaultdict(list)
    for one in books.worth:
        tiers[_tier(books, one.customer)].append(float(one.minor))
    parts = [saying.mean(tier, values, "money") for tier, values in sorted(tiers.items()) if tier]
    rows = (_row(books, one.customer, None, saying.text(one.minor, "money")) for one in books.worth)
    return _WORTH.of(saying.mean("", [float(one.minor) for one in books.worth], "money"), parts, rows)


def _tier(books: Books, customer: str) -> str:
    member = books.members.get(customer)
    return books.names.get(member.tier, member.tier or "no level") if member else "no level"


def _row(books: Books, customer: str, day: date | None, outcome: str) -> FigureRow:
    member = books.members.get(customer)
    return FigureRow(
        kind="customer",
        id=customer,
        name=member.name if member else "",
        at=day.isoformat() if day else "",
        outcome=outcome,
        part=_tier(books, customer),
    )
