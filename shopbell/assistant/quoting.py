"""Quoting: where the search alone is not sure, the model looks, and the shop's own words are the answer.

Several questions in one message are looked up one by one, and answered together.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.lookup import Looked, Lookup, joined
from shopbell.assistant.sifting import Sifter
from shopbell.assistant.turn import Answer, InQueue, Turn
from shopbell.knowledge.parts import asks, parts
from shopbell.knowledge.passage import Outcome
from shopbell.storage.worker import Worker


class Quoted(Struct, frozen=True, kw_only=True):
    """What came of looking."""

    looked: Looked
    answer: Answer | None = None
    unknown: tuple[str, ...] = ()
    """Those of several questions that nothing was found on."""
    read: bool = False
    """There is an answer, but it must be put into words: running text, a product, a hint of staff."""

    @property
    def refused(self) -> bool:
        """Whether the shop has not written down the answer."""
        return self.answer is None and not self.read


class Quoter:
    """Finds the shop's own words on a turn of which the search was unsure."""

    def __init__(self, *, lookup: Lookup, sifter: Sifter, worker: Worker) -> None:
        """Take the parts; `worker` is the thread that searches."""
        self._lookup = lookup
        self._sifter = sifter
        self._worker = worker

    async def quote(self, turn: Turn, looked: Looked) -> AsyncGenerator[InQueue | Quoted, None]:
        """Yield places in the queue, and last what came of it; consume under `aclosing`.

        Raises what the model raises.
        """
        halves = () if turn.whisper else parts(looked.question)
        steps = self._each(turn, looked, halves) if halves else self._one(turn, looked)
        async with aclosing(steps):
            async for step in steps:
                yield step

    async def _one(self, turn: Turn, looked: Looked) -> AsyncGenerator[InQueue | Quoted, None]:
        if not looked.retrieval.matches or looked.retrieval.outcome is Outcome.NONE:
            yield Quoted(looked=looked)
            return
        sifting = self._sifter.sift(turn.conversation, looked.question, looked.retrieval)
        async with aclosing(sifting) as verdicts:
            async for verdict in verdicts:
                if isinstance(verdict, InQueue):
                    yield verdict
                    continue
                seen = replace(looked, trace=(*looked.trace, *verdict.trace))
                if not verdict.holds:
                    yield Quoted(looked=seen)
                    continue
                answer = None
                if not turn.whisper:
                    answer = await self._worker.call(self._lookup.quoted, seen, verdict.place)
                yield Quoted(looked=seen, answer=answer, read=answer is None)

    async def _each(
        self, turn: Turn, looked: Looked, halves: tuple[str, ...]
    ) -> AsyncGenerator[InQueue | Quoted, None]:
        """Answer each question by itself; what one needs to be read is read for all of them."""
        answers: list[Answer] = []
        unknown: list[str] = []
        trace = looked.trace
        for place, half in enumerate(halves):
            found = await self._worker.call(self._lookup.half, turn, halves, place)
            if isinstance(found, Answer):
                answers.append(found)
                continue
            async with aclosing(self._one(turn, found)) as steps:
                async for step in steps:
                    if isinstance(step, InQueue):
                        yield step
                        continue
                    trace = (*trace, *step.looked.trace)
                    if step.read:
                        yield Quoted(looked=replace(looked, trace=trace), read=True)
                        return
                    if step.answer is None:
                        unknown.append(half)
                    else:
                        answers.append(step.answer)
        if answers:  # what was only told needs no answer of its own
            unknown = [half for half in unknown if asks(half, looked.question)]
        answer = joined(answers, self._lookup.unknown(unknown)) if answers else None
        yield Quoted(looked=replace(looked, trace=trace), answer=answer, unknown=tuple(unknown))
