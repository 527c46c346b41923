"""Why: one sentence, with dates, about how somebody comes."""

from datetime import date, timedelta

from msgspec import Struct

_REGULAR = 3
"""Visits from which there is a time between them to speak of."""


class Coming(Struct, frozen=True, kw_only=True):
    """What the sentence is made of."""

    visits: int
    first: date
    last: date
    today: date
    gap: float | None
    """Usual days between visits."""
    longest: int
    """The most days there ever were between two visits."""
    at_risk: bool
    gone: bool


def why(coming: Coming) -> str:
    """Return why a customer is at risk, or how they come when they are not."""
    away = (coming.today - coming.last).days
    if coming.gap is None or coming.visits < _REGULAR:
        times = "once" if coming.visits == 1 else f"{coming.visits} times"
        return f"Came {times}, last on {told(coming.last)}: too seldom to know a habit."
    habit = f"every {usual(coming.gap)}"
    if coming.gone:
        return f"Came {habit} from {told(coming.first)} to {told(coming.last)}, and never since: {away} days."
    due = told(coming.last + timedelta(days=max(1, round(coming.gap))))
    if not coming.at_risk:
        return f"Comes about {habit}; the last visit was on {told(coming.last)}, the next is due about {due}."
    known = f", though {coming.longest} days passed between two visits once" if coming.longest >= away else ""
    return (
        f"Came about {habit}, {coming.visits} times since {told(coming.first)}; was due about {due}, and has "
        f"been away for {away} days, since {told(coming.last)}{known}."
    )


def told(day: date) -> str:
    """Return a day as people say it."""
    return f"{day.day} {day:%B %Y}"


def usual(days: float) -> str:
    """Return a length of time as people say it: `day`, `7 days`, `5 weeks`."""
    whole = max(1, round(days))
    if whole == 1:
        return "day"
    return f"{whole} days" if whole <= 21 else f"{round(whole / 7)} weeks"  # noqa: PLR2004 - three weeks
