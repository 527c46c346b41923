"""What tills and the back room send, besides sales."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from shopbell.assistant.web.loyalty.forms import (
    MOST_MONEY,
    TEXT,
    Form,
    Key,
    Name,
    Points,
    Someone,
    Unit,
)


class ClaimForm(Form, frozen=True, kw_only=True):
    """Whose a receipt is on which nobody was named."""

    customer: Someone


class CustomerForm(Form, frozen=True, kw_only=True):
    """A new customer."""

    id: Annotated[str, Meta(max_length=64, pattern=r"^[!-.0-~]*$", examples=["c0042"])] = ""
    """Empty: the shop chooses one."""
    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=TEXT, examples=["Niamh Fennmere"])]
    phone: Annotated[str, Meta(max_length=40, pattern=TEXT, examples=["07700 900123"])] = ""
    email: Annotated[str, Meta(max_length=254, pattern=TEXT, examples=["niamh@example.com"])] = ""
    birthday: date | None = None
    brought_by: Annotated[str, Meta(max_length=64, pattern=TEXT)] = ""
    """Whoever sent them: id, phone number, e-mail address or referral code."""


class ReserveForm(Form, frozen=True, kw_only=True):
    """A reward to set aside; sent again with the same key it is set aside once."""

    key: Key


class RedeemForm(Form, frozen=True, kw_only=True):
    """A reward to hand out."""

    code: Annotated[str, Meta(min_length=1, max_length=80, pattern=TEXT, examples=["7K4QW-2M9XA"])]
    """As read aloud or scanned; or the hold."""


class PayForm(Form, frozen=True, kw_only=True):
    """Something to use up without a sale; sent again with the same key it is used once."""

    key: Key
    unit: Unit
    points: Points


class AdjustmentForm(Form, frozen=True, kw_only=True):
    """A correction by hand; sent again with the same key it counts once."""

    key: Key
    customer: Someone
    unit: Unit = "points"
    points: Annotated[int, Meta(ge=-MOST_MONEY, le=MOST_MONEY, examples=[25])]
    """Above zero: given; below: taken."""
    reason: Annotated[
        str, Meta(min_length=3, max_length=300, pattern=TEXT, examples=["Waited 20 minutes for a cake order"])
    ]


class MergeForm(Form, frozen=True, kw_only=True):
    """Two records of one person."""

    source: Someone
    """Goes."""
    target: Someone
    """Remains."""


class HookForm(Form, frozen=True, kw_only=True):
    """Somebody to be told. Addresses outside the shop's own network are for the command line alone."""

    url: Annotated[
        str,
        Meta(min_length=8, max_length=500, pattern=r"^[!-~]+$", examples=["http://192.168.1.20:8080/bell"]),
    ]
    events: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=30, examples=[["purchase.recorded"]])]
    """Or `["*"]` for all."""
