"""What is written, as a person says it: prices, times, dates, numbers, codes, abbreviations. Pure.

The readers stand in an order, the most particular first; each leaves words behind, which no later one
touches.
"""

import re
from collections.abc import Callable

from shopbell.voice.abbreviations import MONTHS, UNITS, WEEKDAYS, expanded, letter
from shopbell.voice.worded import cardinal, decimal, dialled, digits, ordinal, year

_Reader = Callable[[re.Match[str]], str]

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TO = r"\s?(?:-|–|—)\s?"
_MONTH = "|".join(sorted((name for pair in MONTHS.items() for name in pair), key=len, reverse=True))
_DAY = "|".join(sorted((name for pair in WEEKDAYS.items() for name in pair), key=len, reverse=True))
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_CURRENCIES = {
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "$": ("dollar", "dollars", "cent", "cents"),
}
_CODES = {"GBP": "£", "EUR": "€", "USD": "$"}


def _amount(sign: str, numeral: str) -> str:
    one, many, small, smalls = _CURRENCIES[_CODES.get(sign.upper(), sign)]
    whole, _, part = numeral.replace(",", "").partition(".")
    big, little = int(whole or 0), int((part + "00")[:2])
    pounds = f"{cardinal(big)} {one if big == 1 else many}"
    if not little:
        return pounds
    pence = f"{cardinal(little)} {small if little == 1 else smalls}"
    if not big:
        return pence
    full = sign == "$" or little < len("0123456789")
    return f"{pounds} and {pence}" if full else f"{pounds} {cardinal(little)}"


def _money(found: re.Match[str]) -> str:
    sign = found["sign"] or found["code"]
    if not found["b"]:
        return _amount(sign, found["a"])
    low, high = _amount(sign, found["a"]), _amount(sign, found["b"])
    unit = low.rpartition(" ")[2]
    same = unit == high.rpartition(" ")[2] and low.count(" ") == 1
    return f"{low.rpartition(' ')[0] if same else low} to {high}"


_CONFUSED = 15
"""Minutes that are easily taken for fifty."""
_TEENS = range(13, 20)
"""Days that are easily taken for the fourth or the eighth, unless the voice rests a little on them."""


def _clock(hour: str, minute: str | None, half: str | None, *, alone: bool = True) -> str:
    hours, minutes = int(hour) % 24, int(minute or 0)
    if not half and not minutes and hours in {0, 12}:
        return "noon" if hours else "midnight"
    alone = alone and (bool(half) or len(hour) > 1)  # 3:30 may be of either half, 03:30 and 15:30 are not
    half = f"{(half or 'ap'[hours // 12])[0].lower()}.m."
    said = cardinal(hours % 12 or 12)
    if minutes == _CONFUSED:
        said = f"quarter past {said}"
    elif minutes:
        said += f" {'oh ' if minutes < 10 else ''}{cardinal(minutes)}"  # noqa: PLR2004
    return f"{said} {half}" if alone else said


def _time(found: re.Match[str]) -> str:
    return _clock(found["h"], found["m"], found["half"])


def _times(found: re.Match[str]) -> str:
    """Read `9-5pm` and `07:30-17:30`; the first has its half of the day unless only the second had one."""
    parts = found.groupdict()
    bare = bool(parts["half2"]) and not parts["half"]
    first = _clock(parts["h"], parts["m"], parts["half"], alone=not bare)
    return f"{first} to {_clock(parts['h2'], parts['m2'], parts['half2'])}"


def _date(day: str, month: str, number: str | None) -> str:
    rest = "," if int(day) in _TEENS else ""
    return f"the {ordinal(int(day))}{rest} of {month}" + (f" {year(int(number))}" if number else "")


def _named(found: re.Match[str]) -> str:
    month = MONTHS.get(found["month"].lower(), found["month"])
    said = _date(found["a"], month, found["year"])
    if found.groupdict().get("from"):
        return f"the {ordinal(int(found['from']))} to {said}"
    before = found.string[: found.start()].lower().rstrip()
    return said.removeprefix("the ") if before.endswith("the") else said


def _numbered(found: re.Match[str]) -> str:
    month = list(MONTHS.values())[int(found["month"]) - 1]
    number = found["year"]
    if number and len(number) == 2:  # noqa: PLR2004 - 26 is 2026 in a shop
        number = f"20{number}"
    return _date(found["a"], month, number)


def _phone(found: re.Match[str]) -> str:
    groups = re.findall(r"\d+", found[0])
    if len(groups) == 1:
        only = groups[0]
        groups = [only[:5], only[5:8], only[8:]] if len(only) > 8 else [only[:4], only[4:]]  # noqa: PLR2004
    said = ", ".join(dialled(group) for group in groups if group)
    return f"plus {said}" if found[0].startswith("+") else said


def _code(found: re.Match[str]) -> str:
    def said(part: str) -> str:
        return " ".join(digits(sign) if sign.isdigit() else letter(sign) for sign in part)

    return ", ".join(said(part) for part in re.split(r"[-/]", found[0]) if part)


_QUALIFIES = re.compile(
    r"\s(?:bag|box|pack|packet|tin|jar|bottle|cup|pot|slice|cake|class|walk|drive|wait|loaf)"
)
"""What a measure before it describes: a 250 gram bag."""


def _measure(found: re.Match[str]) -> str:
    one, many = UNITS[found["unit"]]
    numerals = [found[key] for key in ("a", "b") if found[key]]
    unit = one if numerals == ["1"] or _QUALIFIES.match(found.string, found.end()) else many
    sign = "minus " if found["minus"] else ""
    return f"{sign}{' to '.join(decimal(numeral) for numeral in numerals)} {unit}"


