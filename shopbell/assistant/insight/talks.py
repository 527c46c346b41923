"""Talks: what figures need of one conversation, folded from its events. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.numbers import thumbs_of, waits_of
from shopbell.assistant.staffwire.figures import FigureRow

SOON = timedelta(hours=24)
"""Whoever comes back within this was not helped."""
LASTING = timedelta(days=7)
"""Whoever does not come back within this was helped for good."""
PAUSE = timedelta(hours=1)
"""A word after so long a silence is a new visit to the same conversation."""
MADE_UP = "demo-"
"""With what ids of the demo's made-up conversations begin."""
Settled = Literal["", "confirmed", "assumed"]


class Answer(Struct, frozen=True):
    """One reply of the assistant."""

    rung: str
    topic: str
    failed: bool
    first_word_s: float


class Talk(Struct, frozen=True, kw_only=True):
    """One conversation."""

    id: str
    channel: str
    at: datetime
    """When it began."""
    last: datetime
    """When something was last said in its first visit."""
    customer: str = ""
    """Who it was with, as far as it was proven."""
    spoke: bool = False
    """The customer said something."""
    answers: tuple[Answer, ...] = ()
    wanted: str = ""
    """Why a person was wanted first; empty: none was."""
    waits: tuple[float, ...] = ()
    """Seconds each wish for a person waited."""
    unserved: int = 0
    staffed: bool = False
    """A person said something."""
    stars: int = 0
    """0: none given."""
    thumbs: tuple[bool, ...] = ()
    goodbye: bool = False
    deeds: tuple[str, ...] = ()
    """Flows that were done."""
    again: datetime | None = None
    """When the customer came back after it."""

    @property
    def answered(self) -> bool:
        """Whether the assistant gave at least one answer that was one; a greeting is none."""
        return any(not one.failed and one.rung != "rule" for one in self.answers)

    @property
    def person(self) -> bool:
        """Whether a person was wanted, or came."""
        return bool(self.wanted) or self.staffed

    @property
    def topic(self) -> str:
        """What it was about last."""
        return next((one.topic for one in reversed(self.answers) if one.topic), "")

    @property
    def settled(self) -> Settled:
        """How it was resolved without a person, before anybody came back; empty: not."""
        if not self.answered or self.person or self.answers[-1].failed or False in self.thumbs:
            return ""
        if 0 < self.stars <= 3:  # noqa: PLR2004 - the middle of five is no praise
            return ""
        return "confirmed" if self.stars or self.thumbs or self.goodbye else "assumed"

    def came_back(self, within: timedelta) -> bool:
        """Say whether the customer returned so soon."""
        return self.again is not None and self.again - self.last <= within

    def row(self, outcome: str, part: str = "") -> FigureRow:
        """Return the row of a figure."""
        return FigureRow(
            kind="conversation",
            id=self.id,
            name=self.channel,
            at=self.at.isoformat(timespec="minutes"),
            outcome=outcome,
            part=part,
        )


def talks_of(entries: Iterable[e.Logged], visits: Mapping[str, Sequence[datetime]]) -> tuple[Talk, ...]:
    """Fold entries into conversations, by when they began; `visits`: their beginnings by customer."""
    by_talk = groupby(
        sorted(entries, key=lambda one: (one.conversation, one.seq)), lambda one: one.conversation
    )
    talks = (_talk(name, list(some), visits) for name, some in by_talk)
    return tuple(sorted(talks, key=lambda talk: (talk.at, talk.id)))


def _talk(name: str, entries: list[e.Logged], visits: Mapping[str, Sequence[datetime]]) -> Talk:
    events = [entry.event for entry in entries]
    customer = next((x.customer for x in reversed(events) if isinstance(x, e.Recognised) and _proven(x)), "")
    last, again = _visit(entries)
    later = next((at for at in visits.get(customer, ()) if customer and at > last), None)
    waits, unserved = waits_of([entries])
    wanted = next((x.reason for x in events if isinstance(x, e.PersonWanted)), "")
    stars = [x.stars for x in events if isinstance(x, e.Starred)]
    return Talk(
        id=name,
        channel=next((x.channel for x in events if isinstance(x, e.Opened)), ""),
        at=entries[0].at,
        last=last,
        customer=customer,
        spoke=any(isinstance(x, e.CustomerSaid) for x in events),
        answers=tuple(_answer(x) for x in events if isinstance(x, e.Replied)),
        wanted=wanted,
        waits=tuple(waits),
        unserved=unserved,
        staffed=any(isinstance(x, e.StaffSaid) for x in events),
        stars=stars[-1] if stars else 0,
        thumbs=tuple(thumbs_of(entries).values()),
        goodbye=any(isinstance(x, e.Replied) and x.ends for x in events),
        deeds=tuple(x.flow for x in events if isinstance(x, e.Did) and x.outcome == "done"),
        again=min((at for at in (again, later) if at is not None), default=None),
    )


def _proven(event: e.Recognised) -> bool:
    return bool(event.customer) and event.level in {"verified", "vouched"}


def _visit(entries: list[e.Logged]) -> tuple[datetime, datetime | None]:
    """Return when the first visit ended, and when the customer spoke again after a long silence."""
    last = entries[0].at
    for entry in entries:
        if isinstance(entry.event, e.CustomerSaid) and entry.at - last > PAUSE:
            return last, entry.at
        if isinstance(entry.event, e.CustomerSaid | e.Replied | e.StaffSaid):
            last = entry.at
    return last, None


def _answer(reply: e.Replied) -> Answer:
    topic = "" if reply.failed else reply.subject.partition("#")[0]
    return Answer(reply.rung, topic, reply.failed, reply.timings.first_word_s)
