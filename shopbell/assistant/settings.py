"""The shop's own settings, decoded from `shop.toml`; passed in, never read at import."""

import codecs
import re
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import msgspec
from msgspec import Meta, Struct, field

from shopbell.assistant.console import Console
from shopbell.assistant.errors import SettingsError
from shopbell.assistant.insight.assumptions import FiguresSettings
from shopbell.assistant.kiosk import Kiosk
from shopbell.assistant.outreach.plan import Mail, Outreach
from shopbell.assistant.privacy.keeping import Retention
from shopbell.assistant.telephone import Telephone

_SPAN = r"^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$"
_CURRENCY = "^[A-Z]{3}$"
_COLOUR = "^#[0-9a-fA-F]{6}$"
_FORMS = {
    _SPAN: "write opening and closing time as in '07:30-17:30'",
    _CURRENCY: "write three capital letters such as 'EUR'",
    _COLOUR: "write a colour such as '#1f5f8b'",
}
"""What to say where a text is not of the form wanted."""
Span = Annotated[str, Meta(pattern=_SPAN)]
"""Opening and closing time on one day, such as `07:30-17:30`."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Week(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spans of time on each weekday; an empty list means closed."""

    mon: tuple[Span, ...] = ()
    """Monday."""
    tue: tuple[Span, ...] = ()
    """Tuesday."""
    wed: tuple[Span, ...] = ()
    """Wednesday."""
    thu: tuple[Span, ...] = ()
    """Thursday."""
    fri: tuple[Span, ...] = ()
    """Friday."""
    sat: tuple[Span, ...] = ()
    """Saturday."""
    sun: tuple[Span, ...] = ()
    """Sunday."""

    def on(self, day: date) -> tuple[str, ...]:
        """Return the spans of the weekday of `day`."""
        spans: tuple[str, ...] = getattr(self, WEEKDAYS[day.weekday()])
        return spans


class HoursException(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which the shop keeps other hours."""

    start: date = field(name="from")
    """First day."""
    until: date
    """Last day."""
    hours: tuple[Span, ...] = ()
    """Such as `["07:30-14:00"]`; empty means closed."""
    reason: str = ""
    """Told to customers, such as "Christmas Eve"."""


class Hours(Week, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the shop is open."""

    public_holidays: str = "open"
    """`open`, `closed`, or a span."""
    exceptions: tuple[HoursException, ...] = ()


class Shop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the shop is."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    """As customers know it."""
    tagline: str = ""
    """One line under the name."""
    language: str = "en"
    """Language of the texts; the fixed lines are in English so far."""
    timezone: str = "UTC"
    """Such as `Europe/London`."""
    country: str = ""
    """ISO code, for public holidays; empty for none."""
    subdivision: str = ""
    """Part of the country with holidays of its own, such as `ENG`."""
    currency: Annotated[str, Meta(pattern=_CURRENCY)] = "EUR"
    """Three letters, such as `GBP`."""
    address: str = ""
    """Shown on the chat page."""
    phone: str = ""
    """Given to customers when nobody is in."""
    email: str = ""
    """Given to customers when nobody is in."""


class Assistant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the assistant speaks."""

    name: Annotated[str, Meta(min_length=1, max_length=40)] = "Bell"
    tone: str = "warm, brief, plain words"
    """How it speaks."""
    greeting: str = "How can I help?"
    """Said after the notice that this is an AI."""
    refusal: Annotated[str, Meta(min_length=1)] = "I do not know that. Shall I get someone?"
    """Said when nothing the shop wrote answers the question."""
    suggestions: tuple[str, ...] = ()
    """Questions offered at the start; empty: the first of each topic."""
    make_good: tuple[str, ...] = ()
    """What is offered after a complaint, such as "a fresh drink"."""


class Web(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The chat page and the widget."""

    accent: Annotated[str, Meta(pattern=_COLOUR)] = "#1f5f8b"
    """The shop's colour; text on it is kept readable."""
    origins: tuple[str, ...] = ()
    """Other sites that may embed the widget, such as `https://www.example.com`."""
    hosts: tuple[str, ...] = ()
    """Public names of this server behind a proxy, such as `chat.example.com`."""


class Engine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model answers, and how long a customer may wait for it."""

    model: str = "qwen2.5-1.5b"
    """Name of the language model, see `shopbell models list`."""
    deadline_s: Annotated[float, Meta(gt=0, le=120)] = 15.0
    """Seconds until the first word; past it the FAQ's best words or a person answer."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of `shop.toml`."""

    shop: Shop
    assistant: Assistant = Assistant()
    hours: Hours = Hours()
    staff: Week = Week()
    """When a person can be reached."""
    web: Web = Web()
    engine: Engine = Engine()
    console: Console = Console()
    kiosk: Kiosk = Kiosk()
    figures: FiguresSettings = FiguresSettings()
    mail: Mail = Mail()
    outreach: Outreach = Outreach()
    phone: Telephone = Telephone()
    retention: Retention = Retention()

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop.timezone)


def load(folder: Path) -> Settings:
    """Read `shop.toml` of a shop's folder.

    Raises SettingsError with the file, the key and what to do.
    """
    path = folder / "shop.toml"
    if not path.is_file():
        msg = f"{path}: not found. Make a shop with `shopbell init FOLDER`, or name another folder."
        raise SettingsError(msg)
    try:
        body = path.read_bytes().removeprefix(codecs.BOM_UTF8)  # some editors put one in front
        settings = msgspec.toml.decode(body, type=Settings)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}. Check its rights.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from error
    except msgspec.DecodeError as error:
        raise SettingsError(_explain(path, str(error))) from error
    _check(path, settings)
    return settings


