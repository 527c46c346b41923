"""One fair queue before the engine. Pure: the clock is passed in, and it knows nothing of what waits.

Conversations take turns, so that nobody's ten questions make another wait for more than one of them.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import count

from msgspec import Struct

from shopbell.assistant.errors import Overdue
from shopbell.assistant.llm.protocol import Place

RIDE_S = 3.0
"""Seconds within which the reply that follows a judgement goes before everyone else's."""


class Ticket(Struct, frozen=True, kw_only=True):
    """A job that waits."""

    number: int
    conversation: str
    expected_s: float
    """Seconds of the engine it will probably take."""
    deadline: float
    """Time on the clock by which its first word must come."""
    judgement: bool = False
    """A short job whose conversation's reply follows at once and rides with it."""


class FairQueue:
    """Holds at most `limit` tickets for an engine that does `at_once` jobs at once."""

    def __init__(self, limit: int, *, at_once: int = 1) -> None:
        self._limit = limit
        self._at_once = at_once
        self._lines: dict[str, deque[Ticket]] = {}
        self._rides: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def __iter__(self) -> Iterator[Ticket]:
        """Go through the tickets in the order in which they will be taken."""
        for turn in count():
            tickets = [line[turn] for line in self._lines.values() if len(line) > turn]
            if not tickets:
                return
            yield from tickets

    def add(self, ticket: Ticket, *, now: float, busy_s: Sequence[float]) -> None:
        """Let a ticket wait; `busy_s` is how long the engine still needs for each of its jobs.

        Raises Overdue when the queue is full, or when its turn would come after its deadline.
        """
        if len(self) >= self._limit:
            raise Overdue(f"{self._limit} questions are waiting already; ask again in a little while")
        self._join(ticket, now)
        turn = now + self.places(busy_s)[ticket.number].eta_s
        if turn > ticket.deadline:
            self.remove(ticket.number)
            raise Overdue(f"the turn would come in {turn - now:.0f} s, which is too late")

    def take(self, now: float, *, besides: Collection[str] = ()) -> Ticket | None:
        """Take the next ticket of a conversation not among `besides`; it goes to the end of the round."""
        for conversation in self._lines:
            if conversation in besides:
                continue
            line = self._lines.pop(conversation)
            ticket = line.popleft()
            if line:
                self._lines[conversation] = line
            if ticket.judgement:
                self._rides[conversation] = now + RIDE_S
            return ticket
        return None

    def remove(self, number: int) -> Ticket | None:
        """Take a ticket out wherever it stands; None if it is not here."""
        for conversation, line in self._lines.items():
            for ticket in line:
                if ticket.number == number:
                    line.remove(ticket)
                    if not line:
                        del self._lines[conversation]
                    return ticket
        return None

    def places(self, busy_s: Sequence[float]) -> dict[int, Place]:
        """Return where each ticket stands, by number: how many jobs must be done before its own begins."""
        ends = list(busy_s)
        heapify(ends)
        ahead = len(ends) - self._at_once
        places: dict[int, Place] = {}
        for ticket in self:
            ahead += 1
            begins = heappop(ends) if len(ends) >= self._at_once else 0.0
            heappush(ends, begins + ticket.expected_s)
            places[ticket.number] = Place(place=max(0, ahead), eta_s=begins)
        return places

    def _join(self, ticket: Ticket, now: float) -> None:
        rides = self._rides.get(ticket.conversation, now) > now and not ticket.judgement
        self._rides = {name: until for name, until in self._rides.items() if until > now}
        if not rides:
            self._lines.setdefault(ticket.conversation, deque()).append(ticket)
            return
        del self._rides[ticket.conversation]
        line = self._lines.pop(ticket.conversation, deque())
        line.appendleft(ticket)
        self._lines = {ticket.conversation: line, **self._lines}
