"""Days as customers name them: "tomorrow", "sunday", "xmas eve", "24 december". Pure: today is passed in."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_FEASTS: dict[str, tuple[int, int]] = {
    r"(christmas|xmas|x-mas) eve": (12, 24),
    r"(christmas|xmas|x-mas)( day)?": (12, 25),
    r"boxing day": (12, 26),
    r"new year'?s eve|nye": (12, 31),
    r"new year'?s?( day)?": (1, 1),
}
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)
_DATE = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})|({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?)\b"
)
_WEEKDAY = re.compile(
    r"\b(next )?(mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:days?|'s)?\b(?! flower)"
)


def mentioned(text: str, today: date) -> tuple[date, ...]:
    """Return the days the text names, each the next one from `today` on, in the order they are named."""
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found: list[tuple[int, date]] = []
    plain = _take(plain, found, _DATE, lambda match: _dated(match, today))
    for pattern, (month, day) in _FEASTS.items():
        feast = _next(month, day, today)
        plain = _take(plain, found, re.compile(rf"\b({pattern})\b"), partial(_always, feast))
    plain = _take(plain, found, re.compile(r"\bday after tomorrow\b"), lambda _: today + timedelta(days=2))
    plain = _take(plain, found, re.compile(r"\b(tomorrow|tmrw|tomoz)\b"), lambda _: today + timedelta(days=1))
    plain = _take(
        plain, found, re.compile(r"\b(today|tonight|now|this (morning|afternoon|evening))\b"), lambda _: today
    )
    _take(plain, found, _WEEKDAY, lambda match: _weekday(match, today))
    return tuple(dict.fromkeys(day for _, day in sorted(found)))


def _take(
    text: str,
    found: list[tuple[int, date]],
    pattern: re.Pattern[str],
    day_of: Callable[[re.Match[str]], date | None],
) -> str:
    """Add what the pattern names to `found` and blank it, so that "christmas eve" is not "christmas" too."""
    for match in pattern.finditer(text):
        day = day_of(match)
        if day is not None:
            found.append((match.start(), day))
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _always(day: date | None, _: re.Match[str]) -> date | None:
    return day


def _dated(match: re.Match[str], today: date) -> date | None:
    number, name = (match[1], match[2]) if match[1] else (match[4], match[3])
    month = next(at for at, full in enumerate(MONTHS, 1) if full.startswith(name[:3]))
    return _next(month, int(number), today)


def _next(month: int, day: int, today: date) -> date | None:
    for year in range(today.year, today.year + 5):  # 29 February comes within four years, but for 2100
        try:
            named = date(year, month, day)
        except ValueError:
            continue
        if named >= today:
            return named
    return None


def _weekday(match: re.Match[str], today: date) -> date:
    wanted = next(at for at, name in enumerate(WEEKDAYS) if name.startswith(match[2][:3]))
    return today + timedelta(days=(wanted - today.weekday()) % 7)
