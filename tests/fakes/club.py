"""A club with a small programme and its customers, for tests: one line per thing done."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from shopbell.loyalty.answers import Adjusted, Recorded, Redeemed, Reserved, Reversed
from shopbell.loyalty.club import Club
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.house import Adjustment, House, Payment, Tender
from shopbell.loyalty.programmefile import parse
from shopbell.loyalty.sale import Line, Refund, Return, Sale, Void
from shopbell.loyalty.terms import Programme

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
DAY = timedelta(days=1)
TEXT = """
club = "Club"
[[version]]
from = 2020-01-01
[version.gift_cards]
categories = ["Gift cards"]
[version.points]
shortfall = "SHORTFALL"
late_receipts = "14 days"
[[version.rule]]
kind = "spend"
id = "points"
points = 1
per = 1.00
count = "full"
[[version.rule]]
kind = "stamps"
id = "card"
size = 3
reward = "free-coffee"
when = { categories = ["Drinks"] }
[[version.rule]]
kind = "topup"
id = "gift"
when = { categories = ["Gift cards"] }
[[version.rule]]
kind = "referral"
id = "friend"
friend = 5
referrer = 7
min_spend = 5.00
within = "60 days"
per_year = 10
[version.tiers]
by = "spend"
window = "12 months"
[[version.tiers.tier]]
id = "gold"
from = 100
times = 2
points = 10
[[version.reward]]
id = "five-off"
name = "5 off"
cost = 10
worth = 0.05
[[version.reward]]
id = "mug"
name = "a mug"
cost = 4
worth = 0.03
stock = 2
per_customer = 1
[[version.reward]]
id = "free-coffee"
name = "a free coffee"
worth = 3.00
"""


def programme(text: str = TEXT, shortfall: str = "negative") -> Programme:
    """Return the programme written as `text`."""
    said = text.replace("SHORTFALL", shortfall)
    return parse(said.encode(), Path("programme.toml"), currency="EUR", timezone="Europe/London")


class ShopFloor:
    """A club, its customers, and a clock that stands still until it is moved."""

    def __init__(
        self,
        engine: sa.Engine,
        *people: str,
        text: str = TEXT,
        shortfall: str = "negative",
        house: House | None = None,
    ) -> None:
        self._numbers = count(1)
        self.now = T0
        self.engine = engine
        self.customers = Customers(engine, region="GB", draw=self.draw)
        self.club = Club(
            engine, programme(text, shortfall), house=house or House(), draw=self.draw, secret=b"secret"
        )
        for name in people or ("ann", "ben"):
            self.add(name)

    def draw(self, size: int) -> bytes:
        return next(self._numbers).to_bytes(8, "big").rjust(size, b"\0")[-size:]

    def add(self, name: str, phone: str = "", birthday: str = "") -> None:
        born = datetime.fromisoformat(birthday).date() if birthday else None
        joined = self.now - 30 * DAY
        self.customers.create(
            Customer(id=name, name=name.title(), phone=phone, birthday=born, joined_at=joined)
        )

    def sale(
        self,
        *amounts: int,
        who: str = "ann",
        name: str = "",
        category: str = "Cakes",
        cashier: str = "robin",
        pieces: str = "1",
    ) -> Sale:
        lines = tuple(
            Line(id=str(n), sku=f"s{n}", quantity=Decimal(pieces), amount=amount, categories=(category,))
            for n, amount in enumerate(amounts, 1)
        )
        name = name or f"r{next(self._numbers)}"
        return Sale(source="till", external_id=name, at=self.now, customer=who, lines=lines, cashier=cashier)

    def buy(
        self,
        *amounts: int,
        who: str = "ann",
        name: str = "",
        category: str = "Cakes",
        cashier: str = "robin",
        pieces: str = "1",
        money: int = 0,
        rewards: tuple[str, ...] = (),
    ) -> Recorded:
        sale = self.sale(*amounts, who=who, name=name, category=category, cashier=cashier, pieces=pieces)
        paid = (Payment(unit="money", points=money),) if money else ()
        return self.club.record_sale(sale, self.now, tender=Tender(payments=paid, rewards=rewards))

    def refund(self, bought: Recorded, *lines: str, amount: int | None = None, name: str = "") -> Reversed:
        returns = tuple(Return(line=line, amount=amount) for line in lines)
        name = name or f"b{next(self._numbers)}"
        refund = Refund(
            source="till",
            external_id=name,
            sale=bought.external_id,
            at=self.now,
            returns=returns,
            cashier="robin",
        )
        return self.club.record_refund(refund, self.now)

    def void(self, bought: Recorded, name: str = "") -> Reversed:
        name = name or f"v{next(self._numbers)}"
        void = Void(source="till", external_id=name, sale=bought.external_id, at=self.now)
        return self.club.record_void(void, self.now)

    def reserve(self, reward: str = "five-off", who: str = "ann", key: str = "") -> Reserved:
        return self.club.reserve(who, reward, self.now, key=key or f"k{next(self._numbers)}")

    def use(self, reward: str = "five-off", who: str = "ann") -> Redeemed:
        return self.club.redeem(self.reserve(reward, who).hold, self.now)

    def adjust(self, points: int, who: str = "ann", actor: str = "sam", reason: str = "sorry") -> Adjusted:
        key = f"a{next(self._numbers)}"
        asked = Adjustment(key=key, customer=who, points=points, reason=reason, actor=actor)
        return self.club.adjust(asked, self.now)

    def has(self, unit: str = "points", who: str = "ann") -> int:
        """Return what a customer can spend."""
        found = {one.unit: one.available for one in self.club.balance(who, self.now).balances}
        return found.get(unit, 0)

    def sound(self) -> bool:
        """Say whether the books are: chain, postings, and sums of zero."""
        return self.club.verify().fault is None
