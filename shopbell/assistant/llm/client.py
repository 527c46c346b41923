"""The language model as the house sees it: a worker behind one fair queue."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from itertools import count
from typing import Self

import msgspec
from msgspec.structs import replace

from shopbell.assistant.errors import Overdue, Unavailable
from shopbell.assistant.llm.entry import Entry, Kind
from shopbell.assistant.llm.pace import Pace
from shopbell.assistant.llm.protocol import EngineState, Finished, Generation, Message, Piece, Place, Progress
from shopbell.assistant.llm.queue import FairQueue, Ticket
from shopbell.assistant.llm.requests import (
    EngineFacts,
    EngineSettings,
    Forget,
    Generate,
    Judge,
    Judged,
    Request,
    Warm,
)
from shopbell.models.calls import Nowhere, WorkerDown
from shopbell.models.launch import Launch, Patience
from shopbell.models.supervision import Worker

FACTORY = "shopbell.assistant.llm.host:start"

QUEUE_LIMIT = 32
"""Jobs that may wait; a shop's one computer serves no more within anyone's patience."""

_ENCODER = msgspec.msgpack.Encoder()
_FACTS = msgspec.msgpack.Decoder(EngineFacts)


class WorkerModel:
    """A `LanguageModel` in a process of its own; `async with` it, or `start` and `stop`."""

    def __init__(
        self,
        settings: EngineSettings | None,
        *,
        limit: int = QUEUE_LIMIT,
        patience: Patience | None = None,
        factory: str = FACTORY,
    ) -> None:
        """Without settings, or without the file they name, it is absent: everything raises Unavailable."""
        self._settings = settings if settings and settings.model.is_file() else None
        self._worker = Worker(_launch(factory, self._settings), patience=patience, changed=self._turned)
        self._queue = FairQueue(limit)
        self._pace = Pace(generate=4.0, judge=1.0)
        self._entries: dict[int, Entry] = {}
        self._numbers = count(1)
        self._running: Entry | None = None
        self._settled = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def start(self) -> None:
        """Begin; `state` tells when it is ready."""
        if self._settings is not None:
            self._worker.start()

    async def stop(self) -> None:
        """End the worker; whoever waits is told Unavailable."""
        await self._worker.stop()

    async def ready(self) -> None:
        """Wait until it answers. Raises Unavailable when there is no model or it was given up."""
        if self._settings is not None:
            await self._settled.wait()
        if self.state.status != "ready":
            raise Unavailable(self.state.detail)

    @property
    def state(self) -> EngineState:
        """How the engine is now."""
        if self._settings is None:
            return EngineState(status="absent", detail="no language model on this machine; fetch one")
        worker = self._worker.state
        status = "degraded" if worker.status == "stopped" else worker.status
        detail = worker.detail
        if (facts := self.facts) is not None and status == "ready":
            rates = facts.rates
            detail = (
                f"{facts.description}: reads {rates.prefill_rate:.0f} and writes {rates.decode_rate:.0f}"
                f" tokens a second on {rates.threads} threads"
            )
        return EngineState(
            status=status,
            model=self._settings.model.name,
            queue=len(self._queue),
            restarts=worker.restarts,
            detail=detail,
        )

    @property
    def facts(self) -> EngineFacts | None:
        """What the engine tells of itself; None before it has stood once."""
        facts = self._worker.state.facts
        return _FACTS.decode(facts) if facts else None

    @property
    def worker(self) -> Worker:
        """The process behind it, for `doctor`."""
        return self._worker

    def warm(self, messages: tuple[Message, ...]) -> None:
        """Read the messages every prompt begins with, now and after every restart."""
        self._worker.prepare(_ENCODER.encode(Warm(messages)))

    def revive(self) -> None:
        """Try again after it was given up."""
        self._worker.revive()

    def forget(self, conversation: str) -> None:
        """Drop the cached history of a conversation that ended."""
        with contextlib.suppress(WorkerDown):
            self._worker.submit(_ENCODER.encode(Forget(conversation)), Nowhere())

    async def generate(self, job: Generation) -> AsyncGenerator[Progress, None]:
        """Yield places, then pieces, then `Finished`; see `LanguageModel`."""
        request = Generate(
            conversation=job.conversation,
            messages=job.messages,
            max_tokens=job.max_tokens,
            stop=job.stop,
        )
        entry = self._enter("generate", job.conversation, request, job.deadline_s)
        try:
            while (event := await entry.next()) is not None:
                if isinstance(event, Place | Piece | Finished):
                    yield event
        finally:
            self._leave(entry)

    async def judge(
        self, conversation: str, messages: tuple[Message, ...], options: tuple[str, ...], deadline_s: float
    ) -> tuple[float, ...]:
        """Return the probability of each option as the next word; see `LanguageModel`."""
        request = Judge(conversation=conversation, messages=messages, options=options)
        entry = self._enter("judge", conversation, request, deadline_s)
        try:
            while (event := await entry.next()) is not None:
                if isinstance(event, Judged):
                    return event.probabilities
        finally:
            self._leave(entry)
        raise Unavailable("the language model gave no judgement")

    def _enter(self, kind: Kind, conversation: str, request: Request, deadline_s: float) -> Entry:
        if self.state.status != "ready":
            raise Unavailable(self.state.detail or f"the language model is {self.state.status}")
        loop = asyncio.get_running_loop()
        now = loop.time()
        ticket = Ticket(
            number=next(self._numbers),
            conversation=conversation,
            expected_s=self._pace.expected(kind),
            deadline=now + deadline_s,
            judgement=kind == "judge",
        )
        self._queue.add(ticket, now=now, busy_s=self._busy(now))
        entry = Entry(ticket, kind, _ENCODER.encode(request), entered=now, ended=self._ended)
        self._entries[ticket.number] = entry
        entry.timer = loop.call_at(ticket.deadline, self._expire, entry)
        self._next_turn()
        return entry

    def _leave(self, entry: Entry) -> None:
        """Whoever wanted the answer has it, or is gone."""
        entry.disarm()
        del self._entries[entry.ticket.number]
        self._withdraw(entry)

    def _withdraw(self, entry: Entry) -> None:
        if self._queue.remove(entry.ticket.number):
            self._publish()
        elif not entry.over:
            self._worker.cancel(entry.call)

    def _expire(self, entry: Entry) -> None:
        self._withdraw(entry)
        entry.fail(Overdue("the first word did not come in time"))

    def _next_turn(self) -> None:
        """Give the engine its next job if it has none."""
        now = asyncio.get_running_loop().time()
        while self._running is None and (ticket := self._queue.take(now)) is not None:
            entry = self._entries[ticket.number]
            entry.begun = now
            try:
                entry.call = self._worker.submit(entry.request, entry)
            except WorkerDown as error:
                entry.over = True
                entry.fail(Unavailable(str(error)))
            else:
                self._running = entry
        self._publish()

    def _ended(self, entry: Entry) -> None:
        now = asyncio.get_running_loop().time()
        if entry.begun is not None:
            self._pace.note(entry.kind, now - entry.begun)
        self._running = None
        self._next_turn()

    def _busy(self, now: float) -> float | None:
        if self._running is None or self._running.begun is None:
            return None
        return self._pace.remaining(self._running.kind, now - self._running.begun)

    def _publish(self) -> None:
        busy_s = self._busy(asyncio.get_running_loop().time())
        for number, place in self._queue.places(busy_s).items():
            self._entries[number].stand(place)

    def _turned(self) -> None:
        """The worker's state is another: nobody waits for an engine that is not there."""
        if self.state.status in {"ready", "degraded"}:
            self._settled.set()
        else:
            self._settled.clear()
        if self.state.status != "ready":
            for ticket in tuple(self._queue):
                self._queue.remove(ticket.number)
                entry = self._entries[ticket.number]
                entry.over = True
                entry.fail(Unavailable(self.state.detail or "the language model is stopped"))


def _launch(factory: str, settings: EngineSettings | None) -> Launch:
    if settings is None:
        return Launch(factory=factory, settings=b"")
    return Launch(
        factory=factory, settings=settings.encode(), cautious=replace(settings, plain=True).encode()
    )
