"""Facts: what the rules of segments look at, of one customer."""

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np
import sqlalchemy as sa
from msgspec import Struct

from shopbell.loyalty import records as r
from shopbell.loyalty.reckoning.baskets import YEAR_DAYS, Tastes
from shopbell.loyalty.reckoning.fitting import Ints
from shopbell.loyalty.reckoning.histories import Histories
from shopbell.loyalty.reckoning.rfm import fifths
from shopbell.loyalty.reckoning.worth import Valued

_AT_ONCE = 20_000


class Facts(Struct, frozen=True, kw_only=True):
    """One customer on one day."""

    visits: int
    """Ever."""
    year_visits: int
    year_spent: int
    """Minor units of the last 365 days."""
    top_spender: bool
    """Among the best tenth by those; ties count in."""
    first: date
    last: date
    today: date
    gap: float | None
    at_risk: bool
    gone: bool
    worth: int
    """Minor units."""
    rfm: tuple[int, int, int]
    tier: str
    by_hand: tuple[str, ...]
    tastes: Tastes

    @property
    def away(self) -> int:
        """Days since the last visit."""
        return (self.today - self.last).days

    @property
    def known(self) -> int:
        """Days since the first visit."""
        return (self.today - self.first).days


class Stands(Struct, frozen=True):
    """What the books of the programme say of a customer."""

    tier: str = ""
    segments: tuple[str, ...] = ()


class Figures(Struct, frozen=True):
    """Figures of all, in the order of the histories, that only make sense beside those of the others."""

    year_visits: Ints
    year_spent: Ints
    recency: Ints
    frequency: Ints
    money: Ints
    top: int
    """Minor units from which on somebody is among the best tenth."""


def figures(histories: Histories, valued: Valued, end: int) -> Figures:
    """Reckon the fifths and the year of everybody."""
    recent = histories.day >= end - YEAR_DAYS
    starts = histories.starts[:-1]
    if not len(starts):
        return Figures(starts, starts, starts, starts, starts, 1)
    visits = np.add.reduceat(recent, starts, dtype=np.int64)
    spent = np.add.reduceat(np.where(recent, histories.paid, 0), starts)
    return Figures(
        year_visits=visits,
        year_spent=spent,
        recency=fifths(-valued.summary.gaps.since),
        frequency=fifths(valued.summary.visits.repeats),
        money=fifths(valued.summary.spent),
        top=max(1, int(np.quantile(spent, 0.9, method="higher"))),
    )


def facts(row: int, valued: Valued, known: Figures, stands: Stands, tastes: Tastes, end: int) -> Facts:
    """Put together what is known of the customer in a row."""
    summary = valued.summary
    gap = float(summary.gap[row])
    return Facts(
        visits=int(summary.visits.repeats[row]) + 1,
        year_visits=int(known.year_visits[row]),
        year_spent=int(known.year_spent[row]),
        top_spender=bool(known.year_spent[row] >= known.top),
        first=date.fromordinal(int(summary.first[row])),
        last=date.fromordinal(int(summary.last[row])),
        today=date.fromordinal(end),
        gap=None if np.isnan(gap) else gap,
        at_risk=bool(valued.at_risk[row]),
        gone=bool(valued.gone[row]),
        worth=round(float(valued.foreseen.spent[row])),
        rfm=(int(known.recency[row]), int(known.frequency[row]), int(known.money[row])),
        tier=stands.tier,
        by_hand=stands.segments,
        tastes=tastes,
    )


def read_stands(db: sa.Connection) -> Mapping[str, Stands]:
    """Return level and segments by hand of every customer who has a standing."""
    query = sa.select(r.standing.c.customer, r.standing.c.body).execution_options(yield_per=_AT_ONCE)
    decoder = msgspec.json.Decoder(Stands)
    return {customer: decoder.decode(body) for customer, body in db.execute(query)}
