"""Replaying: the sales that were, under rules that were not. Reads only."""

from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import records as r
from shopbell.loyalty.answers import Reversed
from shopbell.loyalty.comparison import Replay, Sums, compare
from shopbell.loyalty.house import Shop
from shopbell.loyalty.judgement import Facts, Returned
from shopbell.loyalty.members import brought_by, keeper, load_standing
from shopbell.loyalty.programmes import judge
from shopbell.loyalty.purchases import Bought, read_purchase
from shopbell.loyalty.registry import unstamp
from shopbell.loyalty.returning import judge_return
from shopbell.loyalty.sale import Return
from shopbell.loyalty.standing import Referred, Standing

Row = sa.Row[tuple[object, ...]]


def replay(db: sa.Connection, shop: Shop, other: Shop, since: date, until: date | None) -> Replay:
    """Judge the sales from `since` to `until`, both included, as they were and anew, in the order of time.

    A customer of the replay starts with nothing on `since`; sales of nobody, and those before the other
    programme's first version, count for nothing.
    """
    then, anew = Sums(), _Anew(db, other)
    purchases = {row.id: read_purchase(db, row) for row in db.execute(_within(since, until)).all()}
    known = {number: bought for number, bought in purchases.items() if bought.customer}
    returns = [row for row in db.execute(sa.select(r.reversal)).all() if row.purchase in known]
    events: list[tuple[datetime, int, int, Row | None]] = [
        (bought.kept.sale.at, 0, number, None) for number, bought in known.items()
    ]
    events += [(unstamp(row.at), 1, row.id, row) for row in returns]
    for _, _, number, row in sorted(events, key=lambda event: event[:3]):
        if row is None:
            bought = known[number]
            then.give(bought.facts, keeper(db, bought.customer))
            anew.sale(bought, keeper(db, bought.customer))
        else:
            anew.returned(row)
            day = known[row.purchase].facts.day
            for taken in msgspec.json.decode(row.result, type=Reversed).taken:
                then.add(taken.customer, day, taken.unit, -taken.points)
    return compare(then, anew.sums, (shop, other), since, until, len(known))


def _within(since: date, until: date | None) -> sa.Select[tuple[object, ...]]:
    query = sa.select(r.purchase).where(r.purchase.c.day >= since.isoformat())
    return query if until is None else query.where(r.purchase.c.day <= until.isoformat())


class _Anew:
    """The customers as they would stand."""

    def __init__(self, db: sa.Connection, shop: Shop) -> None:
        self.sums = Sums()
        self._db = db
        self._shop = shop
        self._standings: dict[str, Standing] = {}
        self._facts: dict[int, Facts] = {}
        self._back: dict[int, tuple[Returned, ...]] = {}
        self._brought = brought_by(db)

    def sale(self, bought: Bought, owner: str) -> None:
        sale = msgspec.structs.replace(bought.kept.sale, customer=owner)
        if self._shop.programme.terms_at(sale.at) is None:
            return
        judged = judge(sale, self._standing(owner), self._shop.terms(sale.at))
        self._standings[owner] = judged.standing_after
        self._facts[bought.id] = judged.facts
        self.sums.give(judged.facts, owner)

    def returned(self, row: Row) -> None:
        facts = self._facts.get(row.purchase)
        if facts is None:
            return
        owner, terms = facts.customer, self._shop.terms(facts.at)
        returns = msgspec.json.decode(row.body, type=tuple[Return, ...])
        before = self._back.get(row.purchase, ())
        undone = judge_return(facts, returns, before, self._standing(owner), terms)
        self._back[row.purchase], self._standings[owner] = undone.returned, undone.standing_after
        self.sums.take(undone, facts.day, owner)

    def _standing(self, customer: str) -> Standing:
        if customer not in self._standings:
            known = load_standing(self._db, customer, unstamp("1970-01-01T00:00:00+00:00"))
            by, joined = self._brought.get(customer), known.member_since
            self._standings[customer] = Standing(
                customer=customer,
                member_since=joined,
                birthday=known.birthday,
                segments=known.segments,
                referred=Referred(by=by, at=joined) if by and joined else None,
            )
        return self._standings[customer]
