"""Gains: what the assistant saved and earned, by numbers the owner may change. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shopbell.assistant.insight.assumptions import FiguresSettings
from shopbell.assistant.insight.counting import DRAWN, Counted, Kind, Saying
from shopbell.assistant.insight.intervals import sum_span
from shopbell.assistant.insight.talks import SOON, Talk
from shopbell.assistant.staffwire.figures import FigureRow
from shopbell.loyalty import kpis
from shopbell.loyalty.money import places
from shopbell.loyalty.takings import Member, Taking

_SAVED = Kind(
    id="saved",
    title="Saved",
    group="money",
    unit="money",
    definition="Conversations resolved without a person and not taken back within 24 hours, times the "
    "minutes one would have taken, times the wage: [figures] minutes_saved and wage in shop.toml.",
    method=f"{DRAWN}; conversations are drawn. It does not hold how wrong the assumptions may be",
)
_EARNED = Kind(
    id="earned",
    title="Earned",
    group="money",
    unit="money",
    definition="Sales to customers who talked with the assistant shortly before, times margin, times "
    "the part put down to it: [figures] credit_hours, margin and credit in shop.toml.",
    method=f"{DRAWN}; customers are drawn. It does not hold how wrong the assumptions may be",
    note="A guess by your own numbers, not a proof: many would have bought anyway.",
    counted="customers who bought after a conversation",
)


def gains(
    talks: Sequence[Talk],
    sales: Sequence[Taking],
    members: dict[str, Member],
    assumed: FiguresSettings,
    saying: Saying,
) -> Iterable[Counted]:
    """Return both figures; talks and sales are those of the span shown."""
    each = assumed.minutes_saved / 60 * assumed.wage * 10 ** places(saying.currency)
    answered = [talk for talk in talks if talk.answered]
    counted = [(talk, each if talk.settled and not talk.came_back(SOON) else 0.0) for talk in answered]
    rows = (
        talk.row(f"saved {saying.text(value, 'money')}" if value else "saved nothing")
        for talk, value in counted
    )
    yield _sum(_SAVED, [value for _, value in counted], rows, saying)
    yield _earned(talks, sales, members, assumed, saying)


def _earned(
    talks: Sequence[Talk],
    sales: Sequence[Taking],
    members: dict[str, Member],
    assumed: FiguresSettings,
    saying: Saying,
) -> Counted:
    talked = defaultdict(list)
    for talk in talks:
        if talk.customer and talk.answered:
            talked[talk.customer].append(talk.at)
    found = kpis.after(sales, talked, timedelta(hours=assumed.credit_hours))
    rate = assumed.margin * assumed.credit
    by_customer: dict[str, float] = defaultdict(float)
    for sale, _ in found:
        by_customer[sale.customer] += sale.amount * rate
    rows = (
        FigureRow(
            kind="customer",
            id=sale.customer,
            name=members[sale.customer].name if sale.customer in members else "",
            at=sale.at,
            outcome=_bought(saying.text(sale.amount, "money"), talk),
        )
        for sale, talk in found
    )
    return _sum(_EARNED, list(by_customer.values()), rows, saying)


def _bought(amount: str, talk: datetime) -> str:
    return f"bought for {amount} after talking at {talk:%Y-%m-%d %H:%M}"


def _sum(kind: Kind, values: Sequence[float], rows: Iterable[FigureRow], saying: Saying) -> Counted:
    if len(values) < saying.few:
        return kind.of(saying.silent("", len(values)), (), rows)
    return kind.of(saying.measure("", sum(values), sum_span(values), len(values), "money"), (), rows)
