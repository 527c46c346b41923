"""Opening hours of a day, computed from `shop.toml` and the calendar: never recited from memory."""

import re
from datetime import date, datetime, timedelta

from shopbell.assistant.calendar import Day, OpeningHours, Spans, spoken_moment, spoken_spans, spoken_time
from shopbell.assistant.days import WEEKDAYS, mentioned, without_days
from shopbell.assistant.turn import Answer, Turn
from shopbell.assistant.wire import Source

_WISH = re.compile(
    r"\b(open|opens|opened|opening|close|closed|closes|closing|shut|shuts|hours)\b", re.IGNORECASE
)
_ALLOWED = frozenset(
    """
    a about after afternoon also am and any are at bakery be before by cafe café can close
    closed closes closing come could day days do does early evening for from get go going guys
    have hello hey hi hour hours how i if in is it it's its just know late later long me morning
    my no normal now o'clock of ok okay on open opened opening opens or please pls pm public r
    right s shop shut shuts still stop store tell than thanks that the then there this til till
    time times to u until ur us usual usually want we week weekday weekdays what what's whats
    when where which will with would yall you your
    """.split()
)
"""The only words a question about hours may hold besides the days it names: one other word ("open the bag")
is about something else."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_CLOCK = re.compile(
    r"\b((at|until|till?|by|before|after|from|to|past|than) \d{1,2}([:.]\d\d)?(?![\w/:.-]*\d)"
    r"|\d{1,2}([:.]\d\d)? ?(?=am\b|pm\b|o'clock\b))"
)
"""Times of day. Any other number may be a date that was not understood, such as "24/12"."""
_USUALLY = re.compile(r"\b(weekdays?|week|days|usual|usually|normal|normally)\b", re.IGNORECASE)
AHEAD = 7
"""Days ahead whose exceptions are told with the usual hours."""
_NOW = re.compile(
    r"^\W*(hi|hello|hey)?\W*(are|r) (you|u|ya|the shop)\b|\b(still|yet|already)\b", re.IGNORECASE
)
"""Without a day, "are you open?" is about now; "when do you open?" is about any day."""


class HoursFlow:
    """Answers "are you open on Sunday?", "when do you close today?", "what are your hours?"."""

    name = "hours"

    def __init__(self, hours: OpeningHours, weekly_source: str = "shop.toml") -> None:
        self._hours = hours
        self._source = weekly_source

    def answer(self, turn: Turn) -> Answer | None:
        """Answer when every word is about opening hours, or when a follow-up names a day only."""
        today = turn.now.date()
        days = mentioned(turn.text, today)
        if not self._is_wish(turn, bool(days)):
            return None
        if not days and (_USUALLY.search(turn.text) or not _NOW.search(turn.text)):
            return self._reply(self._week(today))
        lines = [self._day(day, turn.now) for day in days or (today,)]
        return self._reply(" ".join(lines))

    def _is_wish(self, turn: Turn, names_day: bool) -> bool:
        if not _only_about_hours(without_days(turn.text, turn.now.date())):
            return False
        follows = bool(turn.history) and turn.history[-1].subject == self.name
        return bool(_WISH.search(turn.text)) or (follows and names_day)

    def _reply(self, text: str) -> Answer:
        source = Source(id="shop:hours", title="Opening hours", text=text, source=self._source)
        return Answer(
            text=text,
            rung="flow",
            subject=self.name,
            sources=(source,),
            why="I looked this up in the shop's opening hours and calendar.",
            trace=("flow hours: every word is about opening hours",),
        )

    def _day(self, day: date, now: datetime) -> str:
        hours = self._hours.on(day)
        name = _name(day, now.date())
        because = _because(hours)
        if not hours.spans:
            return f"{name}{because} we are closed.{self._then(day, now)}"
        if day == now.date():
            return self._today(hours, now, because)
        return f"{name}{because} we are open {spoken_spans(hours.spans)}."

    def _today(self, hours: Day, now: datetime, because: str) -> str:
        span = self._hours.open_at(now)
        if span is not None:
            return f"We are open now, until {spoken_time(span[1])} today{because}."
        coming = [start for start, _ in hours.spans if start > now.time()]
        if coming:
            return f"We are closed just now. Today{because} we are open {spoken_spans(hours.spans)}."
        then = self._then(now.date(), now)
        return f"We are closed now; today{because} we were open {spoken_spans(hours.spans)}.{then}"

    def _then(self, day: date, now: datetime) -> str:
        after = datetime.combine(day, datetime.max.time(), tzinfo=now.tzinfo)
        opening = self._hours.next_opening(max(after, now))
        return f" We open again {spoken_moment(opening, now)}." if opening else ""

    def _week(self, today: date) -> str:
        days = [self._hours.usual(weekday) for weekday in range(7)]
        groups: list[tuple[int, int]] = []
        for weekday, spans in enumerate(days):
            if groups and days[groups[-1][0]] == spans:
                groups[-1] = (groups[-1][0], weekday)
            else:
                groups.append((weekday, weekday))
        usual = "; ".join(f"{_range(*group)} {_spans_or_closed(days[group[0]])}" for group in groups)
        return " ".join([f"We are open {usual}.", *self._exceptions(today)])

    def _exceptions(self, today: date) -> list[str]:
        coming = (self._hours.on(today + timedelta(days=ahead)) for ahead in range(AHEAD))
        return [
            f"{_name(day.date, today)}{_because(day)} we are {'open ' if day.spans else ''}"
            f"{_spans_or_closed(day.spans)}."
            for day in coming
            if day.spans != self._hours.usual(day.date.weekday())
        ]


def _range(first: int, last: int) -> str:
    names = [name.capitalize() for name in WEEKDAYS]
    return names[first] if first == last else f"{names[first]} to {names[last]}"


def _because(day: Day) -> str:
    return f" ({day.reason})" if day.reason else ""


def _spans_or_closed(spans: Spans) -> str:
    return spoken_spans(spans) or "closed"


def _only_about_hours(text: str) -> bool:
    rest = _CLOCK.sub(" ", text)
    return not re.search(r"\d", rest) and all(word in _ALLOWED for word in _WORD.findall(rest))


def _name(day: date, today: date) -> str:
    near = {0: "Today", 1: "Tomorrow"}.get((day - today).days)
    written = f"{day:%A} {day.day} {day:%B}"
    return f"{near}, {written}," if near else f"On {written}"
