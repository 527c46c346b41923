"""What tills send of sales. Money is whole minor units of the shop's currency (cents)."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import fields

from shopbell.loyalty.house import Payment, Tender
from shopbell.loyalty.sale import Line, Refund, Return, Sale, Void

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
TELLING = r"^[!-.0-~]+$"
"""Visible ASCII without the slash, which parts addresses."""
_QUANTITY = r"^[0-9]{1,6}(\.[0-9]{1,3})?$"
MOST_MONEY = 10**11

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=TELLING)]
Receipt = Annotated[str, Meta(min_length=1, max_length=120, pattern=TELLING, examples=["2026-11-21-0042"])]
"""A number, unique for ever at its till."""
Words = Annotated[str, Meta(max_length=200, pattern=TEXT)]
Short = Annotated[str, Meta(max_length=80, pattern=TEXT)]
Someone = Annotated[str, Meta(min_length=1, max_length=64, pattern=TEXT, examples=["c0042"])]
Unit = Annotated[str, Meta(min_length=1, max_length=80, pattern=TELLING, examples=["points"])]
Key = Annotated[str, Meta(min_length=1, max_length=120, pattern=TELLING, examples=["till-1-88213"])]
Ident = Annotated[str, Meta(max_length=64, pattern=TEXT, examples=["c0042"])]
Time = Annotated[
    datetime,
    Meta(tz=True, description="With its zone.", examples=["2026-11-21T12:04:31+00:00"]),
]
Quantity = (
    Annotated[int, Meta(ge=1, le=999_999)]
    | Annotated[str, Meta(pattern=_QUANTITY, description='Of goods sold by weight, such as "0.350".')]
)
Money = Annotated[int, Meta(ge=0, le=MOST_MONEY, description="Minor units.", examples=[360])]
Points = Annotated[int, Meta(ge=1, le=MOST_MONEY, examples=[100])]


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent; no text in it holds a control character."""

    def __post_init__(self) -> None:
        """Raise ValueError for a control character, which a pattern lets through at the very end."""
        for text in _texts(self):
            if _CONTROL.search(text):
                raise ValueError("A text holds a line break or control character")


class LineForm(Form, frozen=True, kw_only=True):
    """One line of a receipt."""

    id: Annotated[str, Meta(min_length=1, max_length=40, pattern=TELLING, examples=["1"])]
    """Unique on the receipt."""
    sku: Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT, examples=["DRK-FLAT"])]
    name: Annotated[str, Meta(max_length=200, pattern=TEXT, examples=["Flat white"])] = ""
    quantity: Quantity = 1
    amount: Money
    """Paid for the whole line, tax in and discounts off."""
    categories: Annotated[tuple[Short, ...], Meta(max_length=8, examples=[["Drinks"]])] = ()


class PaymentForm(Form, frozen=True, kw_only=True):
    """What is paid from the customer's account."""

    unit: Unit
    """`money`, `points` or `passes:<rule>`."""
    points: Points
    """How many of the unit; of `money`, minor units."""


class PurchaseForm(Form, frozen=True, kw_only=True):
    """A sale; sent again with the same `id` it counts once."""

    id: Receipt
    """The receipt's number, unique for ever at this till."""
    at: Time
    """When it was paid."""
    customer: Ident = ""
    """Empty: nobody was known; nothing is earned."""
    lines: Annotated[tuple[LineForm, ...], Meta(min_length=1, max_length=500)]
    cashier: Annotated[str, Meta(max_length=80, pattern=TEXT, examples=["robin"])] = ""
    payments: Annotated[tuple[PaymentForm, ...], Meta(max_length=8)] = ()
    """What of it was paid from the customer's account."""
    rewards: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    """Reserved rewards that are handed out with it, by hold or code."""

    def sale(self, till: str) -> Sale:
        """Return the sale."""
        lines = tuple(
            Line(
                id=each.id,
                sku=each.sku,
                name=each.name,
                quantity=Decimal(each.quantity),
                amount=each.amount,
                categories=each.categories,
            )
            for each in self.lines
        )
        return Sale(
            source=till,
            external_id=self.id,
            at=self.at,
            customer=self.customer,
            lines=lines,
            cashier=self.cashier,
        )

    def tender(self) -> Tender:
        """Return what it was paid with besides money."""
        payments = tuple(Payment(unit=each.unit, points=each.points) for each in self.payments)
        return Tender(payments=payments, rewards=self.rewards)


class ReturnForm(Form, frozen=True, kw_only=True):
    """How much of one receipt line came back."""

    line: Annotated[str, Meta(min_length=1, max_length=40, pattern=TELLING, examples=["1"])]
    quantity: Quantity | None = None
    """Missing: all that had not come back before."""
    amount: Money | None = None
    """Given back; missing: in proportion."""


class RefundForm(Form, frozen=True, kw_only=True):
    """Goods brought back; sent again with the same `id` it counts once."""

    id: Receipt
    at: Time
    returns: Annotated[tuple[ReturnForm, ...], Meta(max_length=500)] = ()
    """Empty: everything that had not come back before."""
    cashier: Short = ""

    def refund(self, source: str, sale: str) -> Refund:
        """Return the refund of a sale."""
        returns = tuple(
            Return(
                line=each.line,
                quantity=None if each.quantity is None else Decimal(each.quantity),
                amount=each.amount,
            )
            for each in self.returns
        )
        return Refund(
            source=source,
            external_id=self.id,
            sale=sale,
            at=self.at,
            returns=returns,
            cashier=self.cashier,
        )


class VoidForm(Form, frozen=True, kw_only=True):
    """A sale that should not have been rung up; sent again with the same `id` it counts once."""

    id: Receipt
    at: Time
    cashier: Short = ""
    reason: Words = ""

    def void(self, source: str, sale: str) -> Void:
        """Return what undoes the sale."""
        return Void(
            source=source,
            external_id=self.id,
            sale=sale,
            at=self.at,
            cashier=self.cashier,
            reason=self.reason,
        )


def _texts(form: Struct) -> Iterator[str]:
    for field in fields(form):
        value = getattr(form, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, str):
                yield each
