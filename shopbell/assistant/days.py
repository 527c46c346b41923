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
_YULE = r"(?:christmas|xmas|x-mas)"
_SEASON = re.compile(
    rf"\b(?:(?:over|during|around|at|for) (?:the )?{_YULE}(?! (?:day|eve))"
    r"(?: (?:time|period|season|holidays?))?"
    rf"|{_YULE} (?:time|period|season|holidays?|break|week)"
    rf"|{_YULE}(?= (?:opening|closing|hours|times)))\b"
)
_SEASON_DAYS = ((-1, 12, 24), (-1, 12, 25), (-1, 12, 26), (-1, 12, 31), (0, 1, 1))
"""Years before the next New Year's Day, month and day of what people mean by "over Christmas"."""
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + "|sept"
_NUMBER = r"(\d{1,2})(?:st|nd|rd|th)?"
_DATE = re.compile(rf"\b(?:{_NUMBER}(?: of)? ({_MONTH})|({_MONTH})(?: the)? {_NUMBER})\b(?:,? (20\d\d)\b)?")
_DAY_OF_MONTH = re.compile(r"\bthe (\d{1,2})(?:st|nd|rd|th)\b")
_WEEKDAY = re.compile(
    r"\b(next )?(mon|tues?|weds?|wednes|thur?|thurs|fri|sat(?:ur)?|sun)(?:days?|'s)?\b(?! flower)"
)


def mentioned(text: str, today: date) -> tuple[date, ...]:
    """Return the days the text names, each the next one from `today` on, in the order they are named."""
    found, _ = _search(text, today)
    return tuple(dict.fromkeys(day for _, day in sorted(found)))


def without_days(text: str, today: date) -> str:
    """Return the text in lower case with the days it names blanked out."""
    _, rest = _search(text, today)
    return rest


def _search(text: str, today: date) -> tuple[list[tuple[int, date]], str]:
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found: list[tuple[int, date]] = []
    plain = _take(plain, found, _DATE, lambda match: _dated(match, today))
    plain = _take(plain, found, _DAY_OF_MONTH, lambda match: _day_of_month(int(match[1]), today))
    plain = _take_season(plain, found, today)
    for pattern, (month, day) in _FEASTS.items():
        feast = _next(month, day, today)
        plain = _take(plain, found, re.compile(rf"\b({pattern})\b"), partial(_always, feast))
    plain = _take(plain, found, re.compile(r"\bday after tomorrow\b"), lambda _: today + timedelta(days=2))
    plain = _take(plain, found, re.compile(r"\b(tomorrow|tmrw|tomoz)\b"), lambda _: today + timedelta(days=1))
    plain = _take(
        plain, found, re.compile(r"\b(today|tonight|now|this (morning|afternoon|evening))\b"), lambda _: today
    )
    return found, _take(plain, found, _WEEKDAY, lambda match: _weekday(match, today))


def _take(
    text: str,
    found: list[tuple[int, date]],
    pattern: re.Pattern[str],
    day_of: Callable[[re.Match[str]], date | None],
) -> str:
    """Add what the pattern names to `found` and blank it, so that "christmas eve" is not "christmas" too."""

    def blank(match: re.Match[str]) -> str:
        day = day_of(match)
        if day is None:
            return match.group()
        found.append((match.start(), day))
        return " " * len(match.group())

    return pattern.sub(blank, text)


def _take_season(text: str, found: list[tuple[int, date]], today: date) -> str:
    """Add the days of "over Christmas" that are still to come, and blank the words."""
    match = _SEASON.search(text)
    if match is None:
        return text
    year = today.year + (today > date(today.year, 1, 1))
    days = (date(year + back, month, day) for back, month, day in _SEASON_DAYS)
    found += [(match.start(), day) for day in days if day >= today]
    return text[: match.start()] + " " * len(match.group()) + text[match.end() :]


def _always(day: date | None, _: re.Match[str]) -> date | None:
    return day


def _dated(match: re.Match[str], today: date) -> date | None:
    number, name = (match[1], match[2]) if match[1] else (match[4], match[3])
    month = next(at for at, full in enumerate(MONTHS, 1) if full.startswith(name[:3]))
    if match[5] is None:
        return _next(month, int(number), today)
    named = _date(int(match[5]), month, int(number))
    return named if named is not None and named >= today else None


def _day_of_month(number: int, today: date) -> date | None:
    months = (divmod(today.month - 1 + ahead, 12) for ahead in range(3))  # no two months in a row are short
    days = (_date(today.year + years, month + 1, number) for years, month in months)
    return next((day for day in days if day is not None and day >= today), None)


def _next(month: int, day: int, today: date) -> date | None:
    years = range(today.year, today.year + 9)  # eight years may lie between two 29 Februaries, as around 2100
    days = (_date(year, month, day) for year in years)
    return next((named for named in days if named is not None and named >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(match: re.Match[str], today: date) -> date:
    wanted = next(at for at, name in enumerate(WEEKDAYS) if name.startswith(match[2][:3]))
    ahead = (wanted - today.weekday()) % 7
    return today + timedelta(days=7 if match[1] and not ahead else ahead)  # today is not "next friday"