def _sides(found: re.Match[str]) -> str:
    unit = f" {UNITS[found['unit']][1]}" if found["unit"] else ""
    return f"{decimal(found['a'])} by {decimal(found['b'])}{unit}"


def _span(found: re.Match[str]) -> str:
    return f"{decimal(found['a'])} to {decimal(found['b'])}"


def _days(found: re.Match[str]) -> str:
    first, last = (WEEKDAYS.get(found[key].lower(), found[key]) for key in ("a", "b"))
    return f"{first} to {last}"


_HALF = r"(?:\s?(?P<half>[ap])\.?m\b(?:\.(?!\s+(?-i:[A-Z])|\s*$))?(?!\w))"
_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    (r"\b(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<a>[0-3]\d)\b", _numbered),
    (r"\b24/7\b", lambda _: "twenty-four seven"),
    (r"\b(?P<a>[0-3]?\d)/(?P<month>0?[1-9]|1[0-2])/(?P<year>\d{4}|\d\d)\b", _numbered),
    (r"\b(?P<a>(?:1[3-9]|2\d|3[01]))/(?P<month>0?[1-9]|1[0-2])(?P<year>)\b", _numbered),
    (r"(?<![\w£€$.])(?:\+\d[\d ()-]{7,}\d|\(?0\d[\d ()-]{6,}\d)\b(?!:\d)", _phone),
    (
        rf"(?P<sign>[£€$])\s?(?P<a>{_N})(?:{_TO}[£€$]?(?P<b>{_N}))?(?![\w])(?P<code>)",
        _money,
    ),
    (rf"\b(?P<code>GBP|EUR|USD)\s?(?P<a>{_N})(?P<b>)(?P<sign>)\b", _money),
    (rf"\b(?P<a>{_N})\s?(?P<code>GBP|EUR|USD)(?P<b>)(?P<sign>)\b", _money),
    (r"\b(?P<a>\d+)\s?p(?![\w.])", lambda f: _amount("£", f"0.{int(f['a']):02d}")),
    (
        (
            rf"\b(?P<h>[01]?\d|2[0-4])(?:[:.](?P<m>[0-5]\d))?{_HALF}?{_TO}(?P<h2>[01]?\d|2[0-4])"
            rf"(?:[:.](?P<m2>[0-5]\d))?{_HALF.replace('half', 'half2')}"
        ),
        _times,
    ),
    (
        r"\b(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?P<half>)" + _TO + r"(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)"
        r"(?P<half2>)\b",
        _times,
    ),
    (r"\b(?P<h>1?\d)(?:[:.](?P<m>[0-5]\d))?" + _HALF, _time),
    (r"\b(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)\b(?P<half>)(?::[0-5]\d)?", _time),
    (
        (
            rf"\b(?:(?P<from>\d\d?)(?:st|nd|rd|th)?{_TO})?(?P<a>\d\d?)(?:st|nd|rd|th)?(?:\s+of)?\s+"
            rf"(?P<month>{_MONTH})"
            r"\b(?:\.(?!\s+(?-i:[A-Z])|\s*$))?(?:,?\s+(?P<year>\d{4})\b)?"
        ),
        _named,
    ),
    (
        (
            rf"\b(?P<month>{_MONTH})\.?\s+(?P<a>[0-3]?\d)(?:st|nd|rd|th)?\b(?![:\d.])"
            r"(?:,?\s+(?P<year>\d{4})\b)?"
        ),
        _named,
    ),
    (
        rf"\b(?P<a>{_N})\s?[x×]\s?(?P<b>{_N})(?:\s?(?P<unit>{_UNIT})(?!\w))?",
        _sides,
    ),
    (rf"\b(?P<a>{_DAY})\.?{_TO}(?P<b>{_DAY})\b", _days),
    (
        rf"(?:(?<=\s)|^)(?P<minus>[-−])?(?P<a>{_N})(?:{_TO}(?P<b>{_N}))?\s?(?P<unit>{_UNIT})(?![\w])",
        _measure,
    ),
    (
        (
            r"\b(?=[A-Z\d-]*\d)(?=[A-Z\d-]*[A-Z])[A-Z\d]{2,}(?:-[A-Z\d]+)+\b"
            r"|\b(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{4,}\b"
        ),
        _code,
    ),
    (r"\b\d{3,}(?:-\d{3,})+\b", _code),
    (r"#\s?(?P<a>\d{1,2})\b", lambda f: f"number {cardinal(int(f['a']))}"),
    (r"#\s?(?P<a>\d{3,})\b", lambda f: f"number {digits(f['a'])}"),
    (r"\b(?P<a>\d+)(?:st|nd|rd|th)\b", lambda f: ordinal(int(f["a"]))),
    (
        r"\b(?<=[Ss]ince )(?P<a>1\d{3}|20\d\d)\b|\b(?<=[Ii]n )(?P<b>1[89]\d\d|20\d\d)\b",
        lambda f: year(int(f[0])),
    ),
    (rf"\b(?P<a>{_N}){_TO}(?P<b>{_N})\b", _span),
    (r"(?<!\d[,.])\b0\d{2,}\b|\b\d{7,}\b", lambda f: dialled(f[0])),
    (rf"\b(?:{_N})(?=\D|$)", lambda f: decimal(f[0])),
)
_READERS = tuple(
    (re.compile(pattern, re.IGNORECASE if reader in {_named, _days, _time, _times} else 0), reader)
    for pattern, reader in _PATTERNS
)
_SPACES = re.compile(r"[ \t]+")


def spoken(text: str) -> str:
    """Return the text in words; sentences and their punctuation stay."""
    said = expanded(text)
    for pattern, reader in _READERS:
        said = pattern.sub(reader, said)
    return _SPACES.sub(" ", said.replace(".m..", ".m.")).strip()
