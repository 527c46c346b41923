"""Policy: whether a message may go to a customer now, when if not now, and why not. Pure.

In this order: the customer's standing, consent, a way to reach them, the occasion's own time, an open
complaint, the cap over all channels, and for e-mail the hours. Every yes names its lawful basis.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from shopbell.assistant.outreach.occasion import NEEDS
from shopbell.assistant.outreach.plan import Outreach, Trigger, Way

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TOMORROW = timedelta(days=1)


class Yes(Struct, frozen=True):
    """A customer's consent to one purpose, the latest word on it."""

    at: datetime
    text_version: str


class Reach(Struct, frozen=True, kw_only=True):
    """What counts about a customer when somebody wants to write to them."""

    stands: bool
    """The record is the person's own: not merged, not erased."""
    agreed: Mapping[str, Yes]
    """By purpose; a purpose that was never agreed to, or taken back, is missing."""
    has_address: bool
    refused_by_server: bool = False
    """Mail to this very address came back for good."""
    reached: Sequence[datetime] = ()
    """When something was sent or shown, by whatever way."""
    complains: bool = False
    """A complaint is open."""


class Ask(Struct, frozen=True, kw_only=True):
    """A message that wants to go."""

    trigger: Trigger
    way: Way
    """`email` or `visit` by now."""
    until: datetime


class Go(Struct, frozen=True):
    """It may go now."""

    basis: str
    """Such as "consent to marketing of 2 March 2026, words 2026-11"."""


class Later(Struct, frozen=True):
    """Not now."""

    until: datetime
    why: str


class Never(Struct, frozen=True):
    """Not at all."""

    why: str


Verdict = Go | Later | Never


def decide(ask: Ask, reach: Reach, rules: Outreach, zone: ZoneInfo, now: datetime) -> Verdict:
    """Say whether the message may go at `now`."""
    refusal = _never(ask, reach, now)
    if refusal:
        return Never(refusal)
    waits = [one for one in (_complaint(ask, reach, now), _cap(reach, rules, now)) if one is not None]
    if ask.way == "email" and (opens := _opens(rules, zone, now)) > now:
        waits.append(Later(opens, "quiet hours"))
    if not waits:
        return Go(basis(ask.trigger, reach.agreed))
    last = max(waits, key=lambda one: one.until)
    return last if last.until <= ask.until else Never(f"its day is over before it may go ({last.why})")


def basis(trigger: Trigger, agreed: Mapping[str, Yes]) -> str:
    """Return the lawful basis in words."""
    said = (
        f"{purpose} of {agreed[purpose].at:%-d %B %Y} (words {agreed[purpose].text_version})"
        for purpose in NEEDS[trigger]
    )
    return f"consent to {' and to '.join(said)}"


def way_of(way: Way, reach: Reach) -> Way:
    """Return by which way it goes: e-mail where there is an address that works."""
    if way != "either":
        return way
    return "email" if reach.has_address and not reach.refused_by_server else "visit"


def _never(ask: Ask, reach: Reach, now: datetime) -> str:
    if not reach.stands:
        return "there is no such customer any more"
    missing = [purpose for purpose in NEEDS[ask.trigger] if purpose not in reach.agreed]
    if missing:
        return f"no consent to {' and '.join(missing)}"
    if ask.way == "email" and not reach.has_address:
        return "no e-mail address is known"
    if ask.way == "email" and reach.refused_by_server:
        return "the mail server refused this address"
    return "its day is over" if now > ask.until else ""


def _complaint(ask: Ask, reach: Reach, now: datetime) -> Later | None:
    if reach.complains and ask.trigger != "service_recovery":
        return Later(now + _TOMORROW, "a complaint is open")
    return None


def _cap(reach: Reach, rules: Outreach, now: datetime) -> Later | None:
    span = timedelta(days=rules.days)
    lately = sorted(at for at in reach.reached if at > now - span)
    free = [now]
    if len(lately) >= rules.at_most:
        free.append(lately[-rules.at_most] + span)
    if lately:
        free.append(lately[-1] + timedelta(days=rules.apart_days))
    return Later(max(free), "enough was written lately") if max(free) > now else None


def _opens(rules: Outreach, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the first moment from `now` on at which e-mail may go out."""
    opening, closing = rules.hours.split("-")
    first, last = time.fromisoformat(opening), _clock(closing)
    local = now.astimezone(zone)
    for ahead in range(9):
        day = (local + timedelta(days=ahead)).date()
        begins = datetime.combine(day, first, zone)
        ends = datetime.combine(day if last else day + _TOMORROW, last or time(), zone)
        if _WEEKDAYS[day.weekday()] in rules.quiet_days or now >= ends:
            continue
        return max(now, begins)
    return now + timedelta(days=9)


def _clock(text: str) -> time | None:
    """Return a time of day; None: midnight at the end of the day."""
    return None if text == "24:00" else time.fromisoformat(text)
