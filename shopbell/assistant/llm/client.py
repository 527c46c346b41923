"""The language model as the house sees it: a worker behind one fair queue, a few jobs at work at once."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Self

import msgspec

from shopbell.assistant.errors import TooLong, Unavailable
from shopbell.assistant.llm.entry import Entry
from shopbell.assistant.llm.launching import launch_of
from shopbell.assistant.llm.pace import Kind
from shopbell.assistant.llm.protocol import (
    Beginning,
    EngineState,
    Finished,
    Generation,
    Judged,
    Message,
    Piece,
    Place,
    Progress,
)
from shopbell.assistant.llm.requests import (
    EngineFacts,
    EngineSettings,
    Forget,
    Generate,
    Judge,
    Keep,
    KeepOnly,
    Kept,
    Request,
    Warm,
)
from shopbell.assistant.llm.turns import Turns
from shopbell.models.calls import Nowhere, WorkerDown
from shopbell.models.launch import Patience
from shopbell.models.supervision import Worker

FACTORY = "shopbell.assistant.llm.host:start"

AT_ONCE = 4
"""Jobs the engine does at once: so many share one pass over the weights at the price of two or three."""

QUEUE_LIMIT = 32
"""Jobs that may wait; a shop's one computer serves no more within anyone's patience."""

LONGEST_REQUEST = 1 << 18
"""Bytes of a prompt; no model here reads so much within anyone's patience."""

_ENCODER = msgspec.msgpack.Encoder()
_FACTS = msgspec.msgpack.Decoder(EngineFacts)


class WorkerModel:
    """A `LanguageModel` in a process of its own; `async with` it, or `start` and `stop`."""

    def __init__(
        self,
        settings: EngineSettings | None,
        *,
        limit: int = QUEUE_LIMIT,
        at_once: int = AT_ONCE,
        patience: Patience | None = None,
        factory: str = FACTORY,
    ) -> None:
        """Without settings, or without the file they name, it is absent: everything raises Unavailable."""
        self._settings = settings if settings and settings.model.is_file() else None
        self._worker = Worker(launch_of(factory, self._settings), patience=patience, changed=self._turned)
        self._turns = Turns(self._worker, limit=limit, at_once=at_once)
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
        facts = self.facts
        return EngineState(
            status=status,
            model=self._settings.model.name,
            queue=self._turns.waiting,
            restarts=worker.restarts,
            detail=facts.summary if facts and status == "ready" else worker.detail,
        )

    @property
    def facts(self) -> EngineFacts | None:
        """What the engine tells of itself; None before it has stood once."""
        facts = self._worker.state.facts
        return _FACTS.decode(facts) if facts else None

    @property
    def busy(self) -> bool:
        """Whether the engine has a job."""
        return self._turns.busy

    @property
    def worker(self) -> Worker:
        """The process behind it, for `doctor`."""
        return self._worker

    def warm(self, *beginnings: Beginning) -> None:
        """Read what prompts begin with, now and after every restart."""
        requests = [Warm(one.messages, place, str(one.learned or "")) for place, one in enumerate(beginnings)]
        self._worker.prepare(*map(_ENCODER.encode, requests))

    def revive(self) -> None:
        """Try again after it was given up."""
        self._worker.revive()

    async def keep(self, messages: tuple[Message, ...]) -> str | None:
        """Read a beginning while nobody wants the engine, and keep its state; return the state's name.

        None when somebody wanted the engine first, or there is none: try again later. Raises TooLong.
        """
        entry = self._turns.fill(_ENCODER.encode(Keep(messages))) if self.state.status == "ready" else None
        if entry is None:
            return None
        key = None
        try:
            while (event := await entry.next()) is not None:
                if isinstance(event, Kept):
                    key = event.key
        except Unavailable:  # somebody came, or the engine went
            pass
        finally:
            self._turns.leave(entry)
        return key

    def keep_only(self, keys: Collection[str]) -> None:
        """Throw away the states of all other beginnings."""
        with contextlib.suppress(WorkerDown):
            self._worker.submit(_ENCODER.encode(KeepOnly(tuple(sorted(keys)))), Nowhere())

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
            self._turns.leave(entry)

    async def weigh(
        self,
        conversation: str,
        messages: tuple[Message, ...],
        options: tuple[str, ...],
        deadline_s: float,
        *,
        kept: int = 0,
        layer: int | None = None,
    ) -> AsyncGenerator[Place | Judged, None]:
        """Yield places, then the probabilities; see `LanguageModel`.

        Raises ValueError for an empty option.
        """
        if not all(options):
            raise ValueError("an option must have at least one character")
        request = Judge(conversation=conversation, messages=messages, options=options, kept=kept, layer=layer)
        entry = self._enter("judge", conversation, request, deadline_s)
        try:
            while (event := await entry.next()) is not None:
                if isinstance(event, Place | Judged):
                    yield event
        finally:
            self._turns.leave(entry)

    async def judge(
        self,
        conversation: str,
        messages: tuple[Message, ...],
        options: tuple[str, ...],
        deadline_s: float,
        *,
        layer: int | None = None,
    ) -> Judged:
        """Return what was weighed; see `weigh`."""
        async with aclosing(self.weigh(conversation, messages, options, deadline_s, layer=layer)) as steps:
            async for step in steps:
                if isinstance(step, Judged):
                    return step
        raise Unavailable("the language model gave no judgement")

    def _enter(self, kind: Kind, conversation: str, request: Request, deadline_s: float) -> Entry:
        if self.state.status != "ready":
            raise Unavailable(self.state.detail or f"the language model is {self.state.status}")
        encoded = _ENCODER.encode(request)
        if len(encoded) > LONGEST_REQUEST:
            raise TooLong(f"the prompt has {len(encoded)} bytes, and {LONGEST_REQUEST} are the most")
        return self._turns.enter(kind, conversation, encoded, deadline_s)

    def _turned(self) -> None:
        """Follow the worker's state: nobody waits for an engine that is not there."""
        if self.state.status in {"ready", "degraded"}:
            self._settled.set()
        else:
            self._settled.clear()
        if self.state.status != "ready":
            self._turns.clear(self.state.detail or "the language model is stopped")
        elif (facts := self.facts) is not None:
            self._turns.pace.guess(facts.rates)
