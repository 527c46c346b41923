"""Plotted: what is drawn beside the figures, day by day or week by week. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shopbell.assistant.insight.sources import Span
from shopbell.assistant.insight.talks import Talk
from shopbell.assistant.staffwire.figures import Point, Series
from shopbell.loyalty.takings import Taking

BY_DAY = 35
"""Days from which on conversations are drawn by week."""
SALES_WEEKS = 26


def series(talks: Sequence[Talk], year: Sequence[Taking], span: Span) -> tuple[Series, ...]:
    """Return conversations by who answered, and sales by who bought."""
    return (*_talks([talk for talk in talks if talk.spoke], span), *_sales(year, span.until))


def _talks(talks: Sequence[Talk], span: Span) -> Iterable[Series]:
    days = (span.until - span.since).days + 1
    step = 1 if days <= BY_DAY else 7
    starts = [span.since + timedelta(days=n) for n in range(0, days, step)]
    kinds: dict[str, Counter[date]] = {
        "the assistant alone": Counter(),
        "with a person": Counter(),
        "no answer": Counter(),
    }
    for talk in talks:
        day = talk.at.astimezone(span.zone).date()
        start = span.since + timedelta(days=(day - span.since).days // step * step)
        name = "with a person" if talk.person else "the assistant alone" if talk.answered else "no answer"
        kinds[name][start] += 1
    title = "Conversations by day" if step == 1 else "Conversations by week"
    for name, counts in kinds.items():
        points = tuple(
            Point(label=day.isoformat(), value=float(counts[day]), n=counts[day]) for day in starts
        )
        yield Series(id="talks", title=title, name=name, unit="count", points=points)


def _sales(year: Sequence[Taking], until: date) -> Iterable[Series]:
    if not year:
        return
    first = until - timedelta(days=7 * SALES_WEEKS - 1)
    sums: dict[str, dict[int, int]] = {"members": defaultdict(int), "others": defaultdict(int)}
    for sale in year:
        if sale.day >= first:
            sums["members" if sale.customer else "others"][(sale.day - first).days // 7] += sale.amount
    for name, weeks in sums.items():
        points = tuple(
            Point(label=(first + timedelta(days=7 * n)).isoformat(), value=float(weeks[n]), n=weeks[n])
            for n in range(SALES_WEEKS)
        )
        yield Series(id="sales", title="Sales by week", name=name, unit="money", points=points)
