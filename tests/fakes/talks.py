"""Conversations and sales as figures see them, written by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from shopbell.assistant.insight.counting import Counted, Saying
from shopbell.assistant.insight.talks import Answer, Talk
from shopbell.assistant.staffwire.figures import Measure
from shopbell.loyalty.takings import Member, Taking

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIVE = Saying(few=5, currency="GBP")
"""Speaks from five on, so that examples can be counted on one hand."""
GOOD = Answer("faq", "hours", False, 0.1)
BAD = Answer("person", "", True, 0.2)


def talk(number: int = 1, **changes: Any) -> Talk:
    """Return a conversation of ten days ago that the assistant settled, with some of it otherwise."""
    at = NOW - timedelta(days=10, minutes=number)
    known = Talk(
        id=f"t{number}",
        channel="web",
        at=at,
        last=at + timedelta(minutes=2),
        spoke=True,
        answers=(GOOD,),
    )
    return msgspec.structs.replace(known, **changes)


def sale(customer: str, day: date, amount: int = 500, hour: int = 12) -> Taking:
    """Return a sale."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return Taking(customer, at.isoformat(), day, amount)


def member(name: str, **changes: Any) -> Member:
    """Return a customer."""
    known = Member(id=name, name=name.title(), joined=datetime(2025, 1, 1, tzinfo=UTC))
    return msgspec.structs.replace(known, **changes)


def part(counted: Counted, label: str) -> Measure:
    """Return the part of a figure with this label."""
    return next(one for one in counted.figure.parts if one.label == label)
