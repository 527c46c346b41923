"""One turn up the ladder: rule, flow, the shop's own words, the model, a person.

Most turns never need the model, and that is what makes a small machine feel fast. Every answer carries its
rung, its sources and, for staff, what was tried.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol

import structlog
from msgspec import Struct
from msgspec.structs import replace

from shopbell.assistant.errors import ModelError
from shopbell.assistant.flows.flow import Flow
from shopbell.assistant.followups import completed
from shopbell.assistant.lines import Lines
from shopbell.assistant.reader import Abstained, Reader, ReadFinished, Sentence
from shopbell.assistant.rules import Rules
from shopbell.assistant.turn import Answer, InQueue, Step, Turn, Words
from shopbell.assistant.wire import Source
from shopbell.knowledge.passage import Kind, Match, Outcome, Passage, Retrieval
from shopbell.storage.worker import Worker

log = structlog.get_logger()

READ_AT_MOST = 3
"""Passages given to the model."""
FAILURES_BEFORE_PERSON = 2
"""Failed turns in a row after which code asks for a person."""


class Knowledge(Protocol):
    """What the ladder needs of the shop's knowledge; every call blocks."""

    def search(self, question: str, *, limit: int = 5) -> Retrieval:
        """Return what the shop wrote about the question."""
        ...

    def whole(self, passage: Passage) -> str:
        """Return the full answer that a passage is a part of."""
        ...


class Looked(Struct, frozen=True, kw_only=True):
    """What was found without the model."""

    question: str
    """The turn, completed from the one before where it leans on it."""
    retrieval: Retrieval
    trace: tuple[str, ...]


