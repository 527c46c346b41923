"""One fair queue before the engine. Pure: the clock is passed in, and it knows nothing of what waits.

Conversations take turns, so that nobody's ten questions make another wait for more than one of them.
"""

from collections import deque
from collections.abc import Iterator
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
    """Holds at most `limit` tickets."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
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

    def add(self, ticket: Ticket, *, now: float, busy_s: float | None) -> None:
        """Let a ticket wait; `busy_s` is how long the engine still needs for its job, None if it is free.

        Raises Overdue when the queue is full, or when its turn would come after its deadline.
        """
        if len(self) >= self._limit:
            raise Overdue(f"{self._limit} questions are waiting already; ask again in a little while")
        self._join(ticket, now)
        turn = now + self.places(busy_s)[ticket.number].eta_s
        if turn > ticket.deadline:
            self.remove(ticket.number)
            raise Overdue(f"the turn would come in {turn - now:.0f} s, which is too late")

    def take(self, now: float) -> Ticket | None:
        """Take the next ticket; its conversation goes to the end of the round."""
        for conversation in self._lines:
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

    def places(self, busy_s: float | None) -> dict[int, Place]:
        """Return where each ticket stands, by number; the job at work counts as one ahead."""
        ahead, eta_s = (0, 0.0) if busy_s is None else (1, busy_s)
        places: dict[int, Place] = {}
        for ticket in self:
            places[ticket.number] = Place(place=ahead, eta_s=eta_s)
            ahead += 1
            eta_s += ticket.expected_s
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
