"""Templates: the shop's own words for each occasion, checked before they are used, filled by code alone."""

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.outreach.errors import OutreachRefused
from shopbell.assistant.outreach.lint import Fault, faults
from shopbell.assistant.outreach.occasion import COMMON, FACTS
from shopbell.assistant.outreach.plan import TRIGGERS, Trigger

FILE = "outreach.toml"
"""In the shop's folder; without it our own words are used."""
_SLOT = re.compile(r"\{([a-z_]+)\}")
_SUBJECT, _TEXT = 120, 2_000


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written on one occasion."""

    subject: str
    text: str


class Finding(Struct, frozen=True, kw_only=True):
    """A fault and where it stands."""

    trigger: Trigger
    part: str
    """`subject` or `text`."""
    fault: Fault

    def __str__(self) -> str:
        """Return it in a line."""
        return f"{self.trigger}.{self.part}: “{self.fault.words}” ({self.fault.kind}). {self.fault.advice}"


def read_templates(shop: Path) -> Mapping[Trigger, Words]:
    """Return the words of every occasion, unchecked; raises OutreachRefused when they cannot be read."""
    path, ours = shop / FILE, resources.files(__package__) / "templates.toml"
    found = _decode(ours.read_bytes(), "templates.toml")
    try:
        own = _decode(path.read_bytes(), str(path)) if path.is_file() else {}
    except OSError as fault:
        raise OutreachRefused(f"{path}: cannot be read: {fault.strerror}. Check its rights.") from fault
    return found | own


def load_templates(shop: Path) -> Mapping[Trigger, Words]:
    """Return the words of every occasion; raises OutreachRefused, naming each fault."""
    words = read_templates(shop)
    found = lint(words)
    if found:
        lines = "".join(f"\n  {one}" for one in found)
        raise OutreachRefused(f"{shop / FILE}: these words are not sent to anybody.{lines}")
    return words


def lint(words: Mapping[Trigger, Words]) -> list[Finding]:
    """Return what is wrong with the templates."""
    found = []
    for trigger, one in words.items():
        known = frozenset((*COMMON, *FACTS[trigger]))
        for part, text, most in (("subject", one.subject, _SUBJECT), ("text", one.text, _TEXT)):
            wrong = list(faults(text, known))
            if not 0 < len(text.strip()) <= most:
                wrong.append(Fault("length", text[:20], f"Between 1 and {most} characters."))
            found += [Finding(trigger=trigger, part=part, fault=fault) for fault in wrong]
    return found


def fill(words: Words, facts: Mapping[str, str]) -> Words:
    """Return the words with every slot filled; raises KeyError for a fact that is missing.

    A fact is put in once and not read again: braces in a customer's name stay braces.
    """

    def filled(text: str) -> str:
        return _SLOT.sub(lambda slot: facts[slot[1]], text)

    return Words(subject=" ".join(filled(words.subject).split()), text=_flowing(filled(words.text)))


def _flowing(text: str) -> str:
    """Return paragraphs of one line each: programs that show mail break lines by themselves."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _decode(body: bytes, name: str) -> dict[Trigger, Words]:
    try:
        found = msgspec.toml.decode(body, type=dict[str, Words])
    except msgspec.DecodeError as fault:
        raise OutreachRefused(f"{name}: {fault}. Compare with `shopbell outreach preview`.") from fault
    unknown = [one for one in found if one not in TRIGGERS]
    if unknown:
        raise OutreachRefused(
            f"{name}: there is no occasion {unknown[0]!r}. There are: {', '.join(TRIGGERS)}."
        )
    return {trigger: found[trigger] for trigger in TRIGGERS if trigger in found}
