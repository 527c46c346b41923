"""Quantities: each number, price, date, time, share, phone number and length of time, by value.

Two texts state the same thing when their quantities are equal: "thirty days" and "30 days",
"7.30am" and "07:30", "£12" and "12.00", "24th December" and "24/12".
"""

import re
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from shopbell.assistant.numerals import NUMERAL, ORDINALS, plain, worth

Kind = Literal["amount", "money", "percent", "time", "date", "month", "weekday", "length", "ordinal", "phone"]
Value = tuple[Kind, str]
_Reader = Callable[[re.Match[str]], list[Value]]


class Quantity(Struct, frozen=True):
    """One fact that can be compared by value."""

    kind: Kind
    value: str
    """Normal form: `£12`, `30 day`, `12-24` for 24 December, minutes since midnight (`450|1170`: either)."""
    text: str
    """As it stands in the text."""


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "mon tue wed thu fri sat sun".split()
_UNITS: dict[str, tuple[float, str]] = {
    "min": (1, "minute"),
    "minute": (1, "minute"),
    "hr": (60, "minute"),
    "hour": (60, "minute"),
    "working day": (1, "working day"),
    "business day": (1, "working day"),
    "day": (1, "day"),
    "night": (1, "night"),
    "week": (7, "day"),
    "month": (1, "month"),
    "year": (12, "month"),
    "kg": (1000, "g"),
    "kilo": (1000, "g"),
    "g": (1, "g"),
    "gram": (1, "g"),
    "ml": (1, "ml"),
    "l": (1000, "ml"),
    "litre": (1000, "ml"),
    "cm": (1, "cm"),
    "mm": (0.1, "cm"),
    "m": (100, "cm"),
    "metre": (100, "cm"),
    "km": (1, "km"),
    "mile": (1, "mile"),
    "degree": (1, "degree"),
    "°c": (1, "degree"),
}
"""Unit -> how many of the unit it is compared in. 24 hours and a day are not the same promise."""
_CURRENCIES = {"pound": "£", "quid": "£", "gbp": "£", "dollar": "$", "euro": "€", "eur": "€"}

_N = NUMERAL
_TO = r"\s*(?:-|–|—|to|or|and|until|till|through)\s*"
_TO_DAY = r"\s*(?:-|–|to|until|till|through)\s*"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:s|rs?|nes|ur)?(?:day)?s?"
_CURRENCY = "pounds?|quid|dollars?|euros?|gbp|eur|€|£"
_DATE_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_FULL_MONTH = "january|february|march|april|june|july|august|september|october|november|december"
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))


def _money(found: re.Match[str]) -> list[Value]:
    sign = found["sign"] or found["after"].lower().rstrip("s")
    sign = _CURRENCIES.get(sign, sign)
    return [("money", sign + plain(worth(found[key]))) for key in ("a", "b") if found[key]]


def _pence(found: re.Match[str]) -> list[Value]:
    return [("money", "£" + plain(worth(found["a"]) / 100))]


def _percent(found: re.Match[str]) -> list[Value]:
    return [("percent", plain(worth(found[key]))) for key in ("a", "b") if found[key]]


def _length(found: re.Match[str]) -> list[Value]:
    factor, unit = _UNITS[re.sub(r"\s+|-", " ", found["unit"].lower())]
    return [("length", f"{plain(worth(found[key]) * factor)} {unit}") for key in ("a", "b") if found[key]]


def _one_unit(found: re.Match[str]) -> list[Value]:
    factor, unit = _UNITS[found["unit"].lower()]
    factor = factor / 2 if found["half"] else factor
    return [("length", f"{plain(factor)} {unit}")]


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours = int(hour) % 12 + 12 * (half.lower() == "p") if half else int(hour)
    return 60 * hours + int(minute or 0)


def _time(found: re.Match[str]) -> list[Value]:
    return [("time", str(_minutes(found["h"], found["m"], found["half"])))]


def _clocks(found: re.Match[str]) -> list[Value]:
    """Read `9-5pm`: the first time takes the same half of the day if that keeps the order."""
    half = found["half"].lower()
    end = _minutes(found["h2"], found["m2"], half)
    start = _minutes(found["h"], found["m"], half)
    if start >= end:
        start = _minutes(found["h"], found["m"], "a")
    return [("time", str(start)), ("time", str(end))]


def _spoken_time(found: re.Match[str]) -> list[Value]:
    hour = int(worth(found["a"])) * 60
    part = (found["part"] or "").lower()
    minutes = hour + (30 if part.startswith("half") else 15 if part.endswith("past") else -15 if part else 0)
    return [("time", f"{minutes % 1440}|{(minutes + 720) % 1440}")]


def _noon(found: re.Match[str]) -> list[Value]:
    return [("time", "0|1440" if found[0].lower() == "midnight" else "720")]


