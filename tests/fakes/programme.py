"""Programmes, sales and customers in one line each, for tests of the rules."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from shopbell.loyalty.programmefile import parse
from shopbell.loyalty.sale import Line, Sale
from shopbell.loyalty.standing import Standing
from shopbell.loyalty.terms import Terms

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""A Tuesday."""
JOINED = datetime(2020, 1, 1, tzinfo=UTC)
GIFTS = """
[version.gift_cards]
categories = ["Gift cards"]
[version.excluded]
categories = ["Delivery"]
"""


def terms(body: str, *, currency: str = "EUR", timezone: str = "Europe/London") -> Terms:
    """Return the terms of a programme whose one version is written as `body`."""
    text = f'club = "Club"\n[[version]]\nfrom = 2019-01-01\n{GIFTS}{body}'
    programme = parse(text.encode(), Path("programme.toml"), currency=currency, timezone=timezone)
    found = programme.terms_at(NOON)
    assert found is not None
    return found


def line(number: int, amount: int, category: str = "Drinks", quantity: str = "1", sku: str = "") -> Line:
    """Return a receipt line."""
    return Line(
        id=str(number),
        sku=sku or f"sku-{number}",
        name=category.lower(),
        quantity=Decimal(quantity),
        amount=amount,
        categories=(category,),
    )


def sale(*lines: Line | int, at: datetime = NOON, name: str = "1", customer: str = "ann") -> Sale:
    """Return a sale; a plain number is a line of drinks for so many minor units."""
    whole = tuple(line(n, one) if isinstance(one, int) else one for n, one in enumerate(lines, 1))
    return Sale(source="till", external_id=name, at=at, customer=customer, lines=whole)


def member(**changes: object) -> Standing:
    """Return a customer who joined long ago."""
    fields = {"customer": "ann", "member_since": JOINED, **changes}
    return Standing(**fields)  # type: ignore[arg-type]  # a test may set any field
