"""Whose turn it is: the queue, the jobs at work, and the deadlines of all of them."""

import asyncio
import math
from itertools import count

from shopbell.assistant.errors import Overdue, Unavailable
from shopbell.assistant.llm.entry import Entry
from shopbell.assistant.llm.pace import GIVEN_UP_S, Kind, Pace
from shopbell.assistant.llm.queue import FairQueue, Ticket
from shopbell.models.calls import WorkerDown
from shopbell.models.supervision import Worker


class Turns:
    """Gives the worker a few jobs at once, of each conversation one at a time.

    It runs in callbacks and needs no task of its own.
    """

    def __init__(self, worker: Worker, *, limit: int, at_once: int) -> None:
        self.pace = Pace()
        self._worker = worker
        self._at_once = at_once
        self._queue = FairQueue(limit, at_once=at_once)
        self._entries: dict[int, Entry] = {}
        self._numbers = count(1)
        self._running: dict[int, Entry] = {}

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether a job is at work."""
        return bool(self._running)

    @property
    def idle(self) -> bool:
        """Whether nobody waits and nothing is at work."""
        return not self._entries and not self._running

    def enter(self, kind: Kind, conversation: str, request: bytes, deadline_s: float) -> Entry:
        """Let a job wait for its turn; `leave` must follow. Raises Overdue."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        ticket = Ticket(
            number=next(self._numbers),
            conversation=conversation,
            expected_s=self.pace.expected(kind),
            deadline=now + deadline_s,
            judgement=kind == "judge",
        )
        for running in self._running.values():
            if running.kind == "keep":
                self._worker.cancel(running.call)
        self._queue.add(ticket, now=now, busy_s=self._busy(now))
        entry = Entry(ticket, kind, request, entered=now, ended=self._ended)
        self._entries[ticket.number] = entry
        entry.timer = loop.call_at(ticket.deadline, self._expire, entry)
        self._next()
        return entry

    def fill(self, request: bytes) -> Entry | None:
        """Give the engine something to do while nobody wants it; None when somebody does.

        The next job that enters ends it at once. `leave` must follow.
        """
        if not self.idle:
            return None
        now = asyncio.get_running_loop().time()
        number = next(self._numbers)
        ticket = Ticket(number=number, conversation="", expected_s=GIVEN_UP_S, deadline=math.inf)
        entry = Entry(ticket, "keep", request, entered=now, ended=self._ended)
        entry.begun = now
        try:
            entry.call = self._worker.submit(request, entry)
        except WorkerDown:
            return None
        self._entries[number] = self._running[number] = entry
        return entry

    def leave(self, entry: Entry) -> None:
        """Take note that whoever wanted the answer has it, or is gone."""
        entry.disarm()
        del self._entries[entry.ticket.number]
        self._withdraw(entry)

    def clear(self, reason: str) -> None:
        """Tell everyone who waits that there is no engine."""
        for ticket in tuple(self._queue):
            self._queue.remove(ticket.number)
            entry = self._entries[ticket.number]
            entry.over = True
            entry.fail(Unavailable(reason))

    def _withdraw(self, entry: Entry) -> None:
        if self._queue.remove(entry.ticket.number):
            self._publish()
        elif not entry.over:
            self._worker.cancel(entry.call)

    def _expire(self, entry: Entry) -> None:
        self._withdraw(entry)
        entry.fail(Overdue("the first word did not come in time"))

    def _next(self) -> None:
        """Give the engine more to do if it may have more."""
        now = asyncio.get_running_loop().time()
        while (ticket := self._taken(now)) is not None:
            entry = self._entries[ticket.number]
            entry.begun = now
            try:
                entry.call = self._worker.submit(entry.request, entry)
            except WorkerDown as error:
                entry.over = True
                entry.fail(Unavailable(str(error)))
            else:
                self._running[ticket.number] = entry
        self._publish()

    def _taken(self, now: float) -> Ticket | None:
        working = [entry.ticket.conversation for entry in self._running.values() if entry.kind != "keep"]
        return self._queue.take(now, besides=working) if len(working) < self._at_once else None

    def _ended(self, entry: Entry) -> None:
        now = asyncio.get_running_loop().time()
        if entry.whole and entry.begun is not None and entry.kind != "keep":
            self.pace.note(entry.kind, now - entry.begun)
        self._running.pop(entry.ticket.number, None)
        self._next()

    def _busy(self, now: float) -> list[float]:
        """Return the seconds each job at work will need yet."""
        return [
            self.pace.remaining(entry.kind, now - entry.begun)
            for entry in self._running.values()
            if entry.begun is not None and entry.kind != "keep"
        ]

    def _publish(self) -> None:
        busy_s = self._busy(asyncio.get_running_loop().time())
        for number, place in self._queue.places(busy_s).items():
            self._entries[number].stand(place)