class Ladder:
    """Climbs rung by rung until one answers."""

    def __init__(
        self,
        *,
        rules: Rules,
        flows: Sequence[Flow],
        knowledge: Knowledge,
        reader: Reader,
        lines: Lines,
        worker: Worker,
        keep_gap: Callable[[str, Turn], None],
        deadline_s: float,
    ) -> None:
        """Take the parts; `worker` is the thread that searches, `keep_gap` remembers unanswered questions."""
        self._rules = rules
        self._flows = flows
        self._knowledge = knowledge
        self._reader = reader
        self._lines = lines
        self._worker = worker
        self._keep_gap = keep_gap
        self._deadline_s = deadline_s

    def forget(self, conversation: str) -> None:
        """Let the model drop the cached history of a conversation."""
        self._reader.forget(conversation)

    async def respond(self, turn: Turn) -> AsyncGenerator[Step, None]:
        """Yield checked words as they come, and last the whole `Answer`. Consume under `aclosing`."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        found = await self._worker.call(self._without_model, turn)
        search_s = loop.time() - started
        if isinstance(found, Answer):
            yield replace(found, search_s=search_s)
            return
        if found.retrieval.outcome is Outcome.NONE:
            yield replace(await self._refusal(turn, found.trace), search_s=search_s)
            return
        async with aclosing(self._from_model(turn, found)) as steps:
            async for step in steps:
                yield replace(step, search_s=search_s) if isinstance(step, Answer) else step

    # --- without the model: blocks, runs on the worker's thread --------------------------------------------

    def _without_model(self, turn: Turn) -> Answer | Looked:
        intent = self._rules.intent(turn.text)
        if intent:
            return self._by_rule(intent, turn)
        for flow in self._flows:
            if (answer := flow.answer(turn)) is not None:
                return answer
        looked = self._look(turn)
        return self._verbatim(looked) or looked

    def _by_rule(self, intent: str, turn: Turn) -> Answer:
        lines = self._lines
        trace = (f"rule {intent}",)
        why = "This is a fixed line of the shop, given whenever somebody says this."
        if intent in {"person", "erase"}:
            text = lines.person_wanted(turn.now) if intent == "person" else lines.erase
            reason = "asked" if intent == "person" else "erase"
            return Answer(text=text, rung="rule", why=why, trace=trace, wants_person=reason)
        texts = {
            "human": lines.human,
            "greeting": lines.greeting,
            "thanks": lines.thanks,
            "bye": lines.bye,
        }
        return Answer(text=texts[intent], rung="rule", why=why, trace=trace, ends=intent == "bye")

    def _look(self, turn: Turn) -> Looked:
        question, retrieval = turn.text, self._knowledge.search(turn.text)
        trace = [_seen(retrieval)]
        if (whole := completed(turn.text, turn.history)) != turn.text:
            wider = self._knowledge.search(whole)
            trace.append(f"completed from the turn before: {_seen(wider)}")
            if wider.confidence > retrieval.confidence:
                question, retrieval = whole, wider
        return Looked(question=question, retrieval=retrieval, trace=tuple(trace))

    def _verbatim(self, looked: Looked) -> Answer | None:
        if looked.retrieval.outcome is not Outcome.SURE:
            return None
        first = looked.retrieval.matches[0].passage
        if first.kind is not Kind.FAQ:
            return None
        return Answer(
            text=self._knowledge.whole(first),
            rung="faq",
            subject=first.id,
            sources=(_source(first),),
            why=f"These are the shop's own words on “{first.title}”.",
            trace=(*looked.trace, "given verbatim"),
        )

    # --- the model -----------------------------------------------------------------------------------------

    async def _from_model(self, turn: Turn, looked: Looked) -> AsyncGenerator[Step, None]:
        passages = [match.passage for match in looked.retrieval.matches[:READ_AT_MOST]]
        said: list[str] = []
        try:
            async with aclosing(self._reader.read(turn, looked.question, passages)) as steps:
                async for step in steps:
                    match step:
                        case Sentence(text=text):
                            said.append(text)
                            yield Words(text)
                        case Abstained():
                            trace = (*looked.trace, *step.trace)
                            yield await self._refusal(turn, trace)
                        case ReadFinished():
                            yield self._read(step, said, looked)
                        case InQueue():
                            yield step
        except ModelError as error:
            log.warning("model.unanswered", code=error.code)
            yield await self._nearest(turn, looked, said, error)

    def _read(self, finished: ReadFinished, said: list[str], looked: Looked) -> Answer:
        titles = ", ".join(f"“{passage.title}”" for passage in finished.cited)
        return Answer(
            text="".join(said).strip(),
            rung="model",
            subject=finished.cited[0].id if finished.cited else "",
            sources=tuple(_source(passage) for passage in finished.cited),
            why=f"I put this together from what the shop wrote on {titles}, and checked it against that.",
            trace=(*looked.trace, *finished.trace),
            queue_s=finished.queue_s,
        )

    # --- when nothing else helps ---------------------------------------------------------------------------

    async def _nearest(self, turn: Turn, looked: Looked, said: list[str], error: ModelError) -> Answer:
        trace = (*looked.trace, f"model: {error.code}")
        best: Match = looked.retrieval.matches[0]
        if said:
            return Answer(
                text="".join(said).strip(),
                rung="model",
                sources=(_source(best.passage),),
                why="The model stopped before it was done; this far it was checked.",
                trace=trace,
                offer_person=True,
            )
        await self._worker.call(self._keep_gap, turn.text, turn)
        text = self._lines.closest(best.passage.title, self._knowledge.whole(best.passage))
        return Answer(
            text=text,
            rung="faq",
            subject=best.passage.id,
            sources=(_source(best.passage),),
            why="The model could not answer in time, so these are the shop's words nearest to the question.",
            trace=trace,
            offer_person=True,
        )

    async def _refusal(self, turn: Turn, trace: tuple[str, ...]) -> Answer:
        await self._worker.call(self._keep_gap, turn.text, turn)
        handed = turn.failures + 1 >= FAILURES_BEFORE_PERSON
        return Answer(
            text=self._lines.refusal,
            rung="person",
            why="I found nothing in what the shop has written down that answers this, so I do not guess.",
            trace=(*trace, "refused"),
            failed=True,
            offer_person=not handed,
            wants_person="failed-turns" if handed else None,
            notice=self._lines.person_wanted(turn.now) if handed else "",
        )


def _source(passage: Passage) -> Source:
    return Source(id=passage.id, title=passage.title, text=passage.text, source=passage.source)


def _seen(retrieval: Retrieval) -> str:
    best = retrieval.matches[0].passage.id if retrieval.matches else "nothing"
    return f"search: {retrieval.outcome.value} {retrieval.confidence:.2f} {best}"
