"""Attributes: the italic lines under a question, `*Also asked: a; b*` and `*Valid until: 2027-01-02*`."""

import difflib
import re
from datetime import date

import msgspec
from msgspec import Struct

from shopbell.knowledge.entry import day, wordings

_LINE = re.compile(r"\s*([*_])([A-Za-z][A-Za-z ]{2,20}):\s*(.*?)\s*\1\s*")
_NAMES = ("also asked", "valid from", "valid until")
_SIMILAR = 0.75
"""Above this a name is taken for a slip: "valid till" against "valid until" has 0.86."""


class Attributes(Struct, frozen=True):
    """What the lines say."""

    also_asked: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


def take_attributes(lines: list[str], first: int) -> tuple[Attributes | None, int]:
    """Read the attribute lines that `lines` starts with; return them and how many lines they are.

    `first` is the line number of `lines[0]`. None when there are none. Raises ValueError, in the owner's
    words, for a date that is none and for a name that is nearly right: to guess could keep an old fact alive.
    """
    found: Attributes | None = None
    taken = 0
    for taken, line in enumerate([*lines, ""]):
        match = _LINE.fullmatch(line)
        name = match[2].strip().lower() if match else ""
        if match is None or not _is_meant(name, first + taken):
            break
        found = _with(found or Attributes(), name, match[3])
    if found and found.valid_from and found.valid_until and found.valid_from > found.valid_until:
        raise ValueError("it ends before it starts. Swap the dates of valid from and valid until.")
    return found, taken


def _is_meant(name: str, line: int) -> bool:
    if name in _NAMES:
        return True
    near = difflib.get_close_matches(name, _NAMES, n=1, cutoff=_SIMILAR)
    if near:
        raise ValueError(f'"{name}" in line {line} is not known. Write "{near[0].capitalize()}:".')
    return False


def _with(attributes: Attributes, name: str, value: str) -> Attributes:
    if name == "also asked":
        return msgspec.structs.replace(attributes, also_asked=attributes.also_asked + wordings(value))
    return msgspec.structs.replace(attributes, **{name.replace(" ", "_"): day(value)})
