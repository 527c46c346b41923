"""Abbreviations, units and signs in full, and markup taken off. Pure."""

import re

MONTHS = dict(
    zip(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),
        "January February March April May June July August September October November December".split(),
        strict=True,
    )
)
"""Short name -> name, in the year's order."""

WEEKDAYS = dict(
    zip(
        "mon tue wed thu fri sat sun".split(),
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
        strict=True,
    )
)

UNITS: dict[str, tuple[str, str]] = {
    "%": ("per cent", "per cent"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pounds", "pounds"),
    "oz": ("ounce", "ounces"),
    "ml": ("millilitre", "millilitres"),
    "cl": ("centilitre", "centilitres"),
    "l": ("litre", "litres"),
    "L": ("litre", "litres"),
    "mm": ("millimetre", "millimetres"),
    "cm": ("centimetre", "centimetres"),
    "m": ("metre", "metres"),
    "km": ("kilometre", "kilometres"),
    "°C": ("degree", "degrees"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "V": ("volt", "volts"),
    "GB": ("gigabyte", "gigabytes"),
    "hr": ("hour", "hours"),
    "hrs": ("hours", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minutes", "minutes"),
    "secs": ("seconds", "seconds"),
    "pts": ("points", "points"),
    "pcs": ("pieces", "pieces"),
    "pt": ("point", "points"),
}
"""As written after a number -> one, many."""

_MARKUP: tuple[tuple[str, str], ...] = (
    (r"!?\[([^\]]+)\]\([^)]*\)", r"\1"),
    (r"(?m)^\s{0,3}(?:#{1,6}|>|[-*•+])\s+", ""),
    (r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1", r"\2"),
    (r"https?://(?:www\.)?", ""),
)
_STOP = r"(?:\.(?!\s+[A-Z]|\s*$))?"
"""The full stop of an abbreviation, unless it ends a sentence too."""
_WORDS: tuple[tuple[str, str], ...] = (
    (r"\be\.g\.,?", "for example"),
    (r"\bi\.e\.,?", "that is"),
    (r"\betc\.?(?!\w)", "et cetera"),
    (r"\bapprox\.?(?!\w)", "about"),
    (r"(?<!\w)~\s?(?=\d)", "about "),
    (r"\b(?:T&Cs|T&C)\b", "terms and conditions"),
    (r"\bvs\.?(?!\w)", "versus"),
    (r"\bincl\.(?!\w)", "including"),
    (r"\b(?:No|Nos|no)\.\s?(?=\d)", "number "),
    (r"\btel\.?:?\s?(?=[\d+(])", "telephone "),
    (r"\bext\.?\s?(?=\d)", "extension "),
    (r"\bMr\b\.?", "Mister"),
    (r"\bMrs\b\.?", "Missus"),
    (r"\bDr\b\.?(?=\s+[A-Z])", "Doctor"),
    (rf"(\d+[a-z]? (?:[A-Z]\w+ )+)St\b{_STOP}", r"\1Street"),
    (rf"(?<=[a-z] )St\b(?!\.?\s+[A-Z]){_STOP}", "Street"),
    (r"\bSt\b\.?(?=\s+[A-Z])", "Saint"),
    (rf"(?<=[a-z] )Rd\b{_STOP}", "Road"),
    (rf"(?<=[a-z] )Ave\b{_STOP}", "Avenue"),
    (r"\bp&p\b", "postage and packing"),
    (r"\s?&\s?", " and "),
    (r"(?<=\d)\s?\+(?!\d)", " or more"),
    (r"½", " and a half"),
    (r"(?<!\d)\b1/2\b", "half"),
    (r"(?<!\d)\b1/4\b", "a quarter"),
    (r"(?<!\d)\b3/4\b", "three quarters"),
    (
        r"\b(?i:mon|tue|tues|wed|weds|thu|thurs|fri|sat|sun)\b(?=\.?\s*(?:\d|at\b|to\b|and\b|from\b|only\b))",
        "<day>",
    ),
)
_ADDRESS = re.compile(
    r"(?<![\w@])[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[\w-]+\.)+(?:com|org|net|shop|example|uk|eu|ie|de|fr)\b"
    r"(?:/[\w/-]*)?"
)
_SIGNS = {"@": " at ", ".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "+": " plus "}
_INITIALS = re.compile(r"\b(?:FAQ|VAT|QR|ID|TV|UK|EU|USB|SMS|PDF|GDPR|DIY|WC|PC|AI|BST|GMT)(s?)\b")


def expanded(text: str) -> str:
    """Return the text with abbreviations in full and without markup; numbers stay."""
    for pattern, words in _MARKUP:
        text = re.sub(pattern, words, text)
    text = _ADDRESS.sub(_address, text)
    for pattern, words in _WORDS:
        text = re.sub(pattern, _weekday if words == "<day>" else words, text)
    return _INITIALS.sub(_spelled, text)


def _address(found: re.Match[str]) -> str:
    tail = "." if found[0].endswith(".") else ""
    return "".join(_SIGNS.get(sign, sign) for sign in found[0].rstrip(".")) + tail


def _weekday(found: re.Match[str]) -> str:
    return WEEKDAYS[found[0][:3].lower()]


def _spelled(found: re.Match[str]) -> str:
    word = found[0].removesuffix("s")
    return " ".join(map(letter, word)) + ("s" if found[1] else "")


def letter(sign: str) -> str:
    """Return what a letter is called; a lone "A" would be read as the article."""
    return "eh" if sign.upper() == "A" else sign.upper()
