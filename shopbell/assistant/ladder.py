"""One turn up the ladder: rule, flow, the shop's own words, the model, a person.

Most turns never need the model, and that is what makes a small machine feel fast. Every answer carries its
rung, its sources and, for staff, what was tried.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import structlog
from msgspec.structs import replace

from shopbell.assistant.clerk import Clerk
from shopbell.assistant.errors import ModelError
from shopbell.assistant.heard import heard, is_about
from shopbell.assistant.lines import Lines
from shopbell.assistant.lookup import Looked, Lookup, source_of
from shopbell.assistant.quoting import Quoter
from shopbell.assistant.reader import Reader
from shopbell.assistant.reading import Abstained, ReadFinished, Sentence
from shopbell.assistant.sifting import Sifter
from shopbell.assistant.turn import Answer, InQueue, Settled, Step, Turn, Words
from shopbell.knowledge.passage import Match, Outcome, Passage
from shopbell.storage.worker import Worker

log = structlog.get_logger()

READ_AT_MOST = 3
"""Passages given to the model."""
FAILURES_BEFORE_PERSON = 2
"""Failed turns in a row after which code asks for a person."""


class Ladder:
    """Climbs rung by rung until one answers."""

    def __init__(
        self,
        *,
        lookup: Lookup,
        sifter: Sifter,
        reader: Reader,
        lines: Lines,
        worker: Worker,
        keep_gap: Callable[[str, Turn], None],
        forget: Callable[[str], None],
    ) -> None:
        """Take the parts: `worker` is the thread that searches, `keep_gap` remembers unanswered questions.

        `forget` drops a conversation from the model's cache.
        """
        self.clerk: Clerk | None = None
        """Does things for customers; None where there is no programme."""
        self._forget = forget
        self._lookup = lookup
        self._quoter = Quoter(lookup=lookup, sifter=sifter, worker=worker)
        self._reader = reader
        self._lines = lines
        self._worker = worker
        self._keep_gap = keep_gap

    def rule(self, text: str) -> str:
        """Return the fixed line an utterance is for; empty for none. Blocks for an embedding."""
        return self._lookup.rule(text)

    def forget(self, conversation: str) -> None:
        """Let the model drop the cached history of a conversation."""
        self._forget(conversation)

    async def respond(self, turn: Turn) -> AsyncGenerator[Step, None]:
        """Yield checked words as they come, and last the whole `Answer`. Consume under `aclosing`."""
        clerk = self.clerk if turn.acts else None
        climbed = self._climb(turn, clerk)
        if clerk is not None:
            climbed = clerk.before(turn, climbed)
        async with aclosing(climbed) as steps:
            async for step in steps:
                yield step

    async def _climb(self, turn: Turn, clerk: Clerk | None = None) -> AsyncGenerator[Step, None]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        found = await self._worker.call(self._lookup.answer, turn)
        search_s = loop.time() - started
        said, looked, known = heard(turn.history), found, None
        if isinstance(found, Answer):
            if found.rung != "faq" or not is_about(turn.text, said):
                yield replace(found, search_s=search_s)
                return
            # A person spoke about this here: their word goes before the general one.
            looked, known = await self._worker.call(self._lookup.look, turn), found
        if clerk is not None and known is None and (asked := await clerk.ask(turn)) is not None:
            yield replace(asked, search_s=search_s)
            return
        if not isinstance(looked, Looked) or (looked.retrieval.outcome is Outcome.NONE and not said):
            async with aclosing(self._refusal(turn, looked.trace)) as steps:
                async for step in steps:
                    yield replace(step, search_s=search_s) if isinstance(step, Answer) else step
            return
        async with aclosing(self._from_model(turn, looked, said, known)) as steps:
            async for step in steps:
                yield replace(step, search_s=search_s) if isinstance(step, Answer) else step

    # --- the model -----------------------------------------------------------------------------------------

    async def _from_model(
        self, turn: Turn, looked: Looked, heard_here: tuple[Passage, ...] = (), known: Answer | None = None
    ) -> AsyncGenerator[Step, None]:
        """Sift what was found, then quote it or read it; what a person said here is read without sifting."""
        said: list[str] = []
        heard_or_known = bool(heard_here) or known is not None
        asked = self._read(turn, looked, heard_here, known) if heard_or_known else self._sift(turn, looked)
        try:
            async with aclosing(asked) as steps:
                async for step in steps:
                    if isinstance(step, Words):
                        said.append(step.text)
                    yield step
        except ModelError as error:
            log.warning("model.unanswered", code=error.code)
            if known is not None and not said:
                yield known
                return
            async with aclosing(self._nearest(turn, looked, said, error)) as steps:
                async for step in steps:
                    yield step

    async def _sift(self, turn: Turn, looked: Looked) -> AsyncGenerator[Step, None]:
        refused = False
        async with aclosing(self._quoter.quote(turn, looked)) as quoting:
            async for quoted in quoting:
                if isinstance(quoted, InQueue):
                    yield quoted
                    continue
                looked = quoted.looked
                if quoted.answer is not None:
                    if quoted.unknown:
                        yield Settled()
                    for question in quoted.unknown:
                        await self._worker.call(self._keep_gap, question, turn)
                    yield quoted.answer
                    return
                refused = quoted.refused
        rest = self._refusal(turn, looked.trace) if refused else self._read(turn, looked, sifted=True)
        async with aclosing(rest) as steps:
            async for step in steps:
                yield step

    async def _read(
        self,
        turn: Turn,
        looked: Looked,
        heard_here: tuple[Passage, ...] = (),
        known: Answer | None = None,
        *,
        sifted: bool = False,
    ) -> AsyncGenerator[Step, None]:
        found = (match.passage for match in looked.retrieval.matches)
        passages = (*heard_here, *found)[:READ_AT_MOST]
        # After a person's words "it" is what they spoke of, not what was asked before them.
        question = turn.text if heard_here else looked.question
        reading = self._reader.read(turn, question, passages, sifted=sifted)
        async with aclosing(reading) as steps:
            async for step in steps:
                match step:
                    case InQueue():
                        yield step
                    case Sentence(text=text):
                        yield Words(text, tuple(passage.id for passage in passages))
                    case ReadFinished():
                        yield _from_reading(step, looked)
                    case Abstained() if known is not None:
                        yield known
                    case Abstained():
                        trace = (*looked.trace, *step.trace)
                        async with aclosing(self._refusal(turn, trace)) as refusing:
                            async for refused in refusing:
                                yield refused

    # --- when nothing else helps ---------------------------------------------------------------------------

    async def _nearest(
        self, turn: Turn, looked: Looked, said: list[str], error: ModelError
    ) -> AsyncGenerator[Step, None]:
        trace = (*looked.trace, f"model: {error.code}")
        if not looked.retrieval.matches:
            async with aclosing(self._refusal(turn, trace)) as steps:
                async for step in steps:
                    yield step
            return
        best: Match = looked.retrieval.matches[0]
        if said:
            yield Answer(
                text="".join(said),
                rung="model",
                sources=(source_of(best.passage),),
                why="The model stopped before it was done; this far it was checked.",
                trace=trace,
                offer_person=True,
            )
            return
        yield Settled()
        await self._worker.call(self._keep_gap, turn.text, turn)
        whole = await self._worker.call(self._lookup.whole, best.passage)
        yield Answer(
            text=self._lines.closest(best.passage.title, whole),
            rung="faq",
            subject=best.passage.id,
            sources=(source_of(best.passage),),
            why="The model could not answer in time, so these are the shop's words nearest to the question.",
            trace=trace,
            offer_person=True,
        )

    async def _refusal(self, turn: Turn, trace: tuple[str, ...]) -> AsyncGenerator[Step, None]:
        recalled = await self.clerk.recall(turn) if self.clerk is not None else None
        if recalled is not None:
            yield replace(recalled, trace=(*trace, *recalled.trace))
            return
        yield Settled()
        await self._worker.call(self._keep_gap, turn.text, turn)
        handed = turn.failures + 1 >= FAILURES_BEFORE_PERSON
        yield Answer(
            text=self._lines.refusal,
            rung="person",
            why="I found nothing in what the shop has written down that answers this, so I do not guess.",
            trace=(*trace, "refused"),
            failed=True,
            offer_person=not handed,
            wants_person="failed-turns" if handed else None,
            notice=self._lines.person_wanted(turn.now) if handed else "",
        )


def _from_reading(finished: ReadFinished, looked: Looked) -> Answer:
    titles = ", ".join(f"“{passage.title}”" for passage in finished.cited)
    return Answer(
        text=finished.reply,
        rung="model",
        subject=finished.cited[0].id if finished.cited else "",
        sources=tuple(source_of(passage) for passage in finished.cited),
        why=f"I put this together from what the shop wrote on {titles}, and checked it against that.",
        trace=(*looked.trace, *finished.trace),
        queue_s=finished.queue_s,
    )
