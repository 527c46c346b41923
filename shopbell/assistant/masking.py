"""Masking: enough of a phone number or address to recognise it, not enough to use it. Pure."""

from datetime import date

_SHOWN = 3
"""Digits at the end of a phone number."""


def masked_phone(phone: str) -> str:
    """Return `***123`; empty where there is none."""
    return f"***{phone[-_SHOWN:]}" if phone else ""


def masked_email(email: str) -> str:
    """Return `m***@...`; empty where there is none."""
    return f"{email[:1]}***@..." if email else ""


def masked_birthday(birthday: date | None) -> str:
    """Return day and month; the year is nobody's business at the counter."""
    return f"{birthday:%-d %B}" if birthday else ""


def days_until(birthday: date, today: date) -> int:
    """Return the days to the next birthday, 0 on the day; 29 February is kept on 1 March in other years."""
    for year in (today.year, today.year + 1):
        try:
            on = birthday.replace(year=year)
        except ValueError:
            on = date(year, 3, 1)
        if on >= today:
            return (on - today).days
    raise AssertionError  # next year's is always ahead
