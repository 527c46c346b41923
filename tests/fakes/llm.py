"""Language models without an engine: one that says what it was told to say, one that repeats its prompt."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Literal

import numpy as np
from msgspec import Struct

from shopbell.assistant.errors import ModelError, Overdue, TooLong
from shopbell.assistant.llm.protocol import (
    EngineState,
    Finished,
    Generation,
    Judged,
    Message,
    Piece,
    Place,
    Progress,
)


class Reply(Struct, frozen=True, kw_only=True):
    """What the model does with one job."""

    pieces: tuple[str, ...] = ()
    logprob: float = -0.1
    """Of each piece."""
    places: tuple[Place, ...] = ()
    """Said before the first piece."""
    delay_s: float = 0.0
    """Seconds before each piece."""
    error: ModelError | None = None
    """Raised after the pieces."""


class Judgement(Struct, frozen=True, kw_only=True):
    """A judge's job, as recorded."""

    conversation: str
    messages: tuple[Message, ...]
    options: tuple[str, ...]
    deadline_s: float
    layer: int | None


class ScriptedModel:
    """Answers jobs with the replies enqueued, in their order; records what it was asked."""

    def __init__(self, *replies: str | Reply, longest: int = 20_000) -> None:
        """`longest` is the most characters of a prompt; a longer one is TooLong."""
        self._replies: deque[Reply] = deque()
        self._judgements: deque[tuple[float, ...] | ModelError] = deque()
        self._longest = longest
        self.jobs: list[Generation] = []
        self.judged: list[Judgement] = []
        self.judgement_places: tuple[Place, ...] = ()
        self.forgotten: list[str] = []
        self.warmed: tuple[tuple[Message, ...], ...] = ()
        self.cancelled: list[str] = []
        """Conversations whose reply was closed before its end."""
        self.state = EngineState(status="ready", model="scripted")
        for reply in replies:
            self.enqueue(reply)

    def enqueue(self, reply: str | Reply) -> None:
        """Add a reply; a text is cut into words."""
        self._replies.append(_spoken(reply) if isinstance(reply, str) else reply)

    def enqueue_judgement(self, *probabilities: float, error: ModelError | None = None) -> None:
        """Add a judgement; without any, all options are equally likely."""
        self._judgements.append(error or probabilities)

    def become(self, status: Literal["absent", "starting", "ready", "restarting", "degraded"]) -> None:
        """Set the state; when not ready, jobs still follow the script."""
        self.state = EngineState(status=status, model="scripted")

    def warm(self, *beginnings: tuple[Message, ...]) -> None:
        """Record the common beginnings."""
        self.warmed = beginnings

    def forget(self, conversation: str) -> None:
        """Record it."""
        self.forgotten.append(conversation)

    async def generate(self, job: Generation) -> AsyncGenerator[Progress, None]:
        """Play the next reply of the script; with none left, a reply without a word."""
        self.jobs.append(job)
        self._refuse_if_long(job.messages)
        reply = self._reply(job)
        done = False
        try:
            for place in reply.places:
                yield place
            spoken = 0
            for piece in _until_stop(reply, job):
                await self._first_word(reply.delay_s, job.deadline_s, first=not spoken)
                spoken += 1
                yield piece
            done = True
            if reply.error is not None:
                raise reply.error
            yield _finished(job, spoken)
        finally:
            if not done:
                self.cancelled.append(job.conversation)

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
        """Give the next judgement of the script, after the places in front of it.

        The hidden state, if wanted, is the probabilities again.
        """
        for place in self.judgement_places:
            yield place
        judged = await self.judge(conversation, messages, options, deadline_s, layer=layer)
        yield judged if options else Judged(probabilities=(), hidden=judged.hidden)

    async def judge(
        self,
        conversation: str,
        messages: tuple[Message, ...],
        options: tuple[str, ...],
        deadline_s: float,
        *,
        layer: int | None = None,
    ) -> Judged:
        """Give the next judgement of the script; without one all options and other words are alike."""
        self.judged.append(
            Judgement(
                conversation=conversation,
                messages=messages,
                options=options,
                deadline_s=deadline_s,
                layer=layer,
            )
        )
        self._refuse_if_long(messages)
        await asyncio.sleep(0)
        alike = (1 / (len(options) + 1),) * (len(options) or 2)
        weights = self._judgements.popleft() if self._judgements else alike
        if isinstance(weights, ModelError):
            raise weights
        probabilities = tuple(weight / max(1.0, sum(weights)) for weight in weights)
        hidden = np.asarray(probabilities, dtype="<f2").tobytes() if layer is not None else b""
        return Judged(probabilities=probabilities, hidden=hidden)

    def _reply(self, job: Generation) -> Reply:
        return self._replies.popleft() if self._replies else Reply()

    def _refuse_if_long(self, messages: tuple[Message, ...]) -> None:
        if sum(len(message.content) for message in messages) > self._longest:
            raise TooLong("the prompt is too long for the script")

    @staticmethod
    async def _first_word(delay_s: float, deadline_s: float, *, first: bool) -> None:
        if first and delay_s > deadline_s:
            await asyncio.sleep(deadline_s)
            raise Overdue("the first word did not come in time")
        await asyncio.sleep(delay_s)


class ObedientModel(ScriptedModel):
    """Repeats its whole prompt: whatever must not be said, it says."""

    def _reply(self, job: Generation) -> Reply:
        return _spoken("\n".join(message.content for message in job.messages))


def _spoken(text: str) -> Reply:
    words = text.split(" ")
    return Reply(pieces=(words[0], *(f" {word}" for word in words[1:])))


def _until_stop(reply: Reply, job: Generation) -> list[Piece]:
    """Cut the reply at its first stop text and at its longest, as an engine does."""
    pieces = reply.pieces[: job.max_tokens]
    text = "".join(pieces)
    end = min((place for stop in job.stop if (place := text.find(stop)) >= 0), default=len(text))
    cut: list[Piece] = []
    for piece in pieces:
        if piece[:end]:
            cut.append(Piece(text=piece[:end], logprob=reply.logprob))
        end -= min(end, len(piece))
    return cut


def _finished(job: Generation, spoken: int) -> Finished:
    return Finished(
        prompt_tokens=sum(len(message.content.split()) for message in job.messages),
        cached_tokens=0,
        tokens=spoken,
        queue_s=0.0,
        prefill_s=0.0,
        decode_s=0.0,
    )
