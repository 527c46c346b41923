"""Numbers: one day of conversations in figures. Pure, but for reading the log. Every call blocks.

resolved: a conversation with at least one reply, in which no person was wanted, no thumb pointed down, and
the last reply did not fail. waiting: from the wish for a person to the person. Percentiles are nearest-rank.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant.staffwire import Numbers, RungNumbers
from shopbell.assistant.store import EventLog
from shopbell.assistant.trade import Trading


class Tally:
    """Counts a day of the log."""

    def __init__(self, event_log: EventLog, zone: tzinfo) -> None:
        """Take the log and the shop's zone, in which days begin and end."""
        self._log = event_log
        self._zone = zone
        self._trading: Trading | None = None

    def sell(self, trading: Trading) -> None:
        """Tell from now on what was sold, too."""
        self._trading = trading

    def on(self, day: date) -> Numbers:
        """Return the figures of a day."""
        start = datetime.combine(day, time(), tzinfo=self._zone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=self._zone)
        numbers = count(self._log.between(start, end), day, self._zone)
        return numbers if self._trading is None else replace(numbers, trade=self._trading(day))


def count(log: Iterable[e.Logged], day: date, zone: tzinfo) -> Numbers:
    """Return the figures of these entries."""
    talks: dict[str, list[e.Logged]] = defaultdict(list)
    for entry in log:
        talks[entry.conversation].append(entry)
    entries = [entry for talk in talks.values() for entry in talk]
    events = [entry.event for entry in entries]
    waits, unserved = waits_of(talks.values())
    thumbs = Counter(thumb for talk in talks.values() for thumb in thumbs_of(talk).values())
    stars = [event.stars for event in events if isinstance(event, e.Starred)]
    drafts = Counter[str](event.verdict for event in events if isinstance(event, e.DraftJudged))
    begun = Counter(x.at.astimezone(zone).hour for x in entries if isinstance(x.event, e.Opened))
    return Numbers(
        day=day.isoformat(),
        conversations=sum(any(isinstance(x.event, e.CustomerSaid) for x in talk) for talk in talks.values()),
        customer_messages=sum(isinstance(event, e.CustomerSaid) for event in events),
        rungs=_rungs(events),
        handovers=len(waits) + unserved,
        waiting_median_s=percentile(waits, 50),
        waiting_longest_s=max(waits, default=0.0),
        unserved=unserved,
        thumbs_up=thumbs[True],
        thumbs_down=thumbs[False],
        stars=sum(stars) / len(stars) if stars else 0.0,
        stars_given=len(stars),
        resolved=sum(_resolved(talk) for talk in talks.values()),
        by_hour=tuple(begun[hour] for hour in range(24)),
        drafts=dict(drafts),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile; 0 for none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)] if ordered else 0.0


def _rungs(events: Iterable[e.Event]) -> tuple[RungNumbers, ...]:
    first: dict[str, list[float]] = defaultdict(list)
    for event in events:
        if isinstance(event, e.Replied):
            first[event.rung].append(event.timings.first_word_s)
    return tuple(
        RungNumbers(
            rung=rung, replies=len(times), median_s=percentile(times, 50), p95_s=percentile(times, 95)
        )
        for rung, times in sorted(first.items())
    )


def waits_of(talks: Iterable[list[e.Logged]]) -> tuple[list[float], int]:
    """Return the seconds each served wish waited, and how many wishes nobody served."""
    waits, unserved = [], 0
    for talk in talks:
        since: datetime | None = None
        for entry in talk:
            match entry.event:
                case e.PersonWanted() | e.StaffLeft(waiting=True):
                    since = since or entry.at
                case e.StaffTook() if since is not None:
                    waits.append((entry.at - since).total_seconds())
                    since = None
                case _:
                    pass
        unserved += since is not None
    return waits, unserved


def thumbs_of(talk: list[e.Logged]) -> dict[str, bool]:
    """Return the last thumb for each reply of a conversation."""
    return {entry.event.reply: entry.event.helpful for entry in talk if isinstance(entry.event, e.Rated)}


def _resolved(talk: list[e.Logged]) -> bool:
    replies = [entry.event for entry in talk if isinstance(entry.event, e.Replied)]
    wanted = any(isinstance(entry.event, e.PersonWanted | e.StaffTook) for entry in talk)
    return bool(replies) and not replies[-1].failed and not wanted and False not in thumbs_of(talk).values()
