"""A shop with every kind of day: late nights, midnight, holidays, a long closure."""

from datetime import date

from shopbell.assistant.settings import Assistant, Hours, HoursException, Settings, Shop, Week

WEEKDAY = ("07:30-12:00", "13:00-17:30")
STAFF = ("08:00-17:00",)


def closed(first: date, last: date, reason: str = "") -> HoursException:
    """Return days on which the shop stays shut."""
    return HoursException(start=first, until=last, reason=reason)


def other_hours(day: date, hours: tuple[str, ...], reason: str = "") -> HoursException:
    """Return a day with hours of its own."""
    return HoursException(start=day, until=day, hours=hours, reason=reason)


SETTINGS = Settings(
    shop=Shop(
        name="Test Shop", timezone="Europe/London", country="GB", subdivision="ENG", phone="01632 960000"
    ),
    assistant=Assistant(name="Wick", refusal="I do not know that."),
    hours=Hours(
        mon=WEEKDAY,
        tue=WEEKDAY,
        wed=WEEKDAY,
        thu=WEEKDAY,
        fri=("07:30-24:00",),
        sat=("08:00-17:30",),
        sun=(),
        public_holidays="09:00-15:00",
        exceptions=(
            other_hours(date(2026, 12, 24), ("07:30-14:00",), "Christmas Eve"),
            closed(date(2026, 12, 25), date(2026, 12, 26), "Christmas"),
            other_hours(date(2026, 12, 31), ("07:30-12:00",)),
            closed(date(2027, 2, 1), date(2027, 3, 15), "Holidays"),
            closed(date(2027, 6, 1), date(2027, 12, 31), "Rebuilding"),
        ),
    ),
    staff=Week(mon=STAFF, tue=STAFF, wed=STAFF, thu=STAFF, fri=STAFF, sat=STAFF, sun=STAFF),
)