def _digits(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _date(found: re.Match[str]) -> list[Value]:
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    groups = found.groupdict()
    dates: list[Value] = [
        ("date", f"{month}-{_digits(groups[key])}") for key in ("a", "b") if groups.get(key)
    ]
    return dates + ([("amount", groups["year"])] if groups.get("year") else [])


def _iso(found: re.Match[str]) -> list[Value]:
    return [("date", f"{int(found['month'])}-{int(found['a'])}"), ("amount", found["year"])]


def _slashed(found: re.Match[str]) -> list[Value]:
    return [("date", f"{int(found['month'])}-{int(found['a'])}")]


def _weekdays(found: re.Match[str]) -> list[Value]:
    word = found[0].lower()
    if word.startswith("weekday"):
        return [("weekday", day) for day in _WEEKDAYS[:5]]
    if word.startswith("weekend"):
        return [("weekday", day) for day in _WEEKDAYS[5:]]
    if not found["a"]:
        return [("weekday", day) for day in _WEEKDAYS]
    first, last = (_WEEKDAYS.index(found[key][:3].lower()) for key in ("a", "b"))
    return [("weekday", _WEEKDAYS[(first + step) % 7]) for step in range((last - first) % 7 + 1)]


def _ordinal(found: re.Match[str]) -> list[Value]:
    word = found["a"].lower()
    return [("ordinal", str(ORDINALS.index(word) + 1) if word in ORDINALS else re.sub(r"\D", "", word))]


_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    (r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<a>\d\d)\b", _iso),
    (r"\+\d[\d ()-]{7,}\d|\b0[\d ()-]{7,}\d\b", lambda f: [("phone", re.sub(r"\D", "", f[0])[-9:])]),
    (rf"\b(?:(?P<b>{_DATE_NUMBER}){_TO})?(?P<a>{_DATE_NUMBER})(?:\s+of)?\s+{_MONTH}\b{_YEAR}", _date),
    (rf"\b{_MONTH}\s+(?P<a>{_DATE_NUMBER})\b(?![:\d]){_YEAR}", _date),
    (r"\b(?!24/7)(?P<a>[0-3]?\d)/(?P<month>0?[1-9]|1[0-2])\b(?:/\d{2,4})?", _slashed),
    (rf"(?P<sign>[£$€])\s?(?P<a>{_N})(?:{_TO}[£$€]?(?P<b>\d[\d.,]*\d|\d))?(?P<after>)(?!\w)", _money),
    (
        rf"\b(?P<a>{_N})(?:{_TO}(?P<b>{_N}))?(?P<sign>)\s?(?P<after>{_CURRENCY})(?!\w)",
        _money,
    ),
    (rf"\b(?P<a>{_N})\s?(?:p|pence)\b(?!\.?m)", _pence),
    (rf"\b(?P<a>{_N})(?:{_TO}(?P<b>{_N}))?\s?(?:%|per ?cent\b)", _percent),
    (
        rf"\b(?P<h>1?\d)(?:[:.](?P<m>\d\d))?{_TO}(?P<h2>1?\d)(?:[:.](?P<m2>\d\d))?\s?(?P<half>[ap])\.?m\b",
        _clocks,
    ),
    (r"\b(?P<h>1?\d)(?:[:.](?P<m>\d\d))?\s?(?P<half>[ap])\.?m\b", _time),
    (r"\b(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)\b(?P<half>)", _time),
    (rf"\b(?P<a>{_N})\s?o['’]?clock\b(?P<part>)", _spoken_time),
    (rf"\b(?P<part>half past|quarter past|quarter to) (?P<a>{_N})\b", _spoken_time),
    (r"\b(?:noon|midday|midnight)\b", _noon),
    (
        rf"\b(?P<a>\d+(?:st|nd|rd|th)|(?:{'|'.join(ORDINALS)})(?=\s+(?:{_DAY}|day|week|month|floor|of)\b))",
        _ordinal,
    ),
    (r"\b(?:seven days a week|7 days a week|every ?day|daily|weekdays?|weekends?)\b(?P<a>)", _weekdays),
    (rf"\b(?P<a>{_DAY}){_TO_DAY}(?P<b>{_DAY})\b", _weekdays),
    (rf"\b(?P<a>{_N})(?:{_TO}(?P<b>{_N}))?[\s-]?(?P<unit>{_UNIT})s?\b", _length),
    (r"\b(?P<half>half )?(?:an?|per|each|every) (?P<unit>minute|hour|day|week|month|year)\b", _one_unit),
    (r"\bfortnight\b", lambda _: [("length", "14 day")]),
    (
        r"\b(?P<a>mon|tues?|wednes|thurs|fri|satur|sun)days?\b|\b(?P<b>(?-i:Mon|Tue|Wed|Thu|Fri|Sat|Sun))\b",
        lambda f: [("weekday", f[0][:3].lower())],
    ),
    (rf"\b(?:{_FULL_MONTH}|(?<=in )may)\b", lambda f: [("month", f[0][:3].lower())]),
    (rf"\b(?P<a>{_N})\b", lambda f: [("amount", plain(worth(f["a"])))]),
)
_READERS = tuple((re.compile(pattern, re.IGNORECASE), reader) for pattern, reader in _PATTERNS)


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return every quantity stated in `text`; a bare "one" is a pronoun and no quantity."""
    found: list[Quantity] = []
    rest = text
    for pattern, reader in _READERS:
        for match in pattern.finditer(rest):
            if match[0].lower() != "one":
                found += [Quantity(kind, value, match[0].strip()) for kind, value in reader(match)]
        rest = pattern.sub(lambda match: " ¦ " * bool(match[0]), rest)
    return tuple(found)


def is_stated(quantity: Quantity, source: Iterable[Quantity]) -> bool:
    """Say whether `source` states `quantity`.

    Kind and value must be the same; but a bare number may repeat the figure of a measure, a price may be
    written without its sign (`12.00`), and a month may be part of a date.
    """
    return any(_follows(quantity, other) for other in source)


def _follows(said: Quantity, stated: Quantity) -> bool:
    if said.kind == stated.kind:
        return bool(set(said.value.split("|")) & set(stated.value.split("|")))
    match said.kind, stated.kind:
        case "amount", "money" | "percent" | "length" | "ordinal":
            return _figure(said) == _figure(stated)
        case "money", "amount":
            return _figure(said) == _figure(stated) and re.fullmatch(r".*\.\d\d", stated.text) is not None
        case "month", "date":
            return stated.value.startswith(f"{_MONTHS.index(said.value) + 1}-")
        case _:
            return False


def _figure(quantity: Quantity) -> float | None:
    found = re.search(_N, quantity.text, re.IGNORECASE)
    return worth(found[0]) if found else None