def _explain(path: Path, message: str) -> str:
    where = re.search(r" - at `\$\.?(.*?)`$", message)
    key = where.group(1).replace("[...]", "[]") if where and where.group(1) else ""
    what = re.sub(r" - at `.*`$", "", message)
    what = next((words for form, words in _FORMS.items() if repr(form) in what), what)
    return f"{path}: {f'key {key}: ' if key else ''}{what}. See docs/owner.md for every key."


def _check(path: Path, settings: Settings) -> None:
    try:
        ZoneInfo(settings.shop.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        zone = settings.shop.timezone
        msg = f"{path}: key shop.timezone: {zone!r} is no time zone; write one such as 'Europe/London'."
        raise SettingsError(msg) from error
    _check_country(path, settings.shop)
    for week, name in ((settings.hours, "hours"), (settings.staff, "staff")):
        for day in WEEKDAYS:
            _check_spans(path, f"{name}.{day}", getattr(week, day))
    for number, exception in enumerate(settings.hours.exceptions):
        key = f"hours.exceptions[{number}]"
        _check_spans(path, key, exception.hours)
        if exception.until < exception.start:
            raise SettingsError(
                f"{path}: key {key}: it ends on {exception.until}, before it starts on {exception.start}."
            )
    if settings.hours.public_holidays not in {"open", "closed"}:
        _check_holiday_span(path, settings.hours.public_holidays)


def _check_country(path: Path, shop: Shop) -> None:
    try:
        if shop.country:
            holidays.country_holidays(shop.country, subdiv=shop.subdivision or None)
    except NotImplementedError as error:
        raise SettingsError(
            f"{path}: key shop.country or shop.subdivision: no public holidays are known for "
            f"{shop.country!r} {shop.subdivision!r}; write codes such as 'GB' and 'ENG', or leave both out."
        ) from error


def _check_spans(path: Path, key: str, spans: tuple[str, ...]) -> None:
    last = ""
    for span in spans:
        start, end = span.split("-")
        if start >= end or end > "24:00":
            raise SettingsError(f"{path}: key {key}: {span!r} ends before it starts, or after midnight.")
        if start < last:
            raise SettingsError(f"{path}: key {key}: {span!r} starts before the span in front of it ends.")
        last = end


def _check_holiday_span(path: Path, span: str) -> None:
    try:
        msgspec.convert(span, Span)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{path}: key hours.public_holidays: write 'open', 'closed' or a span such as '09:00-16:00'."
        ) from error
    _check_spans(path, "hours.public_holidays", (span,))
