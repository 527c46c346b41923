"""Opening hours as code knows them: weekdays, exceptions, public holidays. Pure: the clock is passed in."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import holidays
from msgspec import Struct

from shopbell.assistant.settings import Settings, Week

HORIZON = 60
"""Days looked ahead for the next opening."""


Spans = tuple[tuple[time, time], ...]
"""Opening and closing times; empty means closed. A closing time of 00:00 means midnight."""


class Day(Struct, frozen=True, kw_only=True):
    """The hours of one date."""

    date: date
    spans: Spans
    reason: str = ""
    """Why the hours differ from the weekday's, such as "Christmas Eve"."""


def spoken_time(value: time) -> str:
    """Return a time of day as written in messages, such as `07:30`."""
    return value.strftime("%H:%M")


def spoken_spans(spans: Spans) -> str:
    """Return the spans in words, such as "from 07:30 to 17:30"; empty when closed."""
    return " and ".join(f"from {spoken_time(start)} to {spoken_time(end)}" for start, end in spans)


class OpeningHours:
    """When the shop is open and when a person can be reached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._holidays = _holiday_names(settings)

    def holiday(self, day: date) -> str:
        """Return the public holiday's name, or an empty text."""
        return self._holidays(day)

    def on(self, day: date) -> Day:
        """Return the shop's hours on a date: an exception first, then a public holiday, then the weekday."""
        hours = self._settings.hours
        for exception in hours.exceptions:
            if exception.start <= day <= exception.until:
                return Day(date=day, spans=_parse(exception.hours), reason=exception.reason)
        holiday = self.holiday(day)
        if holiday and hours.public_holidays != "open":
            spans = () if hours.public_holidays == "closed" else (hours.public_holidays,)
            return Day(date=day, spans=_parse(spans), reason=holiday)
        return Day(date=day, spans=_parse(hours.on(day)), reason=holiday)

    def usual(self, weekday: int) -> Spans:
        """Return the spans of an ordinary weekday, Monday is 0."""
        monday = date(2024, 1, 1)
        return _parse(self._settings.hours.on(monday + timedelta(days=weekday)))

    def staffed(self, day: date) -> Day:
        """Return when a person can be reached on a date; with other hours than usual, only within those."""
        week: Week = self._settings.staff
        spans, shop = _parse(week.on(day)), self.on(day).spans
        ordinary = shop and shop == self.usual(day.weekday())
        return Day(date=day, spans=spans if ordinary else _within(spans, shop))

    def open_at(self, moment: datetime) -> tuple[time, time] | None:
        """Return the span that `moment` (in the shop's zone) falls into, or None."""
        return _span_at(self.on(moment.date()), moment)

    def staffed_at(self, moment: datetime) -> tuple[time, time] | None:
        """Return the span in which a person is there at `moment`, or None."""
        return _span_at(self.staffed(moment.date()), moment)

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return when the shop opens next after `moment`, or None within the horizon."""
        return _next(self.on, moment)

    def next_staffed(self, moment: datetime) -> datetime | None:
        """Return when a person is there next after `moment`, or None within the horizon."""
        return _next(self.staffed, moment)


def spoken_moment(moment: datetime, now: datetime) -> str:
    """Return a coming moment in words, such as "today at 14:00" or "Monday 23 November at 08:00"."""
    days = (moment.date() - now.date()).days
    near = {0: "today", 1: "tomorrow"}
    day = near.get(days) or f"{moment:%A} {moment.day} {moment:%B}"
    return f"{day} at {spoken_time(moment.timetz())}"


def _parse(spans: tuple[str, ...]) -> Spans:
    return tuple((_time(start), _time(end)) for start, end in (span.split("-") for span in spans))


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


def _within(spans: Spans, limits: Spans) -> Spans:
    """Return the parts of the spans that lie inside the limits."""
    both = (
        (max(start, opens), min(end, closes, key=_closing))
        for start, end in spans
        for opens, closes in limits
    )
    return tuple((start, end) for start, end in both if start < _closing(end))


def _closing(end: time) -> time:
    return time.max if end == time() else end  # midnight ends a day


def _span_at(day: Day, moment: datetime) -> tuple[time, time] | None:
    clock = moment.time()
    for start, end in day.spans:
        if start <= clock and (clock < end or end == time()):
            return start, end
    return None


def _next(spans_on: Callable[[date], Day], moment: datetime) -> datetime | None:
    for ahead in range(HORIZON):
        day = spans_on(moment.date() + timedelta(days=ahead))
        for start, _ in day.spans:
            opening = datetime.combine(day.date, start, tzinfo=moment.tzinfo)
            if opening > moment:
                return opening
    return None


def _holiday_names(settings: Settings) -> Callable[[date], str]:
    if not settings.shop.country:
        return lambda _: ""
    calendar = holidays.country_holidays(settings.shop.country, subdiv=settings.shop.subdivision or None)
    return lambda day: str(calendar.get(day) or "")
