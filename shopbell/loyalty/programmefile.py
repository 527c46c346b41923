"""Read `programme.toml`; whatever is wrong is told with file, key and what to do."""

import codecs
import re
import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from shopbell.loyalty.bounds import check_bounds
from shopbell.loyalty.errors import ProgrammeError, UnboundedRule
from shopbell.loyalty.programmecheck import check_version
from shopbell.loyalty.span import SPAN_FORM
from shopbell.loyalty.terms import Programme, Version

NAME = "programme.toml"
_FORMS = {
    SPAN_FORM: "write a length of time such as '14 days' or '12 months'",
    "^([01]": "write a time of day such as '16:00-18:00'",
    "^[a-z0-9][a-z0-9-]": "write an id of small letters, digits and hyphens, such as 'double-tuesday'",
    "^[a-z0-9-]+$": "write 'add', 'best' or the name of a group in small letters",
}
_WORDS = (
    (re.compile(r"^Expected `(?:int|decimal|float)` >= (\S+)$"), r"must be \1 or more"),
    (re.compile(r"^Expected `(?:int|decimal|float)` <= (\S+)$"), r"must be \1 or less"),
    (re.compile(r"^Expected `(?:int|decimal|float)` > (\S+)$"), r"must be above \1"),
    (re.compile(r"^Invalid decimal string$"), "write a number such as 2 or 1.25"),
    (re.compile(r"^Object missing required field `(.*)`$"), r"key \1 is missing"),
    (re.compile(r"^Object contains unknown field `(.*)`$"), r"there is no key \1 here"),
    (re.compile(r"^Invalid value '(.*)'$"), r"there is no kind of rule called '\1'"),
    (re.compile(r"^Invalid enum value '(.*)'$"), r"'\1' is not one of the words that go here"),
)


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    club: Annotated[str, Meta(min_length=1, max_length=80)]
    version: Annotated[tuple[Version, ...], Meta(min_length=1)]


def load(path: Path, *, currency: str, timezone: str) -> Programme:
    """Read `programme.toml`, or the folder it is in; currency and time zone are those of the shop's settings.

    Raises ProgrammeError with the file, the key and what to do; UnboundedRule when rules give without end.
    """
    path = path / NAME if path.is_dir() else path
    try:
        body = path.read_bytes()
    except FileNotFoundError as error:
        msg = f"{path}: not found. Write one as docs/programme.md shows, or name another file."
        raise ProgrammeError(msg) from error
    except OSError as error:
        raise ProgrammeError(f"{path}: cannot be read: {error.strerror}. Check its rights.") from error
    return parse(body, path, currency=currency, timezone=timezone)


def parse(body: bytes, path: Path, *, currency: str, timezone: str) -> Programme:
    """Decode and check the text of a programme; `path` is for messages. Raises as `load`."""
    body = body.removeprefix(codecs.BOM_UTF8)  # some editors put one in front
    try:
        file = msgspec.toml.decode(body, type=_File)
    except UnicodeDecodeError as error:
        raise ProgrammeError(f"{path}: is not UTF-8 text. Save it as UTF-8.") from error
    except msgspec.DecodeError as error:
        raise ProgrammeError(_explain(path, str(error), body)) from error
    _check_shop(path, timezone)
    for version in file.version:
        where = f"{path}: version from {version.start}"
        problem = next(check_version(version, currency), None)
        if problem:
            raise ProgrammeError(f"{where}: {problem}")
        try:
            check_bounds(version, currency)
        except UnboundedRule as error:
            raise UnboundedRule(f"{where}: {error}") from error
    _check_versions(path, file.version)
    versions = tuple(sorted(file.version, key=lambda version: version.start))
    return Programme(club=file.club, versions=versions, currency=currency, timezone=timezone)


def _check_shop(path: Path, timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ProgrammeError(f"{path}: the shop's time zone {timezone!r} is none; see shop.toml.") from error


def _check_versions(path: Path, versions: tuple[Version, ...]) -> None:
    kinds: dict[str, str] = {}
    starts = [version.start for version in versions]
    for start in starts:
        if starts.count(start) > 1:
            raise ProgrammeError(f"{path}: two versions start on {start}. Give each its own day.")
    for version in versions:
        for rule in version.rule:
            kind = type(rule).__name__.lower()
            if kinds.setdefault(rule.id, kind) != kind:
                raise ProgrammeError(
                    f"{path}: version from {version.start}: rule {rule.id} is of kind {kind} here and "
                    f"{kinds[rule.id]} elsewhere. An id stays the same rule for ever; choose a new one."
                )


def _explain(path: Path, message: str, body: bytes) -> str:
    where = re.search(r" - at `\$\.?(.*?)`$", message)
    key = where.group(1) if where else ""
    what = re.sub(r" - at `.*`$", "", message)
    what = next((words for form, words in _FORMS.items() if form in what.replace("\\\\", "\\")), what)
    for pattern, words in _WORDS:
        what = pattern.sub(words, what)
    name = f"key {key}{_rule_name(key, body)}: " if key else ""
    return f"{path}: {name}{what}. See docs/programme.md for every key."


def _rule_name(key: str, body: bytes) -> str:
    """Return the id of the rule, level or reward that a key is in, as counting tables is no fun."""
    found = re.match(r"version\[(\d+)\]\.(rule|reward)\[(\d+)\]", key)
    if found is None:
        return ""
    table = tomllib.loads(body.decode())["version"][int(found[1])][found[2]][int(found[3])]
    return f" ({found[2]} {table['id']})" if isinstance(table.get("id"), str) else ""
